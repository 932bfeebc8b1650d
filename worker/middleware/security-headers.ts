import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../context.ts";

const headers: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** Headers of every API answer, unless the handler chose its own: nothing is framed, sniffed, cached or embedded. */
export const securityHeaders = createMiddleware<ApiEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(headers)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
  if (c.var.deps.publicOrigin.startsWith("https://")) c.header("strict-transport-security", "max-age=31536000");
});
