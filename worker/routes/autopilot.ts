import { autopilotSchema, setAutopilotSchema } from "../../contracts/autopilot.ts";
import { getAutopilot, updateAutopilot } from "../services/board/project-autopilot.ts";
import { idParams, json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const path = "/api/projects/{id}/autopilot";

const get = route("project.read", {
  method: "get",
  path,
  tags: ["Board"],
  summary: "Read a project's autopilot: its line of tickets, and why each of them waits",
  request: { params: idParams },
  responses: {
    200: json(autopilotSchema, "Settings and line"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const patch = route("project.update", {
  method: "patch",
  path,
  tags: ["Board"],
  summary: "Switch a project's autopilot, or set how many runs it keeps under way",
  request: { params: idParams, body: jsonBody(setAutopilotSchema) },
  responses: {
    200: json(autopilotSchema, "Settings and line as they are now"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** `GET` and `PATCH /api/projects/{id}/autopilot`. */
export function registerAutopilot(app: ApiApp): void {
  app.openapi(get, async (c) =>
    c.json(await getAutopilot(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(patch, async (c) =>
    c.json(await updateAutopilot(c.var.deps, c.var.scope, Number(c.req.valid("param").id), c.req.valid("json")), 200),
  );
}
