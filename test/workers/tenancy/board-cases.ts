import type { RouteCase } from "./route-cases.ts";

/** The routes of a project's board: its tickets, columns, views and autopilot. */
export const boardCases: readonly RouteCase[] = [
  {
    route: "POST /api/projects/{id}/boards",
    path: (world) => `/api/projects/${world.project.id}/boards`,
    body: () => ({ name: "By role" }),
    stranger: 404,
  },
  {
    route: "PATCH /api/projects/{id}/boards/{boardId}",
    path: (world) => `/api/projects/${world.project.id}/boards/999999999`,
    body: () => ({ name: "By role" }),
    stranger: 404,
  },
  {
    route: "DELETE /api/projects/{id}/boards/{boardId}",
    path: (world) => `/api/projects/${world.project.id}/boards/999999999`,
    stranger: 404,
  },
  {
    route: "POST /api/projects/{id}/boards/{boardId}/columns",
    path: (world) => `/api/projects/${world.project.id}/boards/999999999/columns`,
    body: () => ({ name: "By role", stage: "qa", after: null }),
    stranger: 404,
  },
  {
    route: "PATCH /api/projects/{id}/columns/{columnId}",
    path: (world) => `/api/projects/${world.project.id}/columns/qa`,
    body: () => ({ name: "By role" }),
    stranger: 404,
  },
  {
    route: "DELETE /api/projects/{id}/columns/{columnId}",
    path: (world) => `/api/projects/${world.project.id}/columns/unknown`,
    stranger: 404,
  },
  { route: "GET /api/projects/{id}/board", path: (world) => `/api/projects/${world.project.id}/board`, stranger: 404 },
  {
    route: "GET /api/projects/{id}/autopilot",
    path: (world) => `/api/projects/${world.project.id}/autopilot`,
    stranger: 404,
  },
  {
    route: "PATCH /api/projects/{id}/autopilot",
    path: (world) => `/api/projects/${world.project.id}/autopilot`,
    body: () => ({ slots: 2 }),
    stranger: 404,
  },
  {
    route: "POST /api/projects/{id}/tickets",
    path: (world) => `/api/projects/${world.project.id}/tickets`,
    body: () => ({ type: "task", title: "By role" }),
    stranger: 404,
  },
  {
    route: "GET /api/projects/{id}/tickets/export",
    path: (world) => `/api/projects/${world.project.id}/tickets/export?format=csv`,
    stranger: 404,
  },
  {
    route: "POST /api/projects/{id}/tickets/import",
    path: (world) => `/api/projects/${world.project.id}/tickets/import?format=json`,
    body: (_world, role) => [{ title: `By ${role}` }],
    stranger: 404,
  },
  { route: "GET /api/tickets/{id}", path: (world) => `/api/tickets/${world.ticket.id}`, stranger: 404 },
  {
    route: "POST /api/projects/{id}/moves",
    path: (world) => `/api/projects/${world.project.id}/moves`,
    body: (world) => ({ ticketIds: [world.ticket.id], column: "todo" }),
    stranger: 404,
  },
  {
    route: "PATCH /api/tickets/{id}",
    path: (world) => `/api/tickets/${world.ticket.id}`,
    // Each edit by a role makes another version, so later roles meet a conflict, which is no refusal of the role.
    body: () => ({ version: 1, title: "By role" }),
    stranger: 404,
  },
  { route: "DELETE /api/tickets/{id}", path: (world) => `/api/tickets/${world.ticket.id}`, stranger: 404 },
  {
    route: "POST /api/tickets/{id}/restore",
    path: (world) => `/api/tickets/${world.ticket.id}/restore`,
    stranger: 404,
  },
  { route: "GET /api/tickets", path: () => "/api/tickets?search=First", stranger: 200 },
  { route: "GET /api/projects/{id}/views", path: (world) => `/api/projects/${world.project.id}/views`, stranger: 404 },
  {
    route: "POST /api/projects/{id}/views",
    path: (world) => `/api/projects/${world.project.id}/views`,
    body: () => ({ name: "By role", query: "view=list" }),
    stranger: 404,
  },
  {
    route: "PATCH /api/views/{id}",
    path: (world) => `/api/views/${world.viewIds.own}`,
    body: () => ({ name: "By role" }),
    stranger: 404,
  },
  {
    route: "DELETE /api/views/{id}",
    permission: "view.save",
    path: (world) => `/api/views/${world.viewIds.own}`,
    stranger: 404,
  },
  {
    route: "DELETE /api/views/{id}",
    permission: "view.manage",
    path: (world) => `/api/views/${world.viewIds.shared}`,
  },
];
