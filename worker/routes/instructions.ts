import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import { instructionSchema, instructionScopeSchema, putInstructionSchema } from "../../contracts/instruction.ts";
import type { InstructionScope } from "../db/stores/instruction.ts";
import { ServiceError } from "../errors.ts";
import { getInstruction, setInstruction } from "../services/instruction/instructions.ts";
import { json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const query = z.object({
  scope: instructionScopeSchema,
  scopeId: idSchema.optional().describe("Project or repository; absent for the tenant"),
});

const get = route("instruction.read", {
  method: "get",
  path: "/api/instructions",
  tags: ["Instructions"],
  summary: "Read what a tenant, project or repository tells its agents",
  request: { query },
  responses: {
    200: json(instructionSchema, "The instruction, empty when there is none"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const put = route(["instruction.update_tenant", "instruction.update_project"], {
  method: "put",
  path: "/api/instructions",
  tags: ["Instructions"],
  summary: "Set it for later runs",
  request: { query, body: jsonBody(putInstructionSchema) },
  responses: {
    200: json(instructionSchema, "The instruction as it is now"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** `GET` and `PUT /api/instructions`. */
export function registerInstructions(app: ApiApp): void {
  app.openapi(get, async (c) =>
    c.json(await getInstruction(c.var.deps, c.var.scope, scopeOf(c.req.valid("query"))), 200),
  );
  app.openapi(put, async (c) =>
    c.json(await setInstruction(c.var.deps, c.var.scope, scopeOf(c.req.valid("query")), c.req.valid("json").text), 200),
  );
}

function scopeOf({ scope, scopeId }: z.infer<typeof query>): InstructionScope {
  if (scope === "tenant") return { scope, scopeId: 0 };
  if (scopeId === undefined)
    throw new ServiceError("invalid_request", "scopeId: name the project or repository", {
      issues: [{ path: "scopeId", message: "name the project or repository" }],
    });
  return { scope, scopeId: Number(scopeId) };
}
