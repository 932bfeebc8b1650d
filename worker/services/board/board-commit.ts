import type { BoardChange } from "../../../contracts/board.ts";
import type { ImportLine } from "../../../contracts/ticket-transfer.ts";
import type { BoardFacts } from "../../../domain/board/facts.ts";
import type { Database, Statement } from "../../db/client.ts";
import { insertChange, pruneChanges } from "../../db/stores/board-write.ts";
import type { BoardCommand, BoardPlace, BoardResult } from "../../ports/board-host.ts";
import type { Caller } from "../../ports/run-host.ts";

/** The facts of a board that its writes are decided by. */
export interface BoardState extends BoardFacts {
  /** The project's key, which begins its tickets' keys. */
  readonly key: string;
  readonly nextNumber: number;
  readonly isArchived: boolean;
}

/** A write, its caller, and the time in UTC milliseconds. */
export interface BoardWrite<Command extends BoardCommand = BoardCommand> {
  readonly caller: Caller;
  readonly command: Command;
  readonly atMs: number;
}

/** A write that was admitted: `commit` undefined when there is nothing to change. */
export interface Planned {
  readonly ok: true;
  readonly ticketIds: readonly string[];
  /** Those of an import. */
  readonly lines?: readonly ImportLine[];
  readonly commit: (() => Promise<Committed>) | undefined;
  /** Whether the database refused the write because it was done before. */
  readonly isRepeat: (error: unknown) => boolean;
  /** The refusal that an error of the commit means, where it means one. */
  readonly refusalOf?: (error: unknown) => Refused | undefined;
}

export interface Committed {
  /** In the order of their numbers: one, or several of an import. */
  readonly changes: readonly BoardChange[];
  readonly nextNumber: number;
  readonly ticketIds: readonly string[];
}

export type Refused = Extract<BoardResult, { readonly ok: false }>;
export type CommandOf<Kind extends BoardCommand["kind"]> = Extract<BoardCommand, { readonly kind: Kind }>;
export type ChangeData<Type extends BoardChange["type"]> = Extract<BoardChange, { readonly type: Type }>["data"];

/** Changes older than this many are pruned; a client that is further behind reads the board anew. */
const keptChanges = 2_000;
const pruneEvery = 100;

export const nothing: Planned = { ok: true, ticketIds: [], commit: undefined, isRepeat: () => false };

/** Why nothing can be added to a ticket: it is not of this project, or deleted. `wish` ends the sentence "Restore it to". */
export function refuseDeleted(state: BoardState, ticketId: string, wish: string): Refused | undefined {
  const ticket = state.tickets.get(ticketId);
  if (ticket === undefined) return { ok: false, code: "not_found", detail: "There is no such ticket." };
  if (!ticket.isDeleted) return undefined;
  return { ok: false, code: "not_found", detail: `The ticket was deleted. Restore it to ${wish}.` };
}

/** The next change of a board, as its caller makes it. */
export function changeOf<Type extends BoardChange["type"]>(
  state: BoardState,
  { atMs, caller }: Pick<BoardWrite, "atMs" | "caller">,
  type: Type,
  data: ChangeData<Type>,
) {
  return { seq: state.headSeq + 1, atMs, actor: caller.actor, type, data };
}

/** Commits a change with its statements; every hundredth change also prunes old ones. */
export async function commitChange(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  change: BoardChange,
  statements: readonly Statement[],
): Promise<Committed> {
  await db.batch([insertChange(db, place, change), ...statements, ...pruned(db, place, state.headSeq, change.seq)]);
  return { changes: [change], nextNumber: state.nextNumber, ticketIds: [] };
}

/** The statement that forgets old changes, when one of the changes from `after` to `last` is a hundredth. */
export function pruned(db: Database, place: BoardPlace, after: number, last: number): readonly Statement[] {
  const isDue = Math.floor(last / pruneEvery) > Math.floor(after / pruneEvery);
  return isDue ? [pruneChanges(db, place, last - keptChanges)] : [];
}
