import { and, eq, inArray, sql } from "drizzle-orm";
import type { ticketTypes } from "../../../contracts/project.ts";
import type { Database, Statement } from "../client.ts";
import { project, ticket, ticketDependency } from "../schema/index.ts";
import { insertTicket, takeTicketNumber } from "./board.ts";
import { recordAudit } from "./ledger.ts";

/** Tickets of a project that were made from these sources. */
export function findTicketsBySource(db: Database, tenantId: number, projectId: number, sourceKeys: readonly string[]) {
  return db
    .select({
      id: ticket.id,
      number: ticket.number,
      title: ticket.title,
      sourceKey: ticket.sourceKey,
      projectKey: project.key,
    })
    .from(ticket)
    .innerJoin(project, eq(project.id, ticket.projectId))
    .where(
      and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), inArray(ticket.sourceKey, [...sourceKeys])),
    );
}

/** A ticket on its way in; `dependsOn` holds source keys of others of the same batch. */
export interface SourcedTicket {
  readonly sourceKey: string;
  readonly type: (typeof ticketTypes)[number];
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
  readonly dependsOn: readonly string[];
}

/** Where sourced tickets go. */
export interface SourcedTarget {
  readonly tenantId: number;
  /** The run that makes them, for the audit log. */
  readonly runId: string;
  readonly projectId: number;
  readonly repositoryId: number;
  readonly createdBy: number;
  readonly parentTicketId: number | null;
  readonly nowMs: number;
}

/** Inserts all tickets and their dependencies, each with its audit entry, in one batch; it fails as a whole when one of the sources is there already. */
export async function insertSourcedTickets(
  db: Database,
  target: SourcedTarget,
  rows: readonly SourcedTicket[],
): Promise<void> {
  const { createdBy, nowMs, parentTicketId, projectId, repositoryId, runId, tenantId } = target;
  const by = { scope: { tenantId, actor: { kind: "run", id: runId, name: "" }, requestId: "" }, atMs: nowMs } as const;
  const statements: Statement[] = rows.flatMap(({ dependsOn: _dependsOn, ...row }): Statement[] => [
    takeTicketNumber(db, tenantId, projectId),
    insertTicket(db, tenantId, {
      ...row,
      projectId,
      repositoryId,
      parentId: parentTicketId,
      column: "backlog",
      labels: [],
      createdBy,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    }),
    recordAudit(db, by, {
      action: "ticket.created",
      subject: sql`'ticket:' || last_insert_rowid()`,
      data: { projectId: String(projectId), title: row.title },
    }),
  ]);
  const idOf = (sourceKey: string) =>
    sql`(select id from ${ticket} where project_id = ${projectId} and source_key = ${sourceKey})`;
  for (const row of rows) {
    for (const other of row.dependsOn) {
      statements.push(db.insert(ticketDependency).values({ ticketId: idOf(row.sourceKey), dependsOnId: idOf(other) }));
    }
  }
  const [first, ...rest] = statements;
  if (first !== undefined) await db.batch([first, ...rest]);
}
