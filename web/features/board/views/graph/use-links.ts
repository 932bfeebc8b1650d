import type { Ticket } from "../../../../../contracts/project.ts";
import { toast } from "../../../../lib/toast.ts";
import { link, unlink, type LinkRefusal } from "../../links.ts";
import { useBoardParts } from "../../parts.ts";

/** Makes and removes dependencies from the graph. A refusal is told with its reason, and a removal can be undone. */
export function useLinks() {
  const parts = useBoardParts();
  const add = async (ticket: Ticket, other: Ticket): Promise<boolean> =>
    isDone(`link-${ticket.id}-${other.id}`, await link(parts, ticket, other));
  return {
    link: async (ticket: Ticket | undefined, other: Ticket | undefined): Promise<boolean> =>
      ticket !== undefined && other !== undefined && !ticket.dependsOn.includes(other.id) && add(ticket, other),
    unlink: async (ticket: Ticket | undefined, other: Ticket | undefined): Promise<void> => {
      if (ticket === undefined || other === undefined) return;
      const id = `unlinked-${ticket.id}-${other.id}`;
      if (!isDone(id, await unlink(parts, ticket, other))) return;
      toast({
        id,
        title: `${ticket.key} no longer depends on ${other.key}`,
        detail: "",
        action: { label: "Undo", run: () => void add(ticket, other) },
      });
    },
  };
}

function isDone(id: string, refusal: LinkRefusal | null): boolean {
  if (refusal !== null) toast({ id, ...refusal });
  return refusal === null;
}
