import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ticketSearchQuery } from "../../../lib/queries.ts";

const noHits: ReadonlySet<string> = new Set();
/** Letters that follow sooner than this ask together. */
const pauseMs = 250;

/** The project's tickets in whose longer texts the server has found a text, once there is one to search for. */
export function useTextHits(projectId: string, text: string) {
  const asked = usePaused(text.trim());
  const enabled = Array.from(asked).length >= 3 && asked.length <= 200;
  const query = useQuery({ ...ticketSearchQuery(asked, projectId), enabled, placeholderData: keepPreviousData });
  const items = enabled && text.trim() !== "" ? query.data : undefined;
  const hits = useMemo(() => (items === undefined ? noHits : new Set(items.map(({ id }) => id))), [items]);
  return { hits, failed: enabled && query.isError };
}

/** A text as it was when it had rested for a moment. */
export function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
