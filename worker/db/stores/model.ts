import { and, asc, eq, ne } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { tenantModel } from "../schema/index.ts";
import type { TenantId } from "./start-run.ts";

/** A tenant's entry about a model. */
export type TenantModelRow = Omit<typeof tenantModel.$inferSelect, "tenantId" | "updatedBy" | "updatedAtMs">;

/** The entries in which the tenant's list differs from the product's, in the order of the ids. */
export function listTenantModels(db: Database, tenantId: TenantId) {
  return db
    .select({
      modelId: tenantModel.modelId,
      provider: tenantModel.provider,
      name: tenantModel.name,
      enabled: tenantModel.enabled,
      isDefault: tenantModel.isDefault,
    })
    .from(tenantModel)
    .where(eq(tenantModel.tenantId, tenantId))
    .orderBy(asc(tenantModel.modelId));
}

/** Adds a model to the tenant's list; the batch fails with a unique violation when it is there. */
export function insertTenantModel(
  db: Database,
  tenantId: number,
  row: TenantModelRow,
  by: { readonly userId: number | null; readonly atMs: number },
): Statement {
  return db.insert(tenantModel).values({ tenantId, ...row, updatedBy: by.userId, updatedAtMs: by.atMs });
}

/** Sets all fields of a model in the tenant's list. */
export function putTenantModel(
  db: Database,
  tenantId: number,
  row: TenantModelRow,
  by: { readonly userId: number | null; readonly atMs: number },
): Statement {
  const set = { ...row, updatedBy: by.userId, updatedAtMs: by.atMs };
  return db
    .insert(tenantModel)
    .values({ tenantId, ...set })
    .onConflictDoUpdate({ target: [tenantModel.tenantId, tenantModel.modelId], set });
}

/** Leaves this model as the tenant's only default. */
export function clearOtherDefaults(db: Database, tenantId: number, modelId: string): Statement {
  return db
    .update(tenantModel)
    .set({ isDefault: false })
    .where(and(eq(tenantModel.tenantId, tenantId), eq(tenantModel.isDefault, true), ne(tenantModel.modelId, modelId)));
}

/** Takes a model off the tenant's list. */
export function deleteTenantModel(db: Database, tenantId: number, modelId: string): Statement {
  return db.delete(tenantModel).where(and(eq(tenantModel.tenantId, tenantId), eq(tenantModel.modelId, modelId)));
}
