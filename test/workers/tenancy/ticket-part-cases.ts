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
  { route: "GET /api/members", path: () => "/api/members", stranger: 200 },
  {
    route: "GET /api/tickets/{id}/activity",
    path: (world) => `/api/tickets/${world.ticket.id}/activity`,
    stranger: 404,
  },
  {
    route: "GET /api/tickets/{id}/comments",
    path: (world) => `/api/tickets/${world.ticket.id}/comments`,
    stranger: 404,
  },
  {
    route: "POST /api/tickets/{id}/comments",
    path: (world) => `/api/tickets/${world.ticket.id}/comments`,
    body: () => ({ body: "By role" }),
    stranger: 404,
  },
  {
    route: "PATCH /api/comments/{id}",
    path: (world) => `/api/comments/${world.commentId}`,
    body: () => ({ version: 1, body: "By role" }),
    stranger: 404,
  },
  {
    route: "GET /api/comments/{id}/versions",
    path: (world) => `/api/comments/${world.commentId}/versions`,
    stranger: 404,
  },
  ...["DELETE /api/comments/{id}", "POST /api/comments/{id}/restore"].flatMap((route): readonly RouteCase[] => {
    const rest = route.endsWith("restore") ? "/restore" : "";
    return [
      {
        route,
        permission: "comment.manage",
        path: (world) => `/api/comments/${world.commentId}${rest}`,
        stranger: 404,
      },
      // One that there is not is asked for with the permission for one's own.
      { route, permission: "comment.write", path: () => `/api/comments/9007199254740991${rest}` },
    ];
  }),
  {
    route: "GET /api/tickets/{id}/attachments",
    path: (world) => `/api/tickets/${world.ticket.id}/attachments`,
    stranger: 404,
  },
  {
    route: "POST /api/tickets/{id}/attachments",
    path: (world) => `/api/tickets/${world.ticket.id}/attachments?name=by-role.txt`,
    body: () => new TextEncoder().encode("By role"),
    stranger: 404,
  },
  { route: "GET /api/attachments/{id}", path: (world) => `/api/attachments/${world.attachmentId}`, stranger: 404 },
  { route: "DELETE /api/attachments/{id}", path: (world) => `/api/attachments/${world.attachmentId}`, stranger: 404 },
  {
    route: "POST /api/attachments/{id}/restore",
    path: (world) => `/api/attachments/${world.attachmentId}/restore`,
    stranger: 404,
  },
];
