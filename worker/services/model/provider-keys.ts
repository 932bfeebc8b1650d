import type { ProviderKey } from "../../../contracts/provider-key.ts";
import { requirePermission, type PersonScope, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { deleteProviderKey, listProviderKeys, putProviderKey, type Provider } from "../../db/stores/provider-key.ts";
import { ServiceError } from "../../errors.ts";

const names: Readonly<Record<Provider, string>> = { anthropic: "Anthropic", openai: "OpenAI" };

/** The row that a key is sealed for: it opens for no other tenant and no other provider. */
export function providerKeyIdentity(tenantId: number, provider: Provider): string {
  return `tenant:${tenantId}:provider-key:${provider}`;
}

/** The tenant's own keys, without the keys. `provider_key.manage`. */
export async function getProviderKeys(deps: ServiceDeps, scope: Scope): Promise<readonly ProviderKey[]> {
  requirePermission(scope, "provider_key.manage");
  const rows = await listProviderKeys(deps.db, scope.tenantId);
  return rows.map(({ setBy, ...row }) => ({
    ...row,
    setBy: { id: String(setBy.id), name: setBy.name, avatarUrl: setBy.image },
  }));
}

/**
 * Sets the tenant's own key of a provider, for runs from now on. `provider_key.manage`. The provider is asked whether it takes the key:
 * `invalid_request` when it refuses it; a provider that can't be reached refuses nothing.
 */
export async function setProviderKey(
  deps: ServiceDeps,
  scope: PersonScope,
  provider: Provider,
  key: string,
): Promise<ProviderKey> {
  requirePermission(scope, "provider_key.manage");
  if ((await deps.tryProviderKey(provider, key)) === "refused") {
    const message = `${names[provider]} refuses this key. Copy it again, or make a new one there.`;
    throw new ServiceError("invalid_request", message, { issues: [{ path: "key", message }] });
  }
  const { actor, tenantId, userId } = scope;
  const atMs = deps.now();
  const sealed = await deps.vault.seal(key, providerKeyIdentity(tenantId, provider));
  const lastFour = key.slice(-4);
  await deps.db.batch([
    putProviderKey(deps.db, { tenantId, provider, sealed, lastFour, setBy: userId, setAtMs: atMs }),
    recordAudit(
      deps.db,
      { scope, atMs },
      { action: "provider_key.set", subject: `provider:${provider}`, data: { lastFour } },
    ),
  ]);
  return {
    provider,
    lastFour,
    setAtMs: atMs,
    setBy: { id: actor.id, name: actor.name, avatarUrl: actor.avatarUrl },
  };
}

/** Removes the tenant's own key; runs go on with the deployment's, where it has one. `provider_key.manage`. `not_found` without one. */
export async function removeProviderKey(deps: ServiceDeps, scope: Scope, provider: Provider): Promise<void> {
  requirePermission(scope, "provider_key.manage");
  const known = await listProviderKeys(deps.db, scope.tenantId);
  if (!known.some((row) => row.provider === provider))
    throw new ServiceError("not_found", `The tenant has no ${names[provider]} key of its own.`);
  const atMs = deps.now();
  await deps.db.batch([
    deleteProviderKey(deps.db, scope.tenantId, provider),
    recordAudit(
      deps.db,
      { scope, atMs },
      { action: "provider_key.removed", subject: `provider:${provider}`, data: {} },
    ),
  ]);
}
