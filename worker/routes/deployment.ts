import { createRoute } from "@hono/zod-openapi";
import { deploymentSchema } from "../../contracts/project.ts";
import { json, problems, type ApiApp } from "./shared.ts";

const getDeployment = createRoute({
  method: "get",
  path: "/api/deployment",
  tags: ["Deployment"],
  summary: "Public facts about this deployment",
  responses: { 200: json(deploymentSchema, "The deployment"), ...problems() },
});

/** `GET /api/deployment`: public, so to be registered before the session middleware. */
export function registerDeployment(app: ApiApp): void {
  app.openapi(getDeployment, (c) => c.json(c.var.deps.deployment, 200));
}
