import type { Run, StartRun } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { projectRun } from "../../../domain/run/projection.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { ServiceError } from "../../errors.ts";
import type { CommandResult, SocketGrant, StartCommand } from "../../ports/run-host.ts";
import { takeQuota } from "../tenancy/quota.ts";
import { checkStart } from "./check-start.ts";
import { callerOf } from "./command-run.ts";
import { toRunStart } from "./dispatch-run.ts";
import { firstView } from "./first-events.ts";
import { answerKnownRun, findStartedRun } from "./known-run.ts";
import { runView } from "./run-view.ts";
import { newNumber, readStart, type StartFacts } from "./start-facts.ts";

/**
 * Starts a run. `run.start`, for a review `run.start_review`. One batch reads everything and takes the run's number. It then calls the host,
 * whose first commit is the run: row and audit entry are effects of it, and the answer does not wait for them. The same
 * idempotency key answers with the run that it started. `unknown_repository` when the project does not have it, `unknown_model`,
 * `model_unavailable` without a key, `invalid_request` for a foreign ticket, a branch name that git refuses, an image that was not
 * uploaded, or a pull request that is not there or not open; `rate_limited` for a tenant that starts too many; `unavailable` when the forge can't say or the host can't be reached.
 *
 * @param read what `readStartOfSession` has read already, for a caller whose scope came out of the same batch; such a caller has
 *   counted a start with a new number (`newNumber`) with its request, so that both are one wait
 * @param grant lets the caller's session open the new run's first socket
 */
export async function startRun(
  deps: ServiceDeps,
  scope: Scope,
  input: StartRun,
  read?: StartFacts,
  grant?: SocketGrant,
): Promise<Run> {
  requirePermission(scope, modes[input.mode].permissions.start);
  const facts = read ?? (await readStart(deps, scope, input));
  if (facts.known !== undefined) return answerKnownRun(deps, facts.known);
  if (facts.number?.isNew === false) {
    const row = await findStartedRun(deps, scope.tenantId, facts.number.id);
    if (row !== undefined) return runView(row);
  }
  if (read === undefined || newNumber(read) === undefined) await takeQuota(deps, scope.tenantId, "starts");
  const row = await checkStart(deps, scope, input, facts);
  const start = toRunStart(row, facts.instructions, { withRow: true });
  const { id, createdAtMs } = row.run;
  const workAfterMs = deps.runPace.workAfterMs(scope.tenantId, deps.now());
  const answer = await tellHost(deps, scope, id, { start, workAfterMs, ...(grant === undefined ? {} : { grant }) });
  if (!answer.ok) throw new ServiceError(answer.code, answer.detail);
  if (answer.existed === true) {
    const started = await findStartedRun(deps, scope.tenantId, id);
    if (started === undefined) throw new Error(`the number ${id} belongs to a run of another tenant`);
    return runView(started);
  }
  if (facts.number?.isNew === false) await writeRow(deps, scope.tenantId, id);
  const [repository] = row.repositories;
  if (repository === undefined) throw new Error("a run starts with at least one repository");
  const { headSeq, view } = firstView(start, createdAtMs);
  const run = { ...row.run, ...projectRun(view, headSeq, createdAtMs) };
  return runView({ run, repository, starter: row.starter });
}

/**
 * Has the row of a run written whose number was taken by an earlier start: lists look for runs without a row among the newest numbers
 * only. Where that fails, the row follows by itself.
 */
async function writeRow(deps: ServiceDeps, tenantId: number, id: number): Promise<void> {
  try {
    await findStartedRun(deps, tenantId, id);
  } catch (error) {
    deps.log("warn", "a new run's row is not written", { runId: String(id), detail: String(error) });
  }
}

/** Starting is safe to repeat, so a host that was moved in between is asked once more. */
async function tellHost(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  begin: Omit<StartCommand, "kind">,
): Promise<CommandResult> {
  const tell = (): Promise<CommandResult> => deps.runs.command(id, callerOf(scope), { kind: "start", ...begin });
  try {
    return await tell().catch(tell);
  } catch (error) {
    deps.log("error", "run not started", { runId: String(id), detail: String(error) });
    throw new ServiceError("unavailable", "The run could not be started. Try again in a moment.");
  }
}
