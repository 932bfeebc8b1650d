import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import { foundTicketSchema, ticketSearchSchema } from "../../contracts/ticket-search.ts";
import { searchTickets, type SearchCursor } from "../services/board/search-tickets.ts";
import { json, namedPage, problems, route, type ApiApp } from "./shared.ts";

const cursorPattern = /^(key|text)-([1-9][0-9]{0,15})$/;

const search = route("ticket.read", {
  method: "get",
  path: "/api/tickets",
  tags: ["Board"],
  summary: "Search the tenant's tickets",
  request: {
    query: z.object({
      search: ticketSearchSchema.describe("A key such as LIME-42, or words of title, description, criteria or labels"),
      projectId: idSchema.optional(),
      cursor: z
        .string()
        .regex(cursorPattern, "must be the nextCursor of the page before")
        .optional()
        .describe("`nextCursor` of the page before"),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
  },
  responses: {
    200: json(namedPage("FoundTicketPage", foundTicketSchema), "The ticket of that key first, then newest first"),
    ...problems("invalid_request", "unauthenticated"),
  },
});

function cursorOf(text: string | undefined): SearchCursor | undefined {
  const [, phase, before] = cursorPattern.exec(text ?? "") ?? [];
  return before === undefined ? undefined : { phase: phase === "key" ? "key" : "text", before: Number(before) };
}

/** `GET /api/tickets`. */
export function registerTicketSearch(app: ApiApp): void {
  app.openapi(search, async (c) => {
    const { cursor, limit, projectId, search: text } = c.req.valid("query");
    const project = projectId === undefined ? undefined : Number(projectId);
    const asked = { search: text, projectId: project, cursor: cursorOf(cursor), limit };
    return c.json(await searchTickets(c.var.deps, c.var.scope, asked), 200);
  });
}
