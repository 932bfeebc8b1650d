import type { Instruction } from "../../../contracts/instruction.ts";
import type { PermissionName } from "../../../domain/tenancy/permissions.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { repositoryExists } from "../../db/stores/connector.ts";
import { findInstruction, putInstruction, type InstructionScope } from "../../db/stores/instruction.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { readSeen } from "../connector/visibility.ts";
import { requireOpenProject } from "../project/require-open.ts";

/** The instruction of a place; empty when there is none. `instruction.read`. `not_found` for a project or repository that the tenant lacks. */
export async function getInstruction(deps: ServiceDeps, scope: Scope, place: InstructionScope): Promise<Instruction> {
  requirePermission(scope, "instruction.read");
  await requirePlace(deps, scope, place);
  return readInstruction(deps, scope.tenantId, place);
}

/** The permission to set the instruction of a place: the tenant's own is an administrator's. */
export function instructionPermission(place: InstructionScope["scope"]): PermissionName {
  return place === "tenant" ? "instruction.update_tenant" : "instruction.update_project";
}

/**
 * Sets the instruction of a place for later runs. `instruction.update_tenant` or `instruction.update_project`. `not_found` as for reading it,
 * `conflict` for an archived project.
 */
export async function setInstruction(
  deps: ServiceDeps,
  scope: Scope,
  place: InstructionScope,
  text: string,
): Promise<Instruction> {
  requirePermission(scope, instructionPermission(place.scope));
  const { db } = deps;
  const { tenantId } = scope;
  await requirePlace(deps, scope, place);
  if (place.scope === "project") await requireOpenProject(deps, scope, place.scopeId);
  const atMs = deps.now();
  const entry = {
    action: "instruction.set",
    subject: `${place.scope}:${place.scopeId}`,
    data: { characters: text.length },
  };
  await db.batch([putInstruction(db, tenantId, place, text, atMs), recordAudit(db, { scope, atMs }, entry)]);
  return readInstruction(deps, tenantId, place);
}

async function readInstruction({ db }: ServiceDeps, tenantId: number, place: InstructionScope): Promise<Instruction> {
  const row = await findInstruction(db, tenantId, place);
  return {
    scope: place.scope,
    scopeId: place.scope === "tenant" ? null : String(place.scopeId),
    text: row?.text ?? "",
    updatedAtMs: row?.updatedAtMs ?? null,
  };
}

async function requirePlace(deps: ServiceDeps, actor: Scope, { scope, scopeId }: InstructionScope): Promise<void> {
  const { db } = deps;
  const { tenantId } = actor;
  const known =
    scope === "tenant" ||
    (scope === "project"
      ? await projectExists(db, tenantId, scopeId)
      : await readSeen(deps, actor, async (viewer) => repositoryExists(db, tenantId, viewer, scopeId)));
  if (!known) throw new ServiceError("not_found", `There is no such ${scope}.`);
}
