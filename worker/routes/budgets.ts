import { projectBudgetSchema, setProjectBudgetSchema } from "../../contracts/budget.ts";
import { getProjectBudget, setProjectBudget } from "../services/budget/project-budget.ts";
import { idParams, json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const path = "/api/projects/{id}/budget";

const get = route("budget.read", {
  method: "get",
  path,
  tags: ["Projects"],
  summary: "Read a project's budget and what it spent, month by month",
  request: { params: idParams },
  responses: {
    200: json(projectBudgetSchema, "The budget, the present month, the last twelve months"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const put = route("budget.update", {
  method: "put",
  path,
  tags: ["Projects"],
  summary: "Set what a project may spend in a month, and the limits of its runs",
  request: { params: idParams, body: jsonBody(setProjectBudgetSchema) },
  responses: {
    200: json(projectBudgetSchema, "The budget as it is now"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** `GET` and `PUT /api/projects/{id}/budget`. */
export function registerBudgets(app: ApiApp): void {
  app.openapi(get, async (c) =>
    c.json(await getProjectBudget(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(put, async (c) =>
    c.json(await setProjectBudget(c.var.deps, c.var.scope, Number(c.req.valid("param").id), c.req.valid("json")), 200),
  );
}
