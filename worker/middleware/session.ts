import { createMiddleware } from "hono/factory";
import { roleSchema } from "../../contracts/common.ts";
import type { ApiEnv, ServiceContext, ServiceDeps } from "../context.ts";
import { ServiceError } from "../errors.ts";

/**
 * Who sends these headers, as a service context. Throws `unauthenticated` without a valid session and `forbidden` for a
 * person who belongs to no tenant.
 */
export async function authenticate(deps: ServiceDeps, headers: Headers, requestId: string): Promise<ServiceContext> {
  const session = await deps.identity.getSession(headers);
  if (session === undefined)
    throw new ServiceError("unauthenticated", "You are not signed in, or your session has ended. Sign in again.");
  if (session.membership === null)
    throw new ServiceError("forbidden", "You belong to no tenant. Ask for an invitation.");
  const role = roleSchema.parse(session.membership.role);
  return {
    ...deps,
    tenantId: session.membership.tenantId,
    user: session.user,
    role,
    sessionId: session.sessionId,
    requestId,
  };
}

/** Lets only signed-in members through. Routes that are registered before it are public. */
export const signedIn = createMiddleware<ApiEnv>(async (c, next) => {
  c.set("context", await authenticate(c.var.deps, c.req.raw.headers, c.var.requestId));
  await next();
});
