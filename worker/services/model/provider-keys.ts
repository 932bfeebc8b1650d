import type { ProviderKey } from "../../../contracts/provider-key.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { deleteProviderKey, listProviderKeys, putProviderKey, type Provider } from "../../db/stores/provider-key.ts";
import { ServiceError } from "../../errors.ts";

const names: Readonly<Record<Provider, string>> = { anthropic: "Anthropic", openai: "OpenAI" };

/** The row that a key is sealed for: it opens for no other tenant and no other provider. */
export function providerKeyIdentity(tenantId: number, provider: Provider): string {
  return `tenant:${tenantId}:provider-key:${provider}`;
}

/** The tenant's own keys, without the keys. `admin`. */
export async function getProviderKeys(context: ServiceContext): Promise<readonly ProviderKey[]> {
  requireRole(context, "admin");
  const rows = await listProviderKeys(context.db, context.tenantId);
  return rows.map(({ setBy, ...row }) => ({
    ...row,
    setBy: { id: String(setBy.id), name: setBy.name, avatarUrl: setBy.image },
  }));
}

/**
 * Sets the tenant's own key of a provider, for runs from now on. `admin`. The provider is asked whether it takes the key:
 * `invalid_request` when it refuses it; a provider that can't be reached does not stand in the way.
 */
export async function setProviderKey(context: ServiceContext, provider: Provider, key: string): Promise<ProviderKey> {
  requireRole(context, "admin");
  if ((await context.tryProviderKey(provider, key)) === "refused") {
    const message = `${names[provider]} refuses this key. Copy it again, or make a new one there.`;
    throw new ServiceError("invalid_request", message, { issues: [{ path: "key", message }] });
  }
  const { tenantId, user } = context;
  const atMs = context.now();
  const sealed = await context.vault.seal(key, providerKeyIdentity(tenantId, provider));
  const lastFour = key.slice(-4);
  await context.db.batch([
    putProviderKey(context.db, { tenantId, provider, sealed, lastFour, setBy: user.id, setAtMs: atMs }),
    recordAudit(
      context.db,
      { ...context, atMs },
      { action: "provider_key.set", subject: `provider:${provider}`, data: { lastFour } },
    ),
  ]);
  return {
    provider,
    lastFour,
    setAtMs: atMs,
    setBy: { id: String(user.id), name: user.name, avatarUrl: user.avatarUrl },
  };
}

/** Removes the tenant's own key; runs go on with the deployment's, where it has one. `admin`. `not_found` without one. */
export async function removeProviderKey(context: ServiceContext, provider: Provider): Promise<void> {
  requireRole(context, "admin");
  const known = await listProviderKeys(context.db, context.tenantId);
  if (!known.some((row) => row.provider === provider))
    throw new ServiceError("not_found", `The tenant has no ${names[provider]} key of its own.`);
  const atMs = context.now();
  await context.db.batch([
    deleteProviderKey(context.db, context.tenantId, provider),
    recordAudit(
      context.db,
      { ...context, atMs },
      { action: "provider_key.removed", subject: `provider:${provider}`, data: {} },
    ),
  ]);
}
