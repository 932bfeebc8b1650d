import * as z from "zod";
import { memberSchema } from "../../contracts/ticket-parts.ts";
import { getMembers } from "../services/tenancy/get-members.ts";
import { json, problems, route, type ApiApp } from "./shared.ts";

const list = route("tenant.read", {
  method: "get",
  path: "/api/members",
  tags: ["Members"],
  summary: "List the tenant's members by name",
  responses: {
    200: json(z.object({ items: z.array(memberSchema) }).meta({ id: "Members" }), "The members"),
    ...problems("unauthenticated"),
  },
});

/** `GET /api/members`. */
export function registerMembers(app: ApiApp): void {
  app.openapi(list, async (c) => c.json({ items: await getMembers(c.var.deps, c.var.scope) }, 200));
}
