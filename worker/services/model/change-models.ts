import type { AddModel, ChangeModel, Model } from "../../../contracts/model.ts";
import { utcDay } from "../../../domain/budget/calendar.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
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
import { readModels, retiredReason, tenantModels } from "./tenant-models.ts";

const mostOwnModels = 50;

/**
 * Adds a model that the product's list does not have. `admin`. `conflict` when the tenant's list has it, `invalid_request` when
 * its vendor has retired it.
 */
export async function addModel(context: ServiceContext, { id, name, provider }: AddModel): Promise<Model> {
  requireRole(context, "admin");
  const atMs = context.now();
  const models = await tenantModels(context);
  if (models.some((model) => model.id === id)) throw taken(id);
  const retired = retiredReason(id, utcDay(atMs));
  if (retired !== null)
    throw new ServiceError("invalid_request", retired, { issues: [{ path: "id", message: retired }] });
  if (models.filter((model) => model.origin === "own").length >= mostOwnModels)
    throw new ServiceError("conflict", `${mostOwnModels} models were added already. Remove one first.`);
  const row: TenantModelRow = { modelId: id, provider, name, enabled: true, isDefault: false };
  try {
    await context.db.batch([
      insertTenantModel(context.db, context.tenantId, row, { userId: context.user.id, atMs }),
      audit(context, atMs, "model.added", id, { provider, name }),
    ]);
  } catch (error) {
    if (isUniqueViolation(error, "tenant_model.tenant_id, tenant_model.model_id")) throw taken(id);
    throw error;
  }
  return findOne(context, id);
}

/**
 * Switches a model on or off, makes it the default, or renames one that was added. `admin`. Runs that have begun keep their model.
 * `conflict` when the default would be switched off, or what can't be used made the default.
 */
export async function changeModel(context: ServiceContext, id: string, change: ChangeModel): Promise<Model> {
  requireRole(context, "admin");
  const { models, rows } = await readModels(context);
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
  const atMs = context.now();
  const by = { userId: context.user.id, atMs };
  const row: TenantModelRow = {
    modelId: id,
    provider: model.provider,
    name: change.name ?? model.name,
    enabled,
    // A default that nobody chose is not made one by another change.
    isDefault: change.isDefault ?? rows.some((known) => known.modelId === id && known.isDefault),
  };
  await context.db.batch([
    putTenantModel(context.db, context.tenantId, row, by),
    ...(row.isDefault ? [clearOtherDefaults(context.db, context.tenantId, id)] : []),
    audit(context, atMs, "model.changed", id, change),
  ]);
  return findOne(context, id);
}

/** Takes a model off the list that an admin added. `admin`. `conflict` for the product's own and for the default. */
export async function removeModel(context: ServiceContext, id: string): Promise<void> {
  requireRole(context, "admin");
  const model = await findOne(context, id);
  if (model.origin === "list")
    throw new ServiceError("conflict", `${model.name} comes with the product: switch it off instead.`);
  if (model.isDefault)
    throw new ServiceError("conflict", `${model.name} is the default. Make another model the default first.`);
  await context.db.batch([
    deleteTenantModel(context.db, context.tenantId, id),
    audit(context, context.now(), "model.removed", id, { name: model.name }),
  ]);
}

async function findOne(context: ServiceContext, id: string): Promise<Model> {
  const model = (await tenantModels(context)).find((candidate) => candidate.id === id);
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
  context: ServiceContext,
  atMs: number,
  action: string,
  id: string,
  data: Readonly<Record<string, unknown>>,
): ReturnType<typeof recordAudit> {
  return recordAudit(context.db, { ...context, atMs }, { action, subject: `model:${id}`, data });
}
