import { requirePermission, type PersonScope, type Scope, type ServiceDeps } from "../../context.ts";
import { noteSocket } from "../../db/stores/open-socket.ts";
import { selectRunNumber } from "../../db/stores/run.ts";
import { membershipOf, selectSession, sessionOf } from "../../db/stores/session.ts";
import { ServiceError } from "../../errors.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import type { RunQuery } from "../../ports/run-host.ts";
import { requireRun, requireStarted } from "./read-run.ts";

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

/**
 * The text of a patch set's pull request as it would be written now. `run.read`. `not_found` without the run, and for a patch set that is
 * none of the newest.
 */
export async function readPullRequestText(deps: ServiceDeps, scope: Scope, id: number, hash: string): Promise<string> {
  const none = "The run has no such patch set any more: a newer version has replaced it.";
  return ask(deps, scope, id, { kind: "pull_request_text", hash }, none);
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

/** A session that opens a socket, and what the same batch read of the run. */
export interface SocketOpening {
  readonly session: IdentitySession | undefined;
  readonly run: Awaited<ReturnType<typeof selectRunNumber>>;
}

/** Reads the session of a token and its tenant's run, and records the socket, so that signing out closes it. One batch. */
export async function readSocketOfSession({ db, now }: ServiceDeps, token: string, id: number): Promise<SocketOpening> {
  const nowMs = now();
  const tenantId = membershipOf("organization_id", token, nowMs);
  const [session, run] = await db.batch([
    selectSession(db, token, nowMs),
    selectRunNumber(db, tenantId, id),
    noteSocket(db, token, id, nowMs),
  ]);
  return { session: sessionOf(session), run };
}

/** Opens a run's socket from event `since` on. `run.read`; `not_found` without the run. */
export async function openSocket(
  deps: ServiceDeps,
  scope: PersonScope,
  id: number,
  opening: Pick<SocketOpening, "run"> & {
    readonly request: Request;
    readonly since: number;
    readonly expiresAtMs: number;
  },
): Promise<Response> {
  requirePermission(scope, "run.read");
  const { expiresAtMs, request, run, since } = opening;
  await requireStarted(deps, id, run);
  return deps.runs.socket(id, request, { since, expiresAtMs, sessionKey: String(scope.sessionId) });
}
