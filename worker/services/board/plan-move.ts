import { findColumn, firstOfStage } from "../../../domain/board/columns.ts";
import { decideMove } from "../../../domain/board/moves.ts";
import type { Database } from "../../db/client.ts";
import { auditTickets, isMoveRepeated, updatePlaces } from "../../db/stores/board-write.ts";
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

/** Plans a person's move. With `effectKey` it is done once for that key. */
export function planMove(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"move">>,
  effectKey?: string,
): Planned | Refused {
  const decided = decideMove(state, write.command.move);
  if (!decided.ok) return decided;
  const { moved } = decided;
  if (moved === undefined) return nothing;
  const change = changeOf(state, write, "tickets.moved", moved);
  const asked = new Set(write.command.move.ticketIds);
  const entries = moved.moves
    .filter(({ id }) => asked.has(id))
    .map(({ id }) => ({ id, data: { from: state.tickets.get(id)?.column ?? null, to: moved.column } }));
  const entry = { action: "ticket.moved", tickets: entries, atMs: write.atMs };
  return {
    ...nothing,
    isRepeat: (error) => effectKey !== undefined && isMoveRepeated(error),
    commit: async () =>
      commitChange(db, place, state, change, [
        updatePlaces(db, place, moved, write.atMs),
        auditTickets(db, place, write.caller, effectKey === undefined ? entry : { ...entry, effectKey }),
      ]),
  };
}

/**
 * Plans a run's move of its ticket to the first column of a stage in its board: one that a person has moved elsewhere, or deleted, stays,
 * and so does one whose board has no such column.
 */
export function planRunMove(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"run_move">>,
): Planned | Refused {
  const { effectKey, from, ticketId, to } = write.command;
  const ticket = state.tickets.get(ticketId);
  const at = ticket === undefined || ticket.isDeleted ? undefined : findColumn(state.boards, ticket.column);
  if (at === undefined || !from.includes(at.column.stage)) return nothing;
  const column = firstOfStage(at.board, to);
  if (column === undefined) return nothing;
  const move = { ticketIds: [ticketId], column: column.id, before: null };
  return planMove(db, place, state, { ...write, command: { kind: "move", move } }, effectKey);
}
