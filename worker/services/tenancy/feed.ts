import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { noteFeedSocket } from "../../db/stores/open-socket.ts";
import { selectSession, sessionOf } from "../../db/stores/session.ts";
import type { IdentitySession } from "../../ports/identity.ts";

/** Reads the session of a token, and records its socket on its tenant's feed, so that signing out closes it. One batch. */
export async function readFeedSocketOfSession(
  { db, now }: Pick<ServiceDeps, "db" | "now">,
  token: string,
): Promise<IdentitySession | undefined> {
  const nowMs = now();
  const [session] = await db.batch([selectSession(db, token, nowMs), noteFeedSocket(db, token, nowMs)]);
  return sessionOf(session);
}

/** Opens a socket on the feed of the scope's tenant. `run.read`. */
export async function openFeedSocket(
  { feeds }: Pick<ServiceDeps, "feeds">,
  scope: PersonScope,
  { expiresAtMs, request }: { readonly request: Request; readonly expiresAtMs: number },
): Promise<Response> {
  requirePermission(scope, "run.read");
  return feeds.socket(scope.tenantId, request, { sessionKey: String(scope.sessionId), expiresAtMs });
}
