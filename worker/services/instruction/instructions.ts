import type { Instruction } from "../../../contracts/instruction.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { repositoryExists } from "../../db/stores/connector.ts";
import { findInstruction, putInstruction, type InstructionScope } from "../../db/stores/instruction.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";

/** The instruction of a scope; empty when there is none. `not_found` for a project or repository that the tenant has not. */
export async function getInstruction(context: ServiceContext, scope: InstructionScope): Promise<Instruction> {
  await requireScope(context, scope);
  const row = await findInstruction(context.db, context.tenantId, scope);
  return {
    scope: scope.scope,
    scopeId: scope.scope === "tenant" ? null : String(scope.scopeId),
    text: row?.text ?? "",
    updatedAtMs: row?.updatedAtMs ?? null,
  };
}

/** Sets the instruction of a scope for later runs. `pm` and above; the tenant's own is for `admin`. */
export async function setInstruction(
  context: ServiceContext,
  scope: InstructionScope,
  text: string,
): Promise<Instruction> {
  requireRole(context, scope.scope === "tenant" ? "admin" : "pm");
  await requireScope(context, scope);
  const atMs = context.now();
  await context.db.batch([
    putInstruction(context.db, context.tenantId, scope, text, atMs),
    recordAudit(
      context.db,
      { ...context, atMs },
      { action: "instruction.set", subject: `${scope.scope}:${scope.scopeId}`, data: { characters: text.length } },
    ),
  ]);
  return getInstruction(context, scope);
}

async function requireScope({ db, tenantId }: ServiceContext, { scope, scopeId }: InstructionScope): Promise<void> {
  const known =
    scope === "tenant" ||
    (scope === "project" ? await projectExists(db, tenantId, scopeId) : await repositoryExists(db, tenantId, scopeId));
  if (!known) throw new ServiceError("not_found", `There is no such ${scope}.`);
}
