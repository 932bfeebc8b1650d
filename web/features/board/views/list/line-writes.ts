import type { Ticket } from "../../../../../contracts/project.ts";
import { useMe } from "../../../../lib/me.ts";
import { toast } from "../../../../lib/toast.ts";
import type { EditedFields } from "../../model/own-writes.ts";
import { useBoardParts } from "../../parts.ts";
import { whyNotSaved } from "../../writes.ts";

/** The writes of one line, which are shown at once and taken back with the reason where the server refuses. */
export function useLineWrites(ticket: Ticket) {
  const { writes } = useBoardParts();
  const { me } = useMe();
  const { avatarUrl, id, name } = me.user;
  const edit = async (fields: EditedFields): Promise<void> => {
    const outcome = await writes.edit(ticket, fields);
    if (outcome.kind === "saved") return;
    toast({ id: `edit-${ticket.id}`, title: `${ticket.key} was not changed`, detail: whyNotSaved(outcome) });
  };
  return {
    edit,
    assignSelf: () => void edit({ assignee: { id, name, avatarUrl } }),
    move: (column: Ticket["column"]) => void writes.move([ticket.id], { column, before: null }),
    remove: () => void writes.delete(ticket),
  };
}
