import { linked, refuseLink } from "../../../domain/board/dependencies.ts";
import type { Database } from "../../db/client.ts";
import { auditTickets, writeDependency } from "../../db/stores/board-write.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  commitChange,
  nothing,
  type BoardState,
  type BoardWrite,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

/** Plans that a ticket depends on another one, or no more. One that is so already changes nothing. */
export function planLink(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"link" | "unlink">>,
): Planned | Refused {
  const { dependsOn, kind, ticketId } = write.command;
  const refusal = refuseLink(state, ticketId, dependsOn, kind);
  if (refusal !== undefined) return refusal;
  const next = linked(state, ticketId, dependsOn, kind);
  if (next === undefined) return nothing;
  const change = changeOf(state, write, "ticket.linked", { id: ticketId, dependsOn: [...next] });
  const other = { id: dependsOn, key: state.tickets.get(dependsOn)?.key ?? "" };
  const action = kind === "link" ? "ticket.linked" : "ticket.unlinked";
  return {
    ...nothing,
    commit: async () =>
      commitChange(db, place, state, change, [
        writeDependency(db, place, write.command),
        auditTickets(db, place, write.caller, {
          action,
          tickets: [{ id: ticketId, data: { dependsOn: other } }],
          atMs: write.atMs,
        }),
      ]),
  };
}
