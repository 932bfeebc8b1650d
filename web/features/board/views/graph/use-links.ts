import type { Ticket } from "../../../../../contracts/project.ts";
import { cycleThrough } from "../../../../../domain/board/dependencies.ts";
import { toast } from "../../../../lib/toast.ts";
import { useBoardParts } from "../../parts.ts";

/** Makes and removes dependencies from the graph. A circle is refused at once, with its way, and a removal can be undone. */
export function useLinks() {
  const { store, writes } = useBoardParts();
  const link = async (ticket: Ticket | undefined, other: Ticket | undefined): Promise<boolean> => {
    if (ticket === undefined || other === undefined || ticket.dependsOn.includes(other.id)) return false;
    const cycle = cycleThrough(store.read(), ticket.id, other.id);
    if (cycle === undefined) return writes.link("link", ticket, other);
    const keys = cycle.map((id) => store.read().tickets.get(id)?.key ?? id).join(" → ");
    toast({
      id: `cycle-${ticket.id}-${other.id}`,
      title: `${ticket.key} can’t depend on ${other.key}`,
      detail: `It would make a circle: ${keys}. Remove one of these dependencies first.`,
    });
    return false;
  };
  const unlink = async (ticket: Ticket | undefined, other: Ticket | undefined): Promise<void> => {
    if (ticket === undefined || other === undefined || !(await writes.link("unlink", ticket, other))) return;
    toast({
      id: `unlinked-${ticket.id}-${other.id}`,
      title: `${ticket.key} no longer depends on ${other.key}`,
      detail: "",
      action: { label: "Undo", run: () => void writes.link("link", ticket, other) },
    });
  };
  return { link, unlink };
}
