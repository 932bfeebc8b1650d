import type { PersonScope, Scope, ServiceDeps } from "../../context.ts";
import { noteSocket } from "../../db/stores/open-socket.ts";
import { ServiceError } from "../../errors.ts";
import { requireRun } from "./read-run.ts";

// These verbs pass on the host's JSON as text: a long log is neither parsed nor copied on its way.

/** A run's events after `since`, at most `limit`, as `{items, headSeq}`. `run.read`. `not_found` without the run. */
export async function readEvents(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  { limit, since }: { readonly limit: number; readonly since: number },
): Promise<string> {
  await requireRun(deps, scope, id);
  return deps.runs.eventsJson(id, since, limit);
}

/** A run's patch sets, newest first, as `{items}`. `run.read`. `not_found` without the run. */
export async function readPatchSets(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  await requireRun(deps, scope, id);
  return deps.runs.patchSetsJson(id);
}

/** Both sides of one path of a patch set. `run.read`. `not_found` without the run, and for a path that the patch set does not change. */
export async function readPatchContent(
  deps: ServiceDeps,
  scope: Scope,
  id: number,
  { hash, path }: { readonly hash: string; readonly path: string },
): Promise<string> {
  await requireRun(deps, scope, id);
  const content = await deps.runs.patchContentJson(id, hash, path);
  if (content === null) throw new ServiceError("not_found", "This patch set does not change that path.");
  return content;
}

/** The files of the pull request that a run reviews. `run.read`. `not_found` without the run. */
export async function readPullFiles(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  await requireRun(deps, scope, id);
  return deps.runs.pullFilesJson(id);
}

/** A run's ledger. `run.read`. `not_found` without the run. */
export async function readLedger(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  await requireRun(deps, scope, id);
  return deps.runs.ledgerJson(id);
}

/** A run's model calls, in order, as `{items}`. `run.read`. `not_found` without the run. */
export async function readModelCalls(deps: ServiceDeps, scope: Scope, id: number): Promise<string> {
  await requireRun(deps, scope, id);
  return deps.runs.modelCallsJson(id);
}

/** One model call with its bodies. `run.read`. `not_found` without run or call, `unavailable` while the object store does not answer. */
export async function readModelCall(deps: ServiceDeps, scope: Scope, id: number, callId: string): Promise<string> {
  await requireRun(deps, scope, id);
  const call = await deps.runs.modelCallJson(id, callId);
  if (call === null) throw new ServiceError("not_found", "This run made no such model call.");
  if (typeof call === "string") return call;
  throw new ServiceError(
    "unavailable",
    "The call's text is kept in the object store, which does not answer. Try again.",
  );
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
