import type { BoardTicket } from "../../../contracts/board.ts";
import type { ImportDecision } from "../../../domain/board/import.ts";
import type { ImportedFields, TicketRef } from "../../../domain/board/import-fields.ts";
import { ranksAtEnd } from "../../../domain/board/moves.ts";
import type { Database } from "../../db/client.ts";
import { findPeople } from "../../db/stores/board-read.ts";
import type { NumberedTicket } from "../../db/stores/board-write.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { BoardState, BoardWrite, CommandOf } from "./board-commit.ts";
import { boardTicket } from "./plan-create.ts";

/** A ticket that an import makes or changes. */
export interface ImportedTicket {
  readonly number: number;
  /** As it is after the import; the ids of a new one, of its parent and of those that it depends on come with the commit. */
  readonly ticket: BoardTicket;
  /** The row of a new one. */
  readonly row: NumberedTicket | null;
  /** The columns that are another than before, of one that was there. */
  readonly changed: readonly string[];
  readonly parent: number | null;
  readonly dependsOn: readonly number[];
}

interface Decided {
  readonly state: BoardState;
  readonly write: BoardWrite<CommandOf<"import">>;
  readonly decisions: readonly ImportDecision[];
  /** The tickets that rows change, as they are. */
  readonly known: readonly BoardTicket[];
  /** The numbers of new tickets by their lines. */
  readonly numbers: ReadonlyMap<number, number>;
  readonly sourceKeyOf: (line: number) => string;
}

/** The tickets to write, in the order of the file. Those that come to a column stand at its end in that order. */
export async function importedTickets(
  db: Database,
  place: BoardPlace,
  { decisions, known, numbers, sourceKeyOf, state, write }: Decided,
): Promise<readonly ImportedTicket[]> {
  const { atMs, command } = write;
  const before = new Map(known.map((ticket) => [ticket.id, ticket]));
  const written = decisions.filter((each) => each.status === "created" || each.status === "updated");
  const rankOf = ranksOf(
    state,
    written.flatMap((each) => {
      const old = each.status === "updated" ? before.get(each.ticketId)?.column : undefined;
      return old === each.fields.column ? [] : [{ line: each.line, column: each.fields.column }];
    }),
  );
  const assigned = written.flatMap(({ fields }) => (fields.assigneeId === null ? [] : Number(fields.assigneeId)));
  const people = await findPeople(db, [...new Set(assigned)]);
  const numberOf = (ref: TicketRef): number =>
    ("line" in ref ? numbers.get(ref.line) : numberOfKey(state.tickets.get(ref.ticketId)?.key)) ?? 0;
  return written.flatMap((each): ImportedTicket[] => {
    const { fields, line } = each;
    const refs = {
      parent: fields.parent === null ? null : numberOf(fields.parent),
      dependsOn: fields.dependsOn.map(numberOf),
    };
    if (each.status === "created") {
      const number = numbers.get(line) ?? 0;
      const createdBy = command.file.createdBy;
      const row = { ...rowOf(fields), number, createdBy, rank: rankOf(line) ?? "", sourceKey: sourceKeyOf(line) };
      const ticket = boardTicket(state.key, place.projectId, row, people, atMs);
      return [{ number, ticket, row, changed: [], ...refs }];
    }
    const old = before.get(each.ticketId);
    if (old === undefined) return [];
    const { parent: _parent, dependsOn: _dependsOn, assigneeId, ...texts } = fields;
    const ticket: BoardTicket = {
      ...old,
      ...texts,
      labels: [...fields.labels],
      assignee: assigneeId === old.assignee?.id ? old.assignee : (people.find(({ id }) => id === assigneeId) ?? null),
      rank: rankOf(line) ?? old.rank,
      version: isEdit(each.changed) ? old.version + 1 : old.version,
      updatedAtMs: atMs,
    };
    return [{ number: numberOfKey(old.key), ticket, row: null, changed: each.changed, ...refs }];
  });
}

/** Places and dependencies are no part of the version: who edits a ticket is not disturbed by them. */
function isEdit(changed: readonly string[]): boolean {
  return changed.some((field) => !["board", "column", "depends_on"].includes(field));
}

/** The number of a ticket of the project, by its key. */
export function numberOfKey(key: string | undefined): number {
  return Number(key?.split("-").at(-1) ?? 0);
}

function rowOf({ assigneeId, dependsOn: _dependsOn, parent: _parent, repositoryId, ...fields }: ImportedFields) {
  const number = (id: string | null): number | null => (id === null ? null : Number(id));
  return { ...fields, assigneeId: number(assigneeId), repositoryId: number(repositoryId), parentId: null };
}

/** The ranks of the lines that come to a column, at its end. */
function ranksOf(
  state: BoardState,
  coming: readonly { readonly line: number; readonly column: string }[],
): (line: number) => string | undefined {
  const ranks = new Map<number, string>();
  for (const [column, lines] of Map.groupBy(coming, (each) => each.column)) {
    const given = ranksAtEnd(state, column, lines.length);
    for (const [index, { line }] of lines.entries()) ranks.set(line, given[index] ?? "");
  }
  return (line) => ranks.get(line);
}
