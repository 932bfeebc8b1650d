import type { DecidePatchSet, PatchSet } from "../../../contracts/patch-set.ts";
import type { RevisePlan, RevisedPlan } from "../../../contracts/plan.ts";
import type { Run } from "../../../contracts/run.ts";
import { planHash } from "../../../domain/patch-set/plan-hash.ts";
import type { SteeringCommand } from "../../../domain/run/commands/command.ts";
import { commands } from "../../../domain/run/commands/table.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import { requirePermission, type PersonScope, type Scope, type ServiceDeps } from "../../context.ts";
import { ServiceError } from "../../errors.ts";
import type { Caller, CommandResult, RunCommand } from "../../ports/run-host.ts";
import { refuseSpent } from "../budget/refuse-spent.ts";
import { getRun, getStoredRun, requireRun } from "./read-run.ts";

type Taken = Extract<CommandResult, { readonly ok: true }>;

/**
 * Gives a command to a run of the tenant. The command's own permission is required, `not_found` without the run; a command that the run
 * refuses throws with the run's code, such as `conflict` or `run_not_waiting`. A resume is refused while the project's budget would stop
 * it at once.
 */
export async function commandRun(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  command: SteeringCommand,
): Promise<Taken> {
  const { permission } = commands[command.kind];
  // An actor who may not do this to any run learns nothing of which runs there are.
  requirePermission(scope, permission("review"));
  const { mode } = await getStoredRun(deps, scope, id);
  requirePermission(scope, permission(mode));
  if (command.kind === "resume") await refuseSpent(deps, scope, await getRun(deps, scope, id));
  return send(deps, scope, id, command);
}

/** Gives a command to a run and answers the run as it is then. See `commandRun` for the errors. */
export async function steerRun(deps: ServiceDeps, scope: Scope, id: number, command: SteeringCommand): Promise<Run> {
  await commandRun(deps, scope, id, command);
  return getRun(deps, scope, id);
}

/**
 * Records a person's decision on what waits, by the hash and base that the person saw. Answers the patch set with the decision; null when
 * it was a plan or a review. See `commandRun` for the errors; also `patch_set_stale`, `already_decided`, `policy_blocked` and `unseen_content`.
 */
export async function decideOnRun(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  decision: DecidePatchSet & { readonly hash: string },
): Promise<PatchSet | null> {
  const { actor: by, role, sessionId } = scope;
  await commandRun(deps, scope, id, { ...decision, kind: "decide", by, role, sessionId });
  const answer = await deps.runs.read(id, { kind: "patch_sets" });
  const { items }: { items: PatchSet[] } = parseStored(typeof answer === "string" ? answer : '{"items":[]}');
  return items.find((patchSet) => patchSet.hash === decision.hash) ?? null;
}

/**
 * Puts a person's plan in the place of the one that waits for approval, by the hash and base that the person saw. Answers hash and base of the
 * plan that waits now, as a decision has to name them; the same plan sent again is stored once. See `commandRun` for the errors:
 * `conflict` where another plan waits by now, `invalid_request` for a plan that no tickets can be made of.
 */
export async function revisePlan(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  revision: RevisePlan,
): Promise<RevisedPlan> {
  const { actor: by, role, sessionId } = scope;
  await commandRun(deps, scope, id, { ...revision, kind: "revise_plan", by, role, sessionId });
  const { baseCommit, plan } = revision;
  return { hash: planHash(baseCommit, plan), baseCommit };
}

/**
 * Records a person's request to close the pull request that an ended run left in a repository. Answers the run; the close follows, and its
 * end is an event. See `commandRun` for the errors: `conflict` while the run works, or where nothing is left to close.
 */
export async function closePullRequest(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  request: { readonly repositoryId: string; readonly deletesBranch: boolean },
): Promise<Run> {
  const { actor: by, role, sessionId } = scope;
  return steerRun(deps, scope, id, { ...request, kind: "close_pull_request", by, role, sessionId });
}

/**
 * Records a person's request to delete the branch that an ended run left in a repository without a pull request. Answers the run; the deletion
 * follows, and its end is an event. See `commandRun` for the errors: `conflict` while the run works, or where no such branch is left.
 */
export async function deleteLeftBranch(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  repositoryId: string,
): Promise<Run> {
  const { actor: by, role, sessionId } = scope;
  return steerRun(deps, scope, id, { kind: "delete_branch", repositoryId, by, role, sessionId });
}

/** Tries a run's parked effects again. `run.retry_effects`; `not_found` without the run. */
export async function retryEffects(deps: ServiceDeps, scope: Scope, id: number): Promise<void> {
  requirePermission(scope, "run.retry_effects");
  await requireRun(deps, scope, id);
  await send(deps, scope, id, { kind: "retry_effects" });
}

async function send({ runs }: ServiceDeps, scope: Scope, id: number, command: RunCommand): Promise<Taken> {
  const result = await runs.command(id, callerOf(scope), command);
  if (!result.ok) throw new ServiceError(result.code, result.detail);
  return result;
}

/** A scope's actor as the caller of a run's commands. */
export function callerOf(scope: Scope): Caller {
  const sessionId = "sessionId" in scope && typeof scope.sessionId === "number" ? scope.sessionId : null;
  return { actor: scope.actor, requestId: scope.requestId, sessionId };
}
