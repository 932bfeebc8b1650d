import type { BoardChange } from "../../../contracts/board.ts";
import type { Database, Statement } from "../../db/client.ts";
import { auditTickets, insertCreated, insertTickets, setNextNumber } from "../../db/stores/board-write.ts";
import { updateImported, writeDependencies, writeParents } from "../../db/stores/ticket-transfer.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import { changeOf, pruned, type BoardState, type BoardWrite, type CommandOf, type Committed } from "./board-commit.ts";
import { numberOfKey, type ImportedTicket } from "./imported-tickets.ts";

/** Bytes of the tickets that one statement and one change carry: far below D1's 2 MB for a value, also where JSON escapes characters. */
const chunkBytes = 500_000;

/** Writes all tickets of an import in one batch, with a numbered change for each chunk of them. */
export async function commitImport(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"import">>,
  tickets: readonly ImportedTicket[],
): Promise<Omit<Committed, "ticketIds"> & { readonly idOf: (number: number) => string | undefined }> {
  const chunks = chunksOf(tickets);
  const nextNumber = state.nextNumber + tickets.filter(({ row }) => row !== null).length;
  const changes = chunks.map((chunk, index) => ({
    ...changeOf(state, write, "tickets.imported", { tickets: chunk.map(({ ticket }) => ticket) }),
    seq: state.headSeq + 1 + index,
  }));
  const inserts = chunks.flatMap((chunk) => {
    const rows = chunk.flatMap(({ row }) => row ?? []);
    return rows.length === 0 ? [] : [insertTickets(db, place, rows, write.atMs)];
  });
  const results = await db.batch([
    setNextNumber(db, place, nextNumber),
    ...inserts,
    ...updates(db, place, chunks),
    ...links(db, place, tickets),
    ...changes.map((change, index) =>
      insertCreated(
        db,
        place,
        change,
        (chunks[index] ?? []).map(({ number }) => number),
      ),
    ),
    ...chunks.flatMap((chunk) => audits(db, place, write, chunk)),
    ...pruned(db, place, state.headSeq, state.headSeq + changes.length),
  ]);
  const inserted = results.slice(1, 1 + inserts.length) as unknown as readonly (readonly InsertedRow[])[];
  const ids = new Map(inserted.flat().map(({ id, number }) => [number, String(id)]));
  return { changes: withIds(changes, chunks, state, ids), nextNumber, idOf: (number) => ids.get(number) };
}

interface InsertedRow {
  readonly id: number;
  readonly number: number;
}

type Imported = Extract<BoardChange, { readonly type: "tickets.imported" }>;

function withIds(
  changes: readonly Imported[],
  chunks: readonly (readonly ImportedTicket[])[],
  state: BoardState,
  made: ReadonlyMap<number, string>,
): readonly Imported[] {
  const ids = new Map([...[...state.tickets.values()].map(({ id, key }) => [numberOfKey(key), id] as const), ...made]);
  const idOf = (number: number): string => ids.get(number) ?? "";
  return changes.map((change, index) => ({
    ...change,
    data: {
      tickets: (chunks[index] ?? []).map(({ dependsOn, number, parent, ticket }) => ({
        ...ticket,
        id: idOf(number),
        parentId: parent === null ? null : idOf(parent),
        dependsOn: [...new Set(dependsOn.map(idOf))].toSorted((a, b) => Number(a) - Number(b)),
      })),
    },
  }));
}

function chunksOf(tickets: readonly ImportedTicket[]): readonly (readonly ImportedTicket[])[] {
  const encoder = new TextEncoder();
  const chunks: ImportedTicket[][] = [];
  let left = 0;
  for (const each of tickets) {
    const bytes = encoder.encode(JSON.stringify(each.ticket)).length;
    if (bytes > left) {
      chunks.push([]);
      left = chunkBytes;
    }
    chunks.at(-1)?.push(each);
    left -= bytes;
  }
  return chunks;
}

function updates(
  db: Database,
  place: BoardPlace,
  chunks: readonly (readonly ImportedTicket[])[],
): readonly Statement[] {
  return chunks.flatMap((chunk) => {
    const old = chunk.filter(({ row }) => row === null);
    return old.length === 0
      ? []
      : [
          updateImported(
            db,
            place,
            old.map(({ ticket }) => ticket),
          ),
        ];
  });
}

function links(db: Database, place: BoardPlace, tickets: readonly ImportedTicket[]): readonly Statement[] {
  const parents = tickets.filter(({ changed, parent, row }) =>
    row === null ? changed.includes("parent") : parent !== null,
  );
  const dependents = tickets.filter(({ changed, dependsOn, row }) =>
    row === null ? changed.includes("depends_on") : dependsOn.length > 0,
  );
  return [
    ...writeParents(
      db,
      place,
      parents.map(({ number, parent }) => ({ from: number, to: parent })),
    ),
    ...writeDependencies(
      db,
      place,
      dependents.map(({ number }) => number),
      dependents.flatMap(({ dependsOn, number }) => dependsOn.map((to) => ({ from: number, to }))),
    ),
  ];
}

function audits(
  db: Database,
  place: BoardPlace,
  { atMs, caller }: BoardWrite,
  chunk: readonly ImportedTicket[],
): readonly Statement[] {
  const projectId = String(place.projectId);
  const created = chunk.filter(({ row }) => row !== null);
  const changed = chunk.filter(({ row }) => row === null);
  const entries = {
    "ticket.created": created.map(({ number, ticket: { title } }) => ({ number, data: { projectId, title } })),
    "ticket.edited": changed.map(({ changed: fields, ticket: { id } }) => ({ id, data: { fields } })),
  };
  return Object.entries(entries).flatMap(([action, tickets]) =>
    tickets.length === 0 ? [] : [auditTickets(db, place, caller, { action, tickets, atMs })],
  );
}
