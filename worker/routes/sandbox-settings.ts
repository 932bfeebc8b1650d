import { sandboxSettingsSchema } from "../../contracts/sandbox.ts";
import { getSandboxSettings, putSandboxSettings } from "../services/project/sandbox-settings.ts";
import { idParams, json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const path = "/api/projects/{id}/sandbox";

const get = route("project.read", {
  method: "get",
  path,
  tags: ["Projects"],
  summary: "Read how a project's runs are isolated",
  request: { params: idParams },
  responses: {
    200: json(sandboxSettingsSchema, "The settings, defaults included"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const put = route("project.update", {
  method: "put",
  path,
  tags: ["Projects"],
  summary: "Set how a project's runs are isolated",
  request: { params: idParams, body: jsonBody(sandboxSettingsSchema) },
  responses: {
    200: json(sandboxSettingsSchema, "The settings as they are now"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** `GET` and `PUT /api/projects/{id}/sandbox`. */
export function registerSandboxSettings(app: ApiApp): void {
  app.openapi(get, async (c) =>
    c.json(await getSandboxSettings(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(put, async (c) =>
    c.json(
      await putSandboxSettings(c.var.deps, c.var.scope, Number(c.req.valid("param").id), c.req.valid("json")),
      200,
    ),
  );
}
