import * as z from "zod";
import { boardWrittenSchema } from "../../contracts/board.ts";
import { idSchema } from "../../contracts/common.ts";
import { linkTickets } from "../services/board/link-tickets.ts";
import { json, problems, route, type ApiApp } from "./shared.ts";

const linkParams = z.object({ id: idSchema, otherId: idSchema });

const link = route("ticket.edit", {
  method: "put",
  path: "/api/tickets/{id}/dependencies/{otherId}",
  tags: ["Board"],
  summary: "Make a ticket depend on another one",
  description: "The ticket can start once the other one is done. A circle is refused, with its way.",
  request: { params: linkParams },
  responses: {
    200: json(boardWrittenSchema, "The ticket depends on the other one; the change's number"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const unlink = route("ticket.edit", {
  method: "delete",
  path: "/api/tickets/{id}/dependencies/{otherId}",
  tags: ["Board"],
  summary: "Remove a dependency of a ticket",
  request: { params: linkParams },
  responses: {
    200: json(boardWrittenSchema, "The ticket does not depend on the other one; the change's number"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

/** The dependencies between tickets. */
export function registerTicketLinks(app: ApiApp): void {
  app.openapi(link, async (c) => {
    const { id, otherId } = c.req.valid("param");
    return c.json(await linkTickets(c.var.deps, c.var.scope, "link", { ticketId: id, dependsOn: otherId }), 200);
  });
  app.openapi(unlink, async (c) => {
    const { id, otherId } = c.req.valid("param");
    return c.json(await linkTickets(c.var.deps, c.var.scope, "unlink", { ticketId: id, dependsOn: otherId }), 200);
  });
}
