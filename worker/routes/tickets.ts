import { ticketSchema } from "../../contracts/project.ts";
import { getTicket } from "../services/board/get-ticket.ts";
import { idParams, json, problems, route, type ApiApp } from "./shared.ts";

const get = route("ticket.read", {
  method: "get",
  path: "/api/tickets/{id}",
  tags: ["Board"],
  summary: "Read a ticket",
  request: { params: idParams },
  responses: { 200: json(ticketSchema, "The ticket"), ...problems("invalid_request", "unauthenticated", "not_found") },
});

/** `GET /api/tickets/{id}`. */
export function registerTickets(app: ApiApp): void {
  app.openapi(get, async (c) => c.json(await getTicket(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200));
}
