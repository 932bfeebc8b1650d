import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import * as z from "zod";
import { json, problems, type ApiApp } from "./shared.ts";

const health = createRoute({
  method: "get",
  path: "/api/health",
  tags: ["Deployment"],
  summary: "Whether the Worker and its database answer",
  responses: { 200: json(z.object({ status: z.literal("ok") }).meta({ id: "Health" }), "Both answer"), ...problems() },
});

/** `GET /api/health`: public, one cheap query. */
export function registerHealth(app: ApiApp): void {
  app.openapi(health, async (c) => {
    await c.var.deps.db.run(sql`select 1`);
    return c.json({ status: "ok" as const }, 200);
  });
}
