import { and, eq, inArray, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { SetAutopilot } from "../../../contracts/autopilot.ts";
import { runModes } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { Database, Statement } from "../client.ts";
import { project, run, ticket } from "../schema/index.ts";

/** Modes whose runs do a ticket's work; others ask about it or review it. */
const workModes = runModes.filter((mode) => modes[mode].product === "patch_set");

/**
 * A project's autopilot as D1 has it: its settings, and of these tickets type, priority and the newest
 * version that a run was started on to do its work. Undefined without the project. One batch. A run of before versions were kept counts as version 1.
 */
export async function readAutopilot(db: Database, { projectId, tenantId }: BoardPlace, ticketIds: readonly string[]) {
  const isNamed = (id: SQLiteColumn) =>
    sql`${id} in (select value from json_each(${JSON.stringify(ticketIds.map(Number))}))`;
  const [projects, tickets, taken] = await db.batch([
    db
      .select({ level: project.autopilot, slots: project.autopilotSlots, archivedAtMs: project.archivedAtMs })
      .from(project)
      .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId))),
    db
      .select({ id: ticket.id, type: ticket.type, priority: ticket.priority })
      .from(ticket)
      .where(and(eq(ticket.tenantId, tenantId), eq(ticket.projectId, projectId), isNamed(ticket.id))),
    db
      .select({
        ticketId: run.ticketId,
        version: sql<number>`max(cast(coalesce(json_extract(${run.options}, '$.ticketVersion'), 1) as integer))`,
      })
      .from(run)
      .where(and(isNamed(run.ticketId), eq(run.tenantId, tenantId), inArray(run.mode, workModes)))
      .groupBy(run.ticketId),
  ]);
  const [found] = projects;
  return found === undefined ? undefined : { ...found, tickets, taken };
}
export type StoredAutopilot = NonNullable<Awaited<ReturnType<typeof readAutopilot>>>;

/** Sets a project's autopilot. */
export function setAutopilot(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  { level, slots }: SetAutopilot,
): Statement {
  return db
    .update(project)
    .set({
      ...(level === undefined ? {} : { autopilot: level }),
      ...(slots === undefined ? {} : { autopilotSlots: slots }),
    })
    .where(and(eq(project.tenantId, tenantId), eq(project.id, projectId)));
}
