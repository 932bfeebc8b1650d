import {
  addColumnSchema,
  boardsWrittenSchema,
  createBoardSchema,
  editBoardSchema,
  editColumnSchema,
} from "../../contracts/board.ts";
import { idSchema } from "../../contracts/common.ts";
import { columnIdSchema } from "../../contracts/project.ts";
import { changeLayout } from "../services/board/change-layout.ts";
import { idParams, json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const boardParams = idParams.extend({ boardId: idSchema });
const columnParams = idParams.extend({ columnId: columnIdSchema });

const answers = (words: string) => ({
  200: json(boardsWrittenSchema, words),
  ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
});

const addBoard = route("project.update", {
  method: "post",
  path: "/api/projects/{id}/boards",
  tags: ["Board"],
  summary: "Add a board to a project, with a column for each stage",
  request: { params: idParams, body: jsonBody(createBoardSchema) },
  responses: answers("The project's boards; the new one is the last"),
});

const renameBoard = route("project.update", {
  method: "patch",
  path: "/api/projects/{id}/boards/{boardId}",
  tags: ["Board"],
  summary: "Rename a board",
  request: { params: boardParams, body: jsonBody(editBoardSchema) },
  responses: answers("The project's boards"),
});

const removeBoard = route("project.update", {
  method: "delete",
  path: "/api/projects/{id}/boards/{boardId}",
  tags: ["Board"],
  summary: "Delete a board without tickets",
  request: { params: boardParams },
  responses: answers("The project's boards"),
});

const addColumn = route("project.update", {
  method: "post",
  path: "/api/projects/{id}/boards/{boardId}/columns",
  tags: ["Board"],
  summary: "Add a column to a board",
  request: { params: boardParams, body: jsonBody(addColumnSchema) },
  responses: answers("The project's boards"),
});

const editColumn = route("project.update", {
  method: "patch",
  path: "/api/projects/{id}/columns/{columnId}",
  tags: ["Board"],
  summary: "Rename or move a column, or set its limit of work in progress",
  request: { params: columnParams, body: jsonBody(editColumnSchema) },
  responses: answers("The project's boards"),
});

const removeColumn = route("project.update", {
  method: "delete",
  path: "/api/projects/{id}/columns/{columnId}",
  tags: ["Board"],
  summary: "Remove a column without tickets",
  request: { params: columnParams },
  responses: answers("The project's boards"),
});

/** The boards of a project and their columns. */
export function registerBoardLayout(app: ApiApp): void {
  app.openapi(addBoard, async (c) => {
    const edit = { do: "board_created", board: c.req.valid("json") } as const;
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(c.req.valid("param").id), edit), 200);
  });
  app.openapi(renameBoard, async (c) => {
    const { boardId, id } = c.req.valid("param");
    const edit = { do: "board_renamed", boardId, edit: c.req.valid("json") } as const;
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(id), edit), 200);
  });
  app.openapi(removeBoard, async (c) => {
    const { boardId, id } = c.req.valid("param");
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(id), { do: "board_deleted", boardId }), 200);
  });
  app.openapi(addColumn, async (c) => {
    const { boardId, id } = c.req.valid("param");
    const edit = { do: "column_added", boardId, column: c.req.valid("json") } as const;
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(id), edit), 200);
  });
  app.openapi(editColumn, async (c) => {
    const { columnId, id } = c.req.valid("param");
    const edit = { do: "column_changed", columnId, edit: c.req.valid("json") } as const;
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(id), edit), 200);
  });
  app.openapi(removeColumn, async (c) => {
    const { columnId, id } = c.req.valid("param");
    return c.json(await changeLayout(c.var.deps, c.var.scope, Number(id), { do: "column_removed", columnId }), 200);
  });
}
