import type { Run } from "../../../contracts/run.ts";
import type { ServiceDeps } from "../../context.ts";
import { selectRun, type RunRow } from "../../db/stores/run.ts";
import { systemCaller } from "../../ports/run-host.ts";
import { startOnHost } from "./dispatch-run.ts";
import { runView } from "./run-view.ts";

const caller = systemCaller("start");

/**
 * The run that a client's key has started already. A row without an event is of the time when the row came first, and its request may
 * have died before the call to the host: it is sent once more, which does nothing to a run that has begun.
 */
export async function answerKnownRun(deps: ServiceDeps, row: RunRow): Promise<Run> {
  if (row.run.headSeq === 0) {
    const { id, tenantId } = row.run;
    try {
      deps.enqueueRun({ tenantId, runId: id });
      await startOnHost(deps, tenantId, id);
    } catch (error) {
      deps.log("warn", "run not dispatched directly", { runId: String(id), detail: String(error) });
    }
  }
  return runView(row);
}

/**
 * A run of the tenant whose row may not be there yet: its host writes it first. Undefined when the number belongs to a run that was
 * never started. Throws what the host and the database throw.
 *
 * @param id a number that the tenant has taken
 */
export async function findStartedRun(
  deps: Pick<ServiceDeps, "db" | "runs">,
  tenantId: number,
  id: number,
): Promise<RunRow | undefined> {
  const written = await deps.runs.command(id, caller, { kind: "write_row" });
  return written.ok ? (await selectRun(deps.db, tenantId, id))[0] : undefined;
}
