import { createMiddleware } from "hono/factory";
import { personScope, type ApiEnv } from "../context.ts";
import { ServiceError } from "../errors.ts";
import type { IdentitySession } from "../ports/identity.ts";

/** The session, or `unauthenticated` when there is none. */
export function requireSession(session: IdentitySession | undefined): IdentitySession {
  if (session !== undefined) return session;
  throw new ServiceError("unauthenticated", "You are not signed in, or your session has ended. Sign in again.");
}

/** Lets only signed-in members through. Routes that are registered before it are public or check the session themselves. */
export const signedIn = createMiddleware<ApiEnv>(async (c, next) => {
  const { deps, requestId } = c.var;
  const session = requireSession(await deps.identity.getSession(c.req.raw.headers));
  const scope = personScope(session, requestId);
  c.set("scope", scope);
  c.set("context", { ...deps, ...scope, user: session.user });
  await next();
});
