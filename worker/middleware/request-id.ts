import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../context.ts";

const acceptable = /^[A-Za-z0-9._-]{8,64}$/;

/**
 * Names the request: the caller's `x-request-id` when it is 8 to 64 harmless characters, else a new UUID. Answers with it
 * in the same header.
 */
export const requestId = createMiddleware<ApiEnv>(async (c, next) => {
  const given = c.req.header("x-request-id");
  const id = given !== undefined && acceptable.test(given) ? given : crypto.randomUUID();
  c.set("requestId", id);
  await next();
  // A WebSocket's answer can't be copied, which setting a header does.
  if (c.res.status !== 101) c.header("x-request-id", id);
});
