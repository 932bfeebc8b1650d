import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../context.ts";

/** Lets a start through while its tenant has a place. Behind `carriesSession`, and before the body is read. */
export const throughStartGate = createMiddleware<ApiEnv>(async (c, next) => {
  const { now, startGate } = c.var.deps;
  const { lastTenantId, leave } = startGate.enter(c.var.sessionToken, now());
  c.set("lastTenantId", lastTenantId);
  try {
    await next();
  } finally {
    const scope: ApiEnv["Variables"]["scope"] | undefined = c.get("scope");
    leave({ tenantId: scope?.tenantId, error: c.error, nowMs: now() });
  }
});
