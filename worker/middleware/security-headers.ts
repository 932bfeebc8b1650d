import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../context.ts";

const headers: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/**
 * Headers of every API answer, unless the handler chose its own: nothing is framed, sniffed, cached or embedded. Data
 * shown as a page can load nothing.
 */
export const securityHeaders = createMiddleware<ApiEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(headers)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
  if (!c.res.headers.has("content-security-policy")) {
    c.header("content-security-policy", dataPolicy);
  }
  if (c.var.deps.publicOrigin.startsWith("https://")) c.header("strict-transport-security", "max-age=31536000");
});
