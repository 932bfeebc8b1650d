import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { actorKey } from "../../contracts/actor.ts";
import type { ApiEnv } from "../context.ts";
import { describeError } from "../db/describe-error.ts";
import { problemResponse, toServiceError } from "../errors.ts";

/** One JSON line a request: method, route pattern (never the query), status, time, who. */
export const logRequests = createMiddleware<ApiEnv>(async (c, next) => {
  const startedAtMs = Date.now();
  await next();
  const { scope } = c.var;
  console.log(
    JSON.stringify({
      level: "info",
      message: "request",
      requestId: c.var.requestId,
      method: c.req.method,
      route: routePath(c),
      status: c.res.status,
      ms: Date.now() - startedAtMs,
      tenantId: scope?.tenantId,
      actor: scope === undefined ? undefined : actorKey(scope.actor),
    }),
  );
});

/** The API's `onError`: problem details for the caller and, for an unexpected error, the whole error in the log. */
export function answerError(error: Error, c: Context<ApiEnv>): Response {
  const requestId = c.var.requestId;
  if (toServiceError(error).code === "internal") {
    console.error(
      JSON.stringify({
        level: "error",
        message: "unhandled error",
        requestId,
        method: c.req.method,
        route: routePath(c),
        error: describeError(error),
      }),
    );
  }
  return problemResponse(error, requestId);
}
