import { and, eq, inArray, sql } from "drizzle-orm";
import { finalStates, runStates, type RunState } from "../../../contracts/run-names.ts";
import type { SlotHold, SlotRun } from "../../../domain/board/slots.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import type { Database } from "../client.ts";
import { run } from "../schema/index.ts";

const openStates = runStates.filter((state) => !(finalStates as readonly RunState[]).includes(state));

/** The runs that a project's slots are counted by: those that have not ended, and those that fill the holds. One batch. */
export async function listSlotRuns(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  holds: readonly SlotHold[],
): Promise<readonly SlotRun[]> {
  const { createdAtMs, id, startedByActor, state, ticketId } = run;
  const of = () => db.select({ id, ticketId, state, startedByActor, createdAtMs }).from(run);
  const own = and(eq(run.tenantId, tenantId), sql`+${run.projectId} = ${projectId}`);
  const named = holds.flatMap((hold) => hold.runId ?? []);
  const tickets = holds.map((hold) => hold.ticketId);
  const rows = await db.batch([
    // The plus sign keeps SQLite off the index of all runs of the project, of which nearly all have ended.
    of().where(and(own, inArray(state, openStates))),
    of().where(and(own, inArray(id, named))),
    of().where(and(own, inArray(ticketId, tickets))),
  ]);
  const byId = new Map(rows.flat().map((row) => [row.id, row]));
  return [...byId.values()].map(({ startedByActor: actor, ...row }) => ({ ...row, isOfRule: actor?.kind === "rule" }));
}
