import { refuseEdit, refuseParent } from "../../../domain/board/edits.ts";
import type { Database } from "../../db/client.ts";
import { findBoardTickets, findPeople } from "../../db/stores/board-read.ts";
import { auditTickets, setDeleted, updateTicket } from "../../db/stores/board-write.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  commitChange,
  nothing,
  type BoardState,
  type BoardWrite,
  type ChangeData,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

/** Plans an edit of one ticket's fields; refused when the ticket is at another version than the editor has seen. */
export async function planEdit(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"edit">>,
): Promise<Planned | Refused> {
  const { edit, ticketId } = write.command;
  const { assigneeId, parentId, repositoryId, version, ...given } = edit;
  const texts = withoutUndefined(given);
  const refusal =
    refuseEdit(state, ticketId, version) ??
    (parentId === undefined ? undefined : refuseParent(state, ticketId, parentId));
  if (refusal !== undefined) return refusal;
  const number = (id: string | null): number | null => (id === null ? null : Number(id));
  const [assignee] = assigneeId === undefined || assigneeId === null ? [] : await findPeople(db, [Number(assigneeId)]);
  const fields: ChangeData<"ticket.edited">["fields"] = {
    ...texts,
    ...(assigneeId === undefined ? {} : { assignee: assignee ?? null }),
    ...(repositoryId === undefined ? {} : { repositoryId }),
    ...(parentId === undefined ? {} : { parentId }),
  };
  if (Object.keys(fields).length === 0) return nothing;
  const change = changeOf(state, write, "ticket.edited", { id: ticketId, version: version + 1, fields });
  const columns = {
    ...texts,
    ...(assigneeId === undefined ? {} : { assigneeId: number(assigneeId) }),
    ...(repositoryId === undefined ? {} : { repositoryId: number(repositoryId) }),
    ...(parentId === undefined ? {} : { parentId: number(parentId) }),
  };
  const tickets = [{ id: ticketId, data: { fields: Object.keys(fields) } }];
  return {
    ...nothing,
    commit: async () =>
      commitChange(db, place, state, change, [
        updateTicket(db, place, ticketId, columns, write.atMs),
        auditTickets(db, place, write.caller, { action: "ticket.edited", tickets, atMs: write.atMs }),
      ]),
  };
}

/** Plans a deletion or a restoration; tickets that are so already are left out. */
export async function planDeletion(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"delete" | "restore">>,
): Promise<Planned | Refused> {
  const { kind, ticketIds } = write.command;
  const missing = ticketIds.find((id) => !state.tickets.has(id));
  if (missing !== undefined) return { ok: false, code: "not_found", detail: "There is no such ticket." };
  const restores = kind === "restore";
  const ids = ticketIds.filter((id) => state.tickets.get(id)?.isDeleted === restores);
  if (ids.length === 0) return nothing;
  const change = restores
    ? changeOf(state, write, "tickets.restored", { tickets: await findBoardTickets(db, place, ids) })
    : changeOf(state, write, "tickets.deleted", { ids });
  const action = restores ? "ticket.restored" : "ticket.deleted";
  const tickets = ids.map((id) => ({ id, data: {} }));
  return {
    ...nothing,
    commit: async () =>
      commitChange(db, place, state, change, [
        setDeleted(db, place, ids, restores ? null : write.atMs, write.atMs),
        auditTickets(db, place, write.caller, { action, tickets, atMs: write.atMs }),
      ]),
  };
}

/** The fields that have a value. */
function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
