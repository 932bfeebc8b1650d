import { createRoute } from "@hono/zod-openapi";
import { modelSchema } from "../../contracts/project.ts";
import { json, namedPage, problems, type ApiApp } from "./shared.ts";

const list = createRoute({
  method: "get",
  path: "/api/models",
  tags: ["Runs"],
  summary: "List the models that a run may use",
  responses: {
    200: json(namedPage("ModelPage", modelSchema), "All models, in one page"),
    ...problems("unauthenticated"),
  },
});

/** `GET /api/models`. */
export function registerModels(app: ApiApp): void {
  app.openapi(list, (c) => c.json({ items: [...c.var.deps.models], nextCursor: null }, 200));
}
