import { and, asc, eq, isNotNull, max, sql } from "drizzle-orm";
import type { BoardChange, BoardLayout } from "../../../contracts/board.ts";
import { defaultColumns } from "../../../domain/board/columns.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { Database, Statement } from "../client.ts";
import { board, boardChange, project, ticket } from "../schema/index.ts";
import type { projectIdOf } from "./project.ts";

const ofProject = ({ projectId, tenantId }: BoardPlace) =>
  and(eq(board.tenantId, tenantId), eq(board.projectId, projectId));

/** The boards of a project in their order. */
export function selectBoards(db: Database, place: BoardPlace) {
  return db
    .select({ id: board.id, name: board.name, columns: board.columns })
    .from(board)
    .where(ofProject(place))
    .orderBy(asc(board.id));
}

/** The boards of a project with the number of its newest change. One batch. */
export async function readBoards(db: Database, place: BoardPlace) {
  const [rows, heads] = await db.batch([
    selectBoards(db, place),
    db
      .select({ seq: max(boardChange.seq) })
      .from(boardChange)
      .where(eq(boardChange.projectId, place.projectId)),
  ]);
  return { headSeq: heads[0]?.seq ?? 0, boards: rows.map(boardLayout) };
}

/** A row of `selectBoards` as the API shows it. */
export function boardLayout({ columns, id, name }: Awaited<ReturnType<typeof selectBoards>>[number]): BoardLayout {
  return { id: String(id), name, columns: columns.map((column) => ({ ...column })) };
}

/** The first board of a project that the same batch makes. */
export function insertFirstBoard(
  db: Database,
  tenantId: number,
  projectId: ReturnType<typeof projectIdOf>,
  atMs: number,
): Statement {
  return db.insert(board).values({ tenantId, projectId, name: "Board", columns: defaultColumns(), createdAtMs: atMs });
}

/** Adds a board. */
export function insertBoard(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  { columns, name }: BoardLayout,
  atMs: number,
) {
  return db.insert(board).values({ tenantId, projectId, name, columns, createdAtMs: atMs }).returning({ id: board.id });
}

/** Stores the change of a new board, which is its last and whose id the batch has just given. */
export function insertBoardCreated(db: Database, { projectId, tenantId }: BoardPlace, change: BoardChange): Statement {
  const id = sql`cast((select max(id) from ${board} where tenant_id = ${tenantId} and project_id = ${projectId}) as text)`;
  return db
    .insert(boardChange)
    .select(
      sql`select ${projectId}, ${change.seq}, ${tenantId}, json_set(${JSON.stringify(change)}, '$.data.boards[#-1].id', ${id})`,
    );
}

/** Writes a board's name and columns. */
export function updateBoard(db: Database, place: BoardPlace, { columns, id, name }: BoardLayout): Statement {
  return db
    .update(board)
    .set({ name, columns })
    .where(and(ofProject(place), eq(board.id, Number(id))));
}

/** Deletes a board. */
export function deleteBoard(db: Database, place: BoardPlace, id: string): Statement {
  return db.delete(board).where(and(ofProject(place), eq(board.id, Number(id))));
}

/** Puts the deleted tickets of a column that was removed into another one. */
export function relocateDeleted(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  { from, to }: { readonly from: string; readonly to: string },
): Statement {
  return db
    .update(ticket)
    .set({ column: to })
    .where(
      and(
        eq(ticket.tenantId, tenantId),
        eq(ticket.projectId, projectId),
        eq(ticket.column, from),
        isNotNull(ticket.deletedAtMs),
      ),
    );
}

type ChangedProject = Extract<BoardChange, { readonly type: "project.changed" }>["data"]["fields"];

/** Writes fields of a project; the batch fails with a unique violation when the tenant has another one of its key. */
export function updateProject(db: Database, { projectId, tenantId }: BoardPlace, fields: ChangedProject): Statement {
  return db
    .update(project)
    .set({ ...fields })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}
