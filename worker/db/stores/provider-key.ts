import { and, eq } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { providerKey, user } from "../schema/index.ts";
import type { TenantId } from "./start-run.ts";

export type Provider = typeof providerKey.$inferSelect.provider;

/** A tenant's keys with who set them, without the sealed keys. */
export function listProviderKeys(db: Database, tenantId: TenantId) {
  return db
    .select({
      provider: providerKey.provider,
      lastFour: providerKey.lastFour,
      setAtMs: providerKey.setAtMs,
      setBy: { id: user.id, name: user.name, image: user.image },
    })
    .from(providerKey)
    .innerJoin(user, eq(user.id, providerKey.setBy))
    .where(eq(providerKey.tenantId, tenantId))
    .limit(10);
}

/** A sealed key, or undefined when the tenant has none of its own. */
export async function findSealedKey(db: Database, tenantId: number, provider: Provider): Promise<string | undefined> {
  const rows = await db
    .select({ sealed: providerKey.sealed })
    .from(providerKey)
    .where(and(eq(providerKey.tenantId, tenantId), eq(providerKey.provider, provider)))
    .limit(1);
  return rows[0]?.sealed;
}

/** Sets a tenant's key, in the place of an older one. */
export function putProviderKey(db: Database, row: typeof providerKey.$inferInsert): Statement {
  const { lastFour, sealed, setAtMs, setBy } = row;
  return db
    .insert(providerKey)
    .values(row)
    .onConflictDoUpdate({
      target: [providerKey.tenantId, providerKey.provider],
      set: { lastFour, sealed, setAtMs, setBy },
    });
}

/** Removes a tenant's key. */
export function deleteProviderKey(db: Database, tenantId: number, provider: Provider) {
  return db.delete(providerKey).where(and(eq(providerKey.tenantId, tenantId), eq(providerKey.provider, provider)));
}
