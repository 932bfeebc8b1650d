import type { Run } from "../../../contracts/run.ts";
import type { ServiceDeps } from "../../context.ts";
import type { RunRow } from "../../db/stores/run.ts";
import { startOnHost } from "./dispatch-run.ts";
import { runView } from "./run-view.ts";

/**
 * The run that a client's key has started already. The first request may have died between the row and the host: a run that has no
 * event yet is handed over once more, which does nothing to one that has begun.
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
