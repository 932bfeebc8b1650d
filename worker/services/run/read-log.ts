import type { PersonScope, Scope, ServiceDeps } from "../../context.ts";
import { noteSocket } from "../../db/stores/open-socket.ts";
import { ServiceError } from "../../errors.ts";
import type { RunQuery } from "../../ports/run-host.ts";
import { requireRun } from "./read-run.ts";

// These verbs pass on the host's JSON as text: a long log is neither parsed nor copied on its way.

const unavailable = "A part of this is kept in the object store, which does not answer. Try again.";

/** Asks a run of the tenant. Throws `not_found` with the sentence when the run has nothing of that name, `unavailable` when it can't be read now. */
async function ask(deps: ServiceDeps, scope: Scope, id: number, query: RunQuery, missing: string): Promise<string> {
  await requireRun(deps, scope, id);
  const answer = await deps.runs.read(id, query);
  if (answer === null) throw new ServiceError("not_found", missing);
  if (typeof answer === "string") return answer;
  throw new ServiceError("unavailable", unavailable);
}

const noRun = "There is no such run.";

/** A run's events after `since`, at most `limit`, as `{items, headSeq}`. `run.read`. `not_found` without the run. */
export async function readEvents(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  { limit, since }: { readonly limit: number; readonly since: number },
): Promise<string> {
  return ask(deps, scope, id, { kind: "events", since, limit }, noRun);
}

/** A run's patch sets, newest first, as `{items}`. `run.read`. `not_found` without the run. */
export async function readPatchSets(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  return ask(deps, scope, id, { kind: "patch_sets" }, noRun);
}

/** Both sides of one path of a patch set. `run.read`. `not_found` without the run, and for a path that the patch set does not change. */
export async function readPatchContent(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  { hash, path }: { readonly hash: string; readonly path: string },
): Promise<string> {
  return ask(deps, scope, id, { kind: "patch_content", hash, path }, "This patch set does not change that path.");
}

/** The files of the pull request that a run reviews. `run.read`. `not_found` without the run. */
export async function readPullFiles(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  return ask(deps, scope, id, { kind: "pull_files" }, noRun);
}

/** A run's ledger. `run.read`. `not_found` without the run. */
export async function readLedger(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  return ask(deps, scope, id, { kind: "ledger" }, noRun);
}

/** A run's model calls, in order, as `{items}`. `run.read`. `not_found` without the run. */
export async function readModelCalls(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  return ask(deps, scope, id, { kind: "model_calls" }, noRun);
}

/** One model call with its bodies. `run.read`. `not_found` without run or call, `unavailable` while the object store does not answer. */
export async function readModelCall(deps: ServiceDeps, scope: Scope, id: number, callId: string): Promise<string> {
  return ask(deps, scope, id, { kind: "model_call", callId }, "This run made no such model call.");
}

/** The effects of a run that are pending or parked, as `{items}`. `run.read`. `not_found` without the run. */
export async function readEffects(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  return ask(deps, scope, id, { kind: "effects" }, noRun);
}

/** Opens a run's socket from event `since` on, and records it, so that signing out closes it. `run.read`. */
export async function openSocket(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  { request, since }: { readonly request: Request; readonly since: number },
): Promise<Response> {
  await requireRun(deps, scope, id);
  const [response] = await Promise.all([
    deps.runs.socket(id, request, since, String(scope.sessionId)),
    noteSocket(deps.db, scope.sessionId, id),
  ]);
  return response;
}
