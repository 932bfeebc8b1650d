import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePaused } from "../../../lib/paused.ts";
import { ticketSearchQuery } from "../../../lib/queries.ts";

const noHits: ReadonlySet<string> = new Set();

/** The project's tickets in whose longer texts the server has found a text, once there is one to search for. */
export function useTextHits(projectId: string, text: string) {
  const asked = usePaused(text.trim());
  const enabled = Array.from(asked).length >= 3 && asked.length <= 200;
  const query = useQuery({
    ...ticketSearchQuery(asked, projectId),
    enabled,
    // While a word grows the hits of its beginning stay, so that cards don't blink; those of another text don't.
    placeholderData: (hits, before) => (asked.startsWith(before?.queryKey[2] ?? asked) ? hits : undefined),
  });
  const items = enabled && text.trim().startsWith(asked) ? query.data : undefined;
  const hits = useMemo(() => (items === undefined ? noHits : new Set(items.map(({ id }) => id))), [items]);
  return { hits, failed: enabled && query.isError };
}
