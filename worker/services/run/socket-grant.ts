import type { Run, StartRun } from "../../../contracts/run.ts";
import type { PersonScope, ServiceDeps } from "../../context.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { socketGrantMs } from "../../ports/run-host.ts";
import { takeQuota } from "../tenancy/quota.ts";
import { newNumber, type StartFacts } from "./start-facts.ts";
import { startRun } from "./start-run.ts";

/**
 * Starts a run for a session, counts the request and the start in one wait, and lets the session open the new run's first socket:
 * `cookie` is the `Set-Cookie` header that gives its browser the grant; undefined when the start names a run of before. See `startRun`
 * for permission and errors.
 *
 * @param read.facts what `readStartOfSession` read for this session
 * @param read.quotas where the request and the start are counted, maybe ahead (`countAhead`)
 */
export async function startWithSocket(
  deps: ServiceDeps,
  scope: PersonScope,
  { session, token }: { readonly session: Pick<IdentitySession, "expiresAtMs">; readonly token: string },
  input: StartRun,
  { facts, quotas }: { readonly facts: StartFacts; readonly quotas: Pick<ServiceDeps, "withinQuota"> },
): Promise<{ readonly run: Run; readonly cookie: string | undefined }> {
  const runId = newNumber(facts);
  if (runId === undefined) {
    await takeQuota(quotas, scope.tenantId, "requests");
    return { run: await startRun(deps, scope, input, facts), cookie: undefined };
  }
  const key = crypto.randomUUID();
  const [cookie] = await Promise.all([
    deps.identity.socketGrantCookie(token, { runId, key, maxAgeMs: socketGrantMs }),
    takeQuota(quotas, scope.tenantId, "requests", "starts"),
  ]);
  const grant = { key, sessionKey: String(scope.sessionId), expiresAtMs: session.expiresAtMs };
  return { run: await startRun(deps, scope, input, facts, grant), cookie };
}

/**
 * Opens a run's socket from event `since` on by the grant of its start. Undefined for a request without one, and for one that
 * was used, is too old, or whose host was moved: then the database is asked. Only a grant that was signed for this session and this
 * run reaches the run's host. It takes nothing of the tenant's quota of requests: its start did.
 */
export async function openGrantedSocket(
  { identity, runs }: Pick<ServiceDeps, "identity" | "runs">,
  token: string,
  id: number,
  { request, since }: { readonly request: Request; readonly since: number },
): Promise<Response | undefined> {
  const grantKey = await identity.socketGrant(token, id, request.headers);
  if (grantKey === undefined) return undefined;
  const response = await runs.grantedSocket(id, request, { since, grantKey });
  return response.status === 101 ? response : undefined;
}
