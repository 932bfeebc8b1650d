import { maxAttachments } from "../../../contracts/ticket-parts.ts";
import type { Database } from "../../db/client.ts";
import { auditTickets } from "../../db/stores/board-write.ts";
import {
  countAttachments,
  findAttachment,
  insertAttachment,
  setAttachmentDeleted,
} from "../../db/stores/ticket-attachment.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  commitChange,
  nothing,
  refuseDeleted,
  type BoardState,
  type BoardWrite,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

/** The refusal of one file more than a ticket may have. */
export const tooManyFiles = `A ticket may have at most ${maxAttachments} files. Delete one first.`;

/** Plans a file on a ticket, its deletion or its restoration. */
export async function planAttach(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"attach" | "detach" | "reattach">>,
): Promise<Planned | Refused> {
  const { command } = write;
  const { tenantId } = place;
  const found =
    command.kind === "attach" ? undefined : await findAttachment(db, tenantId, Number(command.attachmentId));
  if (command.kind !== "attach" && found?.projectId !== place.projectId)
    return { ok: false, code: "not_found", detail: "There is no such file." };
  const file = command.kind === "attach" ? command.file : found?.attachment;
  if (file === undefined) return { ok: false, code: "not_found", detail: "There is no such file." };
  const ticketId = String(file.ticketId);
  const refusal = refuseDeleted(state, ticketId, "change its files");
  if (refusal !== undefined) return refusal;
  if (found !== undefined && (found.attachment.deletedAtMs !== null) === (command.kind === "detach")) return nothing;
  if (command.kind !== "detach" && (await countAttachments(db, tenantId, file.ticketId)) >= maxAttachments)
    return { ok: false, code: "conflict", detail: tooManyFiles };
  const statement =
    command.kind === "attach"
      ? insertAttachment(db, tenantId, command.file, write.atMs)
      : setAttachmentDeleted(db, tenantId, Number(command.attachmentId), command.kind === "detach" ? write.atMs : null);
  const action = { attach: "file.attached", detach: "file.deleted", reattach: "file.restored" }[command.kind];
  const change = changeOf(state, write, "ticket.attached", { id: ticketId });
  return {
    ...nothing,
    commit: async () =>
      commitChange(db, place, state, change, [
        statement,
        auditTickets(db, place, write.caller, {
          action,
          tickets: [{ id: ticketId, data: { name: file.name } }],
          atMs: write.atMs,
        }),
      ]),
  };
}
