import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { personScope, type ApiEnv, type PersonScope } from "../context.ts";
import { ServiceError } from "../errors.ts";
import type { IdentitySession } from "../ports/identity.ts";
import { takeQuota } from "../services/tenancy/quota.ts";

/** The session, or `unauthenticated` when there is none. */
export function requireSession(session: IdentitySession | undefined): IdentitySession {
  if (session !== undefined) return session;
  throw signedOut();
}

function signedOut(): ServiceError {
  return new ServiceError("unauthenticated", "You are not signed in, or your session has ended. Sign in again.");
}

/** Lets only requests through that carry a session cookie with our signature; the route has to find out whether the session lives. */
export const carriesSession = createMiddleware<ApiEnv>(async (c, next) => {
  const token = await c.var.deps.identity.sessionToken(c.req.raw.headers);
  if (token === undefined) throw signedOut();
  c.set("sessionToken", token);
  await next();
});

/**
 * The scope of the session that opens a socket, which the route has read in a batch with what else it needs, and when that session expires.
 * Counts one request of its tenant.
 */
export async function scopeOfSocket(
  c: Context<ApiEnv>,
  read: Promise<IdentitySession | undefined>,
): Promise<{ readonly scope: PersonScope; readonly expiresAtMs: number }> {
  const session = requireSession(await read);
  const scope = personScope(session, c.var.requestId);
  c.set("scope", scope);
  await takeQuota(c.var.deps, scope.tenantId, "requests");
  return { scope, expiresAtMs: session.expiresAtMs };
}

/** Lets only signed-in members through. Routes that are registered before it are public or check the session themselves. */
export const signedIn = createMiddleware<ApiEnv>(async (c, next) => {
  const { deps, requestId } = c.var;
  const session = requireSession(await deps.identity.getSession(c.req.raw.headers));
  const scope = personScope(session, requestId);
  c.set("scope", scope);
  await takeQuota(deps, scope.tenantId, "requests");
  await next();
});
