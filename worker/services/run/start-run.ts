import { sql } from "drizzle-orm";
import type { Run, StartRun } from "../../../contracts/run.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findRun, type RunRow } from "../../db/stores/run.ts";
import { insertRun, type RunStartRow } from "../../db/stores/start-run.ts";
import { checkStart } from "./check-start.ts";
import { dispatchNewRun } from "./dispatch-run.ts";
import { answerKnownRun } from "./known-run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { runView } from "./run-view.ts";
import { readStart, type StartFacts } from "./start-facts.ts";

/**
 * Starts a run. `run.start`, for a review `run.start_review`. One batch reads everything and takes the run's number; then the run's host
 * is told, with a queue message and a sweep behind it, while the row and its audit entry are written. The same idempotency key answers
 * with the run that it started. `unknown_repository` when the project does not have it, `unknown_model`, `model_unavailable` without a
 * key, `invalid_request` for a foreign ticket, a branch name that git refuses, an image that was not uploaded, or a pull request that is
 * not there or not open; `unavailable` when the forge can't say.
 *
 * @param read what `readStartOfSession` has read already, for a caller whose scope came out of the same batch
 */
export async function startRun(deps: ServiceDeps, scope: Scope, input: StartRun, read?: StartFacts): Promise<Run> {
  requirePermission(scope, modes[input.mode].permissions.start);
  const facts = read ?? (await readStart(deps, scope, input));
  if (facts.known !== undefined) return answerKnownRun(deps, facts.known);
  const start = await checkStart(deps, scope, input, facts);
  const [, run] = await Promise.all([dispatchNewRun(deps, start, facts.instructions), writeRow(deps, scope, start)]);
  return run;
}

/**
 * Writes the run's row and its audit entry in one commit, once: a request with the same key at the same time may have written it. Answers
 * the run as it is in the database.
 */
async function writeRow({ db }: ServiceDeps, scope: Scope, start: RunStartRow): Promise<Run> {
  const { run } = start;
  const entry = { action: "run.started", subject: `run:${run.id}`, data: { mode: run.mode, model: run.model } };
  const [made] = await db.batch([
    insertRun(db, run),
    recordAudit(db, { scope, atMs: run.createdAtMs }, entry, sql`changes() = 1`),
  ]);
  if (made.length === 1) return runView(asRow(start));
  const row = await findRun(db, run.tenantId, run.id);
  if (row === undefined) throw new Error(`the number ${run.id} belongs to a run of another tenant`);
  return runView(row);
}

/** A start as a row of a list: its first repository stands for all. */
function asRow({ repositories, run, starter }: RunStartRow): Pick<RunRow, "run" | "repository" | "starter"> {
  const [repository] = repositories;
  if (repository === undefined) throw new Error("a run starts with at least one repository");
  return { run, starter, repository };
}
