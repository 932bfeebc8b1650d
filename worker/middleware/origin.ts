import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../context.ts";
import { ServiceError } from "../errors.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * True when a request may act with its cookie: it comes from a page of `publicOrigin`, or from no browser at all (no
 * Origin and no cookie). Socket upgrades are GETs that act, so they ask too.
 */
export function isOwnOrigin(headers: Headers, publicOrigin: string): boolean {
  const origin = headers.get("origin");
  if (origin === null) return !headers.has("cookie");
  return origin === publicOrigin;
}

/** Refuses a change that another site's page sends with a person's cookie. */
export const sameOrigin = createMiddleware<ApiEnv>(async (c, next) => {
  const { publicOrigin } = c.var.deps;
  if (!safeMethods.has(c.req.method) && !isOwnOrigin(c.req.raw.headers, publicOrigin)) {
    throw new ServiceError("foreign_origin", `Changes are taken from pages of ${publicOrigin} only.`);
  }
  await next();
});
