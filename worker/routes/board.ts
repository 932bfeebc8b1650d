import * as z from "zod";
import { boardSchema, boardWrittenSchema, editTicketSchema, moveTicketsSchema } from "../../contracts/board.ts";
import { idSchema } from "../../contracts/common.ts";
import { createTicketSchema, ticketSchema } from "../../contracts/project.ts";
import { ServiceError } from "../errors.ts";
import { carriesSession, scopeOfSocket } from "../middleware/session.ts";
import { deleteTicket, editTicket, moveTickets, restoreTicket } from "../services/board/change-tickets.ts";
import { createTicket } from "../services/board/create-ticket.ts";
import { getBoard } from "../services/board/get-board.ts";
import { getTicket } from "../services/board/get-ticket.ts";
import { openBoardSocket, readBoardSocketOfSession } from "../services/board/open-socket.ts";
import { idParams, json, jsonBody, problems, requireUpgrade, route, type ApiApp } from "./shared.ts";

const board = route("ticket.read", {
  method: "get",
  path: "/api/projects/{id}/board",
  tags: ["Board"],
  summary: "Read a project's board",
  request: { params: idParams },
  responses: {
    200: json(boardSchema, "All columns with their tickets"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const addTicket = route("ticket.create", {
  method: "post",
  path: "/api/projects/{id}/tickets",
  tags: ["Board"],
  summary: "Make a ticket",
  request: { params: idParams, body: jsonBody(createTicketSchema) },
  responses: {
    201: json(ticketSchema, "The new ticket"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "unknown_repository"),
  },
});

const move = route("ticket.move", {
  method: "post",
  path: "/api/projects/{id}/moves",
  tags: ["Board"],
  summary: "Move tickets within a project's board",
  request: { params: idParams, body: jsonBody(moveTicketsSchema) },
  responses: {
    200: json(boardWrittenSchema, "The tickets stand there; the change's number"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const get = route("ticket.read", {
  method: "get",
  path: "/api/tickets/{id}",
  tags: ["Board"],
  summary: "Read a ticket",
  request: { params: idParams },
  responses: { 200: json(ticketSchema, "The ticket"), ...problems("invalid_request", "unauthenticated", "not_found") },
});

const edit = route("ticket.edit", {
  method: "patch",
  path: "/api/tickets/{id}",
  tags: ["Board"],
  summary: "Change fields of a ticket",
  request: { params: idParams, body: jsonBody(editTicketSchema) },
  responses: {
    200: json(ticketSchema, "The ticket after the change"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict", "unknown_repository"),
  },
});

const remove = route("ticket.edit", {
  method: "delete",
  path: "/api/tickets/{id}",
  tags: ["Board"],
  summary: "Delete a ticket, which can be restored",
  request: { params: idParams },
  responses: {
    200: json(boardWrittenSchema, "The ticket is deleted"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const restore = route("ticket.edit", {
  method: "post",
  path: "/api/tickets/{id}/restore",
  tags: ["Board"],
  summary: "Restore a deleted ticket",
  request: { params: idParams },
  responses: {
    200: json(ticketSchema, "The ticket, back in its place"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const sinceSchema = z.coerce.number().int().min(0).default(0);

/** `GET /api/projects/{id}/board/socket`, the board's live changes: it reads its session itself, with its place, in one batch. */
export function registerBoardSocket(app: ApiApp): void {
  app.get("/api/projects/:id/board/socket", carriesSession, async (c) => {
    const { deps, sessionToken } = c.var;
    const request = c.req.raw;
    requireUpgrade(request, deps.publicOrigin);
    const since = sinceSchema.safeParse(c.req.query("since"));
    const id = idSchema.safeParse(c.req.param("id"));
    if (!since.success || !id.success)
      throw new ServiceError("invalid_request", "since must be the number of the last change that you have.");
    const projectId = Number(id.data);
    const { expiresAtMs, scope } = await scopeOfSocket(c, readBoardSocketOfSession(deps, sessionToken, projectId));
    return openBoardSocket(deps, scope, projectId, { request, since: since.data, expiresAtMs });
  });
}

/** A project's board and its tickets. */
export function registerBoard(app: ApiApp): void {
  app.openapi(board, async (c) =>
    c.json(await getBoard(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(addTicket, async (c) => {
    const projectId = Number(c.req.valid("param").id);
    return c.json(await createTicket(c.var.deps, c.var.scope, projectId, c.req.valid("json")), 201);
  });
  app.openapi(move, async (c) => {
    const projectId = Number(c.req.valid("param").id);
    return c.json(await moveTickets(c.var.deps, c.var.scope, projectId, c.req.valid("json")), 200);
  });
  app.openapi(get, async (c) => c.json(await getTicket(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200));
  app.openapi(edit, async (c) => {
    const id = Number(c.req.valid("param").id);
    return c.json(await editTicket(c.var.deps, c.var.scope, id, c.req.valid("json")), 200);
  });
  app.openapi(remove, async (c) =>
    c.json(await deleteTicket(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(restore, async (c) =>
    c.json(await restoreTicket(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
}
