import * as z from "zod";
import { addModelSchema, changeModelSchema, modelSchema } from "../../contracts/model.ts";
import { addModel, changeModel, removeModel } from "../services/model/change-models.ts";
import { tenantModels } from "../services/model/tenant-models.ts";
import { json, jsonBody, namedPage, problems, route, type ApiApp } from "./shared.ts";

const modelParams = z.object({ id: z.string().min(1).max(100).describe("A model's id, percent-encoded") });

const list = route("model.read", {
  method: "get",
  path: "/api/models",
  tags: ["Models"],
  summary: "List the tenant's models: prices, which can be used, the default",
  responses: {
    200: json(namedPage("ModelPage", modelSchema), "All models, in one page"),
    ...problems("unauthenticated"),
  },
});

const add = route("model.manage", {
  method: "post",
  path: "/api/models",
  tags: ["Models"],
  summary: "Add a model that the list does not have",
  request: { body: jsonBody(addModelSchema) },
  responses: {
    201: json(modelSchema, "The model; its price is not known"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "conflict"),
  },
});

const change = route("model.manage", {
  method: "put",
  path: "/api/models/{id}",
  tags: ["Models"],
  summary: "Switch a model on or off, or make it the default",
  request: { params: modelParams, body: jsonBody(changeModelSchema) },
  responses: {
    200: json(modelSchema, "The model as it is now"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const remove = route("model.manage", {
  method: "delete",
  path: "/api/models/{id}",
  tags: ["Models"],
  summary: "Remove a model that was added",
  request: { params: modelParams },
  responses: {
    204: { description: "Removed" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** `/api/models`: the tenant's list. */
export function registerModels(app: ApiApp): void {
  app.openapi(list, async (c) =>
    c.json({ items: [...(await tenantModels(c.var.deps, c.var.scope))], nextCursor: null }, 200),
  );
  app.openapi(add, async (c) => c.json(await addModel(c.var.deps, c.var.scope, c.req.valid("json")), 201));
  app.openapi(change, async (c) =>
    c.json(await changeModel(c.var.deps, c.var.scope, c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(remove, async (c) => {
    await removeModel(c.var.deps, c.var.scope, c.req.valid("param").id);
    return c.body(null, 204);
  });
}
