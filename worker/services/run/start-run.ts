import { sql } from "drizzle-orm";
import type { Run, RunConstraints, RunLimits, StartRun } from "../../../contracts/run.ts";
import { isBranchName } from "../../../domain/patch-set/branch-name.ts";
import { allowedPathProblem } from "../../../domain/policy/allowed-paths.ts";
import type { RunOptions } from "../../db/schema/run.ts";
import { requirePermission, type ServiceContext } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import { listInstructionsFor } from "../../db/stores/instruction.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { findProjectRepository, findRunByKey, findStartTicket, insertRun } from "../../db/stores/run.ts";
import { ServiceError } from "../../errors.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgePullDetails, RepositoryRef } from "../../ports/forge.ts";
import { findImages } from "../upload/images.ts";
import { tenantModels, usableModel } from "../model/tenant-models.ts";
import { dispatchNewRun } from "./dispatch-run.ts";
import { answerKnownRun } from "./known-run.ts";
import { permissionsOf } from "./run-role.ts";
import { runView } from "./run-view.ts";

/**
 * Starts a run. `dev` and above, a review also `qa`. The row and its audit are one commit; then the run's host is called at once, with a queue
 * message and a sweep behind it. The same idempotency key answers with the run that it started. `unknown_repository` when the
 * project does not have it, `unknown_model`, `model_unavailable` without a key, `invalid_request` for a foreign ticket, a
 * branch name that git refuses, an image that was not uploaded, or a pull request that is not there or not open; `unavailable` when the forge can't say.
 */
export async function startRun(context: ServiceContext, input: StartRun): Promise<Run> {
  requirePermission(context, permissionsOf(input.mode).start);
  const { db, tenantId } = context;
  const { idempotencyKey, ticketId } = input;
  const projectId = Number(input.projectId);
  // All that is read before the run is made, at once: a run starts in the time of its slowest answer.
  const [known, found, ticket, instructions, models] = await Promise.all([
    idempotencyKey === undefined ? undefined : findRunByKey(db, tenantId, idempotencyKey),
    findProjectRepository(db, tenantId, projectId, Number(input.repositoryId)),
    ticketId === undefined ? null : findStartTicket(db, tenantId, projectId, Number(ticketId)),
    listInstructionsFor(db, tenantId, projectId, Number(input.repositoryId)),
    tenantModels(context),
  ]);
  if (known !== undefined) return answerKnownRun(context, known);
  const model = usableModel(context, models, input.model);
  if (found === undefined) {
    throw new ServiceError(
      "unknown_repository",
      "This project has no such repository. Choose one of its repositories.",
      {
        issues: [{ path: "repositoryId", message: "is not a repository of this project" }],
      },
    );
  }
  if (ticket === undefined) throw invalid("ticketId", "is not a ticket of this project");
  const { defaultBranch, project, repository, runLimits } = found;
  const pull =
    input.pullRequestNumber === undefined ? undefined : await openPull(context, repository, input.pullRequestNumber);
  const baseBranch = pull?.baseBranch ?? input.baseBranch ?? defaultBranch;
  if (!isBranchName(baseBranch)) throw invalid("baseBranch", "is not a name that git accepts for a branch");

  const images = await findImages(context, input.images ?? []);
  // What the request leaves open is as the project has it; null says that there shall be no limit.
  const limits: RunLimits = { ...runLimits, ...input.limits };
  const atMs = context.now();
  const row = {
    tenantId,
    projectId,
    ticketId: ticket?.id ?? null,
    repositoryId: repository.id,
    baseBranch,
    title: titleOf(input.prompt),
    mode: input.mode,
    state: "QUEUED" as const,
    prompt: input.prompt,
    provider: model.provider,
    model: model.id,
    effort: input.effort ?? null,
    startedBy: context.user.id,
    idempotencyKey: idempotencyKey ?? null,
    options: { constraints: checkedConstraints(input.constraints), images: [...images] },
    limitCostMicros: limits.costMicros ?? null,
    limitWallTimeMs: limits.wallTimeMs ?? null,
    limitStageTurns: limits.stageTurns ?? null,
    limitStageWallTimeMs: limits.stageWallTimeMs ?? null,
    ...(pull === undefined
      ? {}
      : {
          prNumber: pull.number,
          prUrl: pull.url,
          prBranch: pull.headBranch,
          prCommit: pull.headCommit,
          prState: "open" as const,
        }),
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
  try {
    const [[run]] = await db.batch([
      insertRun(db, row),
      recordAudit(
        db,
        { ...context, atMs },
        {
          action: "run.started",
          subject: sql`'run:' || last_insert_rowid()`,
          data: { mode: row.mode, model: row.model },
        },
      ),
    ]);
    if (run === undefined) throw new Error("the insert of a run returned no row");
    const { id, name, avatarUrl } = context.user;
    const made = { run, repository, project, ticket, startedBy: { id, name, image: avatarUrl } };
    await dispatchNewRun(context, made, instructions);
    return runView(made);
  } catch (error) {
    const twin =
      isUniqueViolation(error, "run.tenant_id, run.idempotency_key") && idempotencyKey !== undefined
        ? await findRunByKey(db, tenantId, idempotencyKey)
        : undefined;
    if (twin === undefined) throw error;
    return answerKnownRun(context, twin);
  }
}

/** Constraints as the run keeps them, null when there are none. Throws `invalid_request` naming the pattern that can't be read. */
function checkedConstraints(asked: RunConstraints | undefined): RunOptions["constraints"] {
  const paths = asked?.paths ?? null;
  const tools = asked?.tools ?? null;
  for (const [index, pattern] of (paths ?? []).entries()) {
    const problem = allowedPathProblem(pattern);
    if (problem !== undefined) throw invalid(`constraints.paths.${index}`, problem);
  }
  return paths === null && tools === null ? null : { paths, tools };
}

/** The pull request that a review is asked of, read from the forge. */
async function openPull(context: ServiceContext, repository: RepositoryRef, number: number): Promise<ForgePullDetails> {
  const named = `${repository.owner}/${repository.name}`;
  try {
    const pull = await context.forge.getPullRequest(repository, number);
    if (pull.state === "open") return pull;
    throw invalid(
      "pullRequestNumber",
      `#${number} of ${named} is ${pull.merged ? "merged" : "closed"}: there is nothing to review.`,
    );
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found")
      throw invalid("pullRequestNumber", `${named} has no pull request #${number}.`);
    throw error;
  }
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError("invalid_request", `${path}: ${message}`, { issues: [{ path, message }] });
}

/** The prompt's first line that says something, as the run's title. */
function titleOf(prompt: string): string {
  const line =
    prompt
      .split("\n")
      .find((candidate) => candidate.trim() !== "")
      ?.trim()
      .replace(/^#+\s*/u, "") ?? "";
  return (line.length > 100 ? `${line.slice(0, 99)}…` : line).toWellFormed();
}
