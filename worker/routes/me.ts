import { meSchema, switchTenantSchema } from "../../contracts/project.ts";
import { requirePerson } from "../context.ts";
import { getMe } from "../services/tenancy/get-me.ts";
import { switchTenant } from "../services/tenancy/switch-tenant.ts";
import { json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const get = route("tenant.read", {
  method: "get",
  path: "/api/me",
  tags: ["Tenancy"],
  summary: "Read the signed-in person and their tenants",
  responses: { 200: json(meSchema, "The person and their tenants"), ...problems("unauthenticated", "forbidden") },
});

const activate = route("tenant.read", {
  method: "post",
  path: "/api/me/active-tenant",
  tags: ["Tenancy"],
  summary: "Switch to another tenant of mine",
  request: { body: jsonBody(switchTenantSchema) },
  responses: {
    200: json(meSchema, "The person, now in that tenant"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

/** `GET /api/me`, `POST /api/me/active-tenant`. */
export function registerMe(app: ApiApp): void {
  app.openapi(get, async (c) => c.json(await getMe(c.var.deps, requirePerson(c.var.scope)), 200));
  app.openapi(activate, async (c) =>
    c.json(await switchTenant(c.var.deps, requirePerson(c.var.scope), c.req.valid("json")), 200),
  );
}
