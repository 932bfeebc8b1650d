import { maxRunRepositories } from "../../../contracts/lane.ts";
import type { Run, RunConstraints, RunLimits, StartRun } from "../../../contracts/run.ts";
import { isBranchName } from "../../../domain/patch-set/branch-name.ts";
import { allowedPathProblem } from "../../../domain/policy/allowed-paths.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import type { RunOptions } from "../../db/schema/run.ts";
import { inOrder, type RunRecord, type RunStartRow } from "../../db/stores/start-run.ts";
import { ServiceError } from "../../errors.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgePullDetails, RepositoryRef } from "../../ports/forge.ts";
import { usableModel } from "../model/tenant-models.ts";
import { refuseArchived } from "../project/require-open.ts";
import { findImages } from "../upload/images.ts";
import { namedRepositories, type StartFacts } from "./start-facts.ts";

/**
 * The row of the run that this start asks for, with what its host needs beside it. Asks the forge for a review's pull request and the blob
 * store for images; never the database. `unknown_repository`, `unknown_model`, `model_unavailable`, `invalid_request`, `unavailable`,
 * `conflict` for an archived project.
 */
export async function checkStart(
  deps: ServiceDeps,
  scope: Scope,
  input: StartRun,
  facts: StartFacts,
): Promise<RunStartRow> {
  const model = usableModel(deps, facts.models, input.model);
  const { first, project, repositories } = startRepositories(input, facts);
  refuseArchived(project);
  if (input.ticketId !== undefined && facts.ticket === undefined)
    throw invalid("ticketId", "is not a ticket of this project");
  if (facts.number === undefined) throw new Error("a start that may begin took no number");
  const pull = input.pullRequestNumber === undefined ? undefined : await openPull(deps, first, input.pullRequestNumber);
  const baseBranch = pull?.baseBranch ?? input.baseBranch ?? first.defaultBranch;
  if (!isBranchName(baseBranch)) throw invalid("baseBranch", "is not a name that git accepts for a branch");
  const images = await findImages(deps, scope.tenantId, input.images ?? []);
  const { actor } = scope;
  const run: RunRecord = {
    ...untouched,
    ...limitsOf({ ...project.runLimits, ...input.limits }),
    ...pullOf(pull),
    id: facts.number.id,
    tenantId: scope.tenantId,
    projectId: Number(input.projectId),
    ticketId: facts.ticket?.id ?? null,
    repositoryId: first.id,
    baseBranch,
    title: titleOf(input.prompt),
    mode: input.mode,
    prompt: input.prompt,
    provider: model.provider,
    model: model.id,
    effort: input.effort ?? null,
    startedBy: actor.kind === "person" ? Number(actor.id) : null,
    startedByActor: actor.kind === "person" ? null : actor,
    idempotencyKey: input.idempotencyKey ?? null,
    options: {
      constraints: checkedConstraints(input.constraints),
      images: [...images],
      repositoryIds: repositories.map(({ id }) => id),
      choice: input.chooseRepositories === true && repositories.length > 1 ? "open" : "fixed",
      delivery: project.delivery,
      ...(facts.ticket === undefined ? {} : { ticketVersion: facts.ticket.ticketVersion }),
    },
    createdAtMs: deps.now(),
    updatedAtMs: deps.now(),
  };
  const starter = actor.kind === "person" ? { name: actor.name, image: actor.avatarUrl } : null;
  return { run, repositories, project, ticket: facts.ticket ?? null, starter };
}

/** The columns that are the same for every run that starts. */
const untouched = {
  state: "QUEUED",
  stage: null,
  baseCommit: null,
  finishedAtMs: null,
  cause: null,
  hasOpenPulls: false,
  pullsDueAtMs: 0,
  costMicros: 0,
  inputTokens: 0,
  outputTokens: 0,
  headSeq: 0,
  lanes: null,
  searchText: "",
  dispatchedAtMs: null,
} as const satisfies Partial<RunRecord>;

/**
 * The repositories of a start, in the order in which it names them. `unknown_repository` for one that the project does not have,
 * `invalid_request` when the run would choose among too many.
 */
function startRepositories(input: StartRun, { repositories: rows }: StartFacts) {
  const ids = namedRepositories(input) ?? rows.map(({ repository }) => repository.id);
  const repositories = inOrder(
    rows.map(({ repository }) => repository),
    ids,
  );
  const [first] = repositories;
  const project = rows[0]?.project;
  const missing = ids.find((id) => !repositories.some((repository) => repository.id === id));
  if (first === undefined || project === undefined || missing !== undefined) {
    const path = input.repositoryIds === undefined ? "repositoryId" : `repositoryIds.${ids.indexOf(missing ?? 0)}`;
    throw new ServiceError(
      "unknown_repository",
      "This project has no such repository. Choose one of its repositories.",
      { issues: [{ path, message: "is not a repository of this project" }] },
    );
  }
  if (repositories.length > maxRunRepositories)
    throw invalid(
      "chooseRepositories",
      `The project has more repositories than a run can look at (${maxRunRepositories}): name those that it may choose among.`,
    );
  return { first, project, repositories };
}

/** The limits as the row keeps them: null says that there is none. */
function limitsOf(limits: RunLimits) {
  return {
    limitCostMicros: limits.costMicros ?? null,
    limitWallTimeMs: limits.wallTimeMs ?? null,
    limitStageTurns: limits.stageTurns ?? null,
    limitStageWallTimeMs: limits.stageWallTimeMs ?? null,
  };
}

/** The pull request that a review is of; other runs have none yet. */
function pullOf(pull: ForgePullDetails | undefined) {
  return {
    prNumber: pull?.number ?? null,
    prUrl: pull?.url ?? null,
    prBranch: pull?.headBranch ?? null,
    prCommit: pull?.headCommit ?? null,
    prState: pull === undefined ? null : ("open" as const),
  };
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

/** The pull request to review, read from the forge. */
async function openPull(deps: ServiceDeps, repository: RepositoryRef, number: number): Promise<ForgePullDetails> {
  const named = `${repository.owner}/${repository.name}`;
  try {
    const pull = await deps.forge.getPullRequest(repository, number);
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

/** The prompt's first line that is not blank, as the run's title. */
function titleOf(prompt: string): Run["title"] {
  const line =
    prompt
      .split("\n")
      .find((candidate) => candidate.trim() !== "")
      ?.trim()
      .replace(/^#+\s*/u, "") ?? "";
  return (line.length > 100 ? `${line.slice(0, 99)}…` : line).toWellFormed();
}
