import type { AddModel, ChangeModel, Model } from "../../../contracts/model.ts";
import { utcDay } from "../../../domain/budget/calendar.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import {
  clearOtherDefaults,
  deleteTenantModel,
  insertTenantModel,
  putTenantModel,
  type TenantModelRow,
} from "../../db/stores/model.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { ServiceError } from "../../errors.ts";
import { readModels, readTenantModels, retiredReason } from "./tenant-models.ts";

const mostOwnModels = 50;

/**
 * Adds a model that the product's list does not have. `model.manage`. `conflict` when the tenant's list has it, `invalid_request` when
 * its vendor has retired it.
 */
export async function addModel(deps: ServiceDeps, scope: Scope, { id, name, provider }: AddModel): Promise<Model> {
  requirePermission(scope, "model.manage");
  const atMs = deps.now();
  const models = await readTenantModels(deps, scope.tenantId);
  if (models.some((model) => model.id === id)) throw taken(id);
  const retired = retiredReason(id, utcDay(atMs));
  if (retired !== null)
    throw new ServiceError("invalid_request", retired, { issues: [{ path: "id", message: retired }] });
  if (models.filter((model) => model.origin === "own").length >= mostOwnModels)
    throw new ServiceError("conflict", `${mostOwnModels} models were added already. Remove one first.`);
  const row: TenantModelRow = { modelId: id, provider, name, enabled: true, isDefault: false };
  try {
    await deps.db.batch([
      insertTenantModel(deps.db, scope.tenantId, row, { userId: responsibleUserId(scope.actor), atMs }),
      audit(deps, scope, atMs, "model.added", id, { provider, name }),
    ]);
  } catch (error) {
    if (isUniqueViolation(error, "tenant_model.tenant_id, tenant_model.model_id")) throw taken(id);
    throw error;
  }
  return findOne(deps, scope, id);
}

/**
 * Switches a model on or off, makes it the default, or renames one that was added. `model.manage`. Runs that have begun keep their model.
 * `conflict` when the default would be switched off, or what can't be used made the default.
 */
export async function changeModel(deps: ServiceDeps, scope: Scope, id: string, change: ChangeModel): Promise<Model> {
  requirePermission(scope, "model.manage");
  const { models, rows } = await readModels(deps, scope.tenantId);
  const model = models.find((candidate) => candidate.id === id);
  if (model === undefined) throw unknown();
  const enabled = change.enabled ?? model.enabled;
  if (model.isDefault && !enabled)
    throw new ServiceError("conflict", `${model.name} is the default. Make another model the default first.`);
  if (change.isDefault === true && !(model.available && enabled))
    throw new ServiceError("conflict", model.reason ?? `${model.name} is switched off, so it can't be the default.`);
  if (change.name !== undefined && model.origin === "list")
    throw new ServiceError(
      "conflict",
      `${model.name} comes with the product: only models that were added can be renamed.`,
    );
  const atMs = deps.now();
  const by = { userId: responsibleUserId(scope.actor), atMs };
  const row: TenantModelRow = {
    modelId: id,
    provider: model.provider,
    name: change.name ?? model.name,
    enabled,
    // Another change does not turn an implied default into a chosen one.
    isDefault: change.isDefault ?? rows.some((known) => known.modelId === id && known.isDefault),
  };
  await deps.db.batch([
    putTenantModel(deps.db, scope.tenantId, row, by),
    ...(row.isDefault ? [clearOtherDefaults(deps.db, scope.tenantId, id)] : []),
    audit(deps, scope, atMs, "model.changed", id, change),
  ]);
  return findOne(deps, scope, id);
}

/** Takes a model off the list that an admin added. `model.manage`. `conflict` for the product's own and for the default. */
export async function removeModel(deps: ServiceDeps, scope: Scope, id: string): Promise<void> {
  requirePermission(scope, "model.manage");
  const model = await findOne(deps, scope, id);
  if (model.origin === "list")
    throw new ServiceError("conflict", `${model.name} comes with the product: switch it off instead.`);
  if (model.isDefault)
    throw new ServiceError("conflict", `${model.name} is the default. Make another model the default first.`);
  await deps.db.batch([
    deleteTenantModel(deps.db, scope.tenantId, id),
    audit(deps, scope, deps.now(), "model.removed", id, { name: model.name }),
  ]);
}

async function findOne(deps: ServiceDeps, scope: Scope, id: string): Promise<Model> {
  const model = (await readTenantModels(deps, scope.tenantId)).find((candidate) => candidate.id === id);
  if (model === undefined) throw unknown();
  return model;
}

function unknown(): ServiceError {
  return new ServiceError("not_found", "There is no such model on this tenant's list.");
}

function taken(id: string): ServiceError {
  return new ServiceError("conflict", `The model ${id} is on the list already.`, {
    issues: [{ path: "id", message: "is on the list already" }],
  });
}

function audit(
  deps: ServiceDeps,
  scope: Scope,
  atMs: number,
  action: string,
  id: string,
  data: Readonly<Record<string, unknown>>,
): ReturnType<typeof recordAudit> {
  return recordAudit(deps.db, { scope, atMs }, { action, subject: `model:${id}`, data });
}
