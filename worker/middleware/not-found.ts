import type { Hono } from "hono";
import type { ApiEnv } from "../context.ts";
import { problemResponse, ServiceError } from "../errors.ts";

function patternOf(path: string): RegExp {
  const parts = path.split("/").map((part) => {
    if (part === "*") return ".*";
    if (part.startsWith(":")) return "[^/]+";
    return part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`);
}

/**
 * Makes the app answer what no route took with a problem: `method_not_allowed` and an `allow` header when another method
 * has the path, else `not_found`. To be called after all routes are registered.
 */
export function answerUnknown(app: Hono<ApiEnv>): void {
  const routes = app.routes
    .filter((route) => route.method !== "ALL")
    .map((route) => ({ method: route.method, pattern: patternOf(route.path) }));
  app.notFound((c) => {
    const path = c.req.path;
    const allowed = [...new Set(routes.filter((route) => route.pattern.test(path)).map((route) => route.method))];
    if (allowed.length === 0)
      return problemResponse(new ServiceError("not_found", "There is nothing at this address."), c.var.requestId);
    const detail = `${c.req.method} is not possible here. Possible: ${allowed.join(", ")}.`;
    const response = problemResponse(new ServiceError("method_not_allowed", detail), c.var.requestId);
    response.headers.set("allow", allowed.join(", "));
    return response;
  });
}
