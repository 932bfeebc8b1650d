import type { RouteCase } from "./route-cases.ts";

/** The routes of a ticket's parts: dependencies, comments, files and what was done to it. */
export const ticketPartCases: readonly RouteCase[] = [
  {
    route: "PUT /api/tickets/{id}/dependencies/{otherId}",
    path: (world) => `/api/tickets/${world.ticket.id}/dependencies/${world.ticket.id}`,
    stranger: 404,
  },
  {
    route: "DELETE /api/tickets/{id}/dependencies/{otherId}",
    path: (world) => `/api/tickets/${world.ticket.id}/dependencies/${world.ticket.id}`,
    stranger: 404,
  },
];
