import * as z from "zod";
import { boardViewSchema, createViewSchema, editViewSchema } from "../../contracts/board-view.ts";
import { requirePerson } from "../context.ts";
import { createView, editView, getViews, removeView } from "../services/board/saved-views.ts";
import { idParams, json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const list = route("ticket.read", {
  method: "get",
  path: "/api/projects/{id}/views",
  tags: ["Board"],
  summary: "List my saved views of a board, and those that others share",
  request: { params: idParams },
  responses: {
    200: json(z.object({ items: z.array(boardViewSchema) }).meta({ id: "BoardViews" }), "By name"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const create = route("view.save", {
  method: "post",
  path: "/api/projects/{id}/views",
  tags: ["Board"],
  summary: "Save a view of a board",
  request: { params: idParams, body: jsonBody(createViewSchema) },
  responses: {
    201: json(boardViewSchema, "The saved view"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const edit = route("view.save", {
  method: "patch",
  path: "/api/views/{id}",
  tags: ["Board"],
  summary: "Rename, share or change my saved view",
  request: { params: idParams, body: jsonBody(editViewSchema) },
  responses: {
    200: json(boardViewSchema, "The view after the change"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const remove = route(["view.save", "view.manage"], {
  method: "delete",
  path: "/api/views/{id}",
  tags: ["Board"],
  summary: "Delete my saved view; administrators delete shared ones too",
  request: { params: idParams },
  responses: {
    204: { description: "Deleted" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** Saved views of boards: a person's own, and those that members share. */
export function registerViews(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const items = await getViews(c.var.deps, requirePerson(c.var.scope), Number(c.req.valid("param").id));
    return c.json({ items }, 200);
  });
  app.openapi(create, async (c) => {
    const scope = requirePerson(c.var.scope);
    return c.json(await createView(c.var.deps, scope, Number(c.req.valid("param").id), c.req.valid("json")), 201);
  });
  app.openapi(edit, async (c) => {
    const scope = requirePerson(c.var.scope);
    return c.json(await editView(c.var.deps, scope, Number(c.req.valid("param").id), c.req.valid("json")), 200);
  });
  app.openapi(remove, async (c) => {
    await removeView(c.var.deps, requirePerson(c.var.scope), Number(c.req.valid("param").id));
    return c.body(null, 204);
  });
}
