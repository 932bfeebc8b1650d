import type { Model, ModelPrice } from "../../../contracts/model.ts";
import { utcDay } from "../../../domain/budget/calendar.ts";
import { defaultModelIds, findModel, findRetirement, type ModelEntry } from "../../../domain/budget/models.ts";
import { prices, pricesAsOf } from "../../../domain/budget/prices.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { listProviderKeys } from "../../db/stores/provider-key.ts";
import { listTenantModels, type TenantModelRow } from "../../db/stores/model.ts";
import { ServiceError } from "../../errors.ts";

const agents = { anthropic: "Claude", openai: "Codex" } as const;

type ModelDeps = Pick<ServiceDeps, "db" | "models" | "now">;

/** The tenant's models: the product's in its order, then those that an admin added. `model.read`. Exactly one is the default, if any can be used. */
export async function tenantModels(deps: ServiceDeps, scope: Scope): Promise<readonly Model[]> {
  requirePermission(scope, "model.read");
  return readTenantModels(deps, scope.tenantId);
}

/** The same for a verb that has checked the actor's permission. */
export async function readTenantModels(deps: ModelDeps, tenantId: number): Promise<readonly Model[]> {
  return (await readModels(deps, tenantId)).models;
}

/** The same, with the rows that the tenant's list has in the database. One batch. */
export async function readModels(
  deps: ModelDeps,
  tenantId: number,
): Promise<{ readonly models: readonly Model[]; readonly rows: readonly TenantModelRow[] }> {
  const [rows, keys] = await deps.db.batch([listTenantModels(deps.db, tenantId), listProviderKeys(deps.db, tenantId)]);
  return { rows, models: mergeModels(deps, rows, keys) };
}

/** The tenant's models, from the rows of its list and of its provider keys. */
export function mergeModels(
  deps: Pick<ServiceDeps, "models" | "now">,
  rows: readonly TenantModelRow[],
  keys: readonly { readonly provider: ModelEntry["provider"] }[],
): readonly Model[] {
  // A key of the tenant's own does where the deployment has none.
  const missingKeys = { ...deps.models.missingKeys };
  for (const { provider } of keys) missingKeys[provider] = null;
  return mergeRows({ models: { ...deps.models, missingKeys }, now: deps.now }, rows);
}

function mergeRows(deps: Pick<ServiceDeps, "models" | "now">, rows: readonly TenantModelRow[]): readonly Model[] {
  const today = utcDay(deps.now());
  const listed = deps.models.list.map((entry) =>
    view(
      deps,
      today,
      entry,
      "list",
      rows.find((row) => row.modelId === entry.id),
    ),
  );
  const own = rows
    .filter((row) => !deps.models.list.some((entry) => entry.id === row.modelId))
    .map((row) => view(deps, today, { id: row.modelId, provider: row.provider, name: row.name }, "own", row));
  const all = [...listed, ...own];
  const chosen = rows.find((row) => row.isDefault)?.modelId;
  const wanted = [chosen, defaultModelIds.anthropic, defaultModelIds.openai].flatMap(
    (id) => all.find((model) => model.id === id && model.available) ?? [],
  );
  const theDefault = wanted[0] ?? all.find((model) => model.available);
  return all.map((model) => ({ ...model, isDefault: model === theDefault }));
}

/**
 * The model of this id of a tenant's models, if a run can be started with it. `unknown_model` when the tenant's list does not have it,
 * `model_unavailable` when it is switched off, retired or without a key; the message says what to use instead.
 */
export function usableModel(deps: Pick<ServiceDeps, "now">, models: readonly Model[], id: string): Model {
  const model = models.find((candidate) => candidate.id === id);
  if (model?.available === true) return model;
  const reason = model?.reason ?? retiredReason(id, utcDay(deps.now()));
  if (reason !== null)
    throw new ServiceError("model_unavailable", reason, { issues: [{ path: "model", message: reason }] });
  throw new ServiceError(
    "unknown_model",
    `There is no model ${JSON.stringify(id.slice(0, 100))}. GET /api/models lists those there are.`,
    { issues: [{ path: "model", message: "is not a known model" }] },
  );
}

/** Why a retired model can't be chosen, naming its successor; null when it has not been retired. */
export function retiredReason(id: string, today: string): string | null {
  const retirement = findRetirement(id);
  if (retirement === undefined || retirement.retiresOn > today) return null;
  const successor = findModel(retirement.successor)?.name ?? retirement.successor;
  return `${retirement.name} was retired by its vendor on ${retirement.retiresOn}. Use ${successor} (${retirement.successor}).`;
}

function view(
  { models }: Pick<ServiceDeps, "models">,
  today: string,
  entry: Pick<ModelEntry, "id" | "provider" | "name" | "contextTokens">,
  origin: Model["origin"],
  row: TenantModelRow | undefined,
): Model {
  const retirement = findRetirement(entry.id);
  const enabled = row?.enabled ?? true;
  const reason =
    retiredReason(entry.id, today) ??
    (enabled
      ? models.missingKeys[entry.provider]
      : `${entry.name} is switched off. An admin can switch it on in Settings, Models.`);
  return {
    id: entry.id,
    provider: entry.provider,
    name: entry.name,
    agent: agents[entry.provider],
    available: reason === null,
    reason,
    isDefault: false,
    enabled,
    origin,
    price: priceOf(entry.id),
    contextTokens: entry.contextTokens ?? null,
    retirement:
      retirement === undefined
        ? null
        : { on: retirement.retiresOn, isPast: retirement.retiresOn <= today, successor: retirement.successor },
  };
}

function priceOf(id: string): ModelPrice | null {
  const price = Object.hasOwn(prices, id) ? prices[id] : undefined;
  return price === undefined ? null : { ...price, long: price.long ?? null, asOf: pricesAsOf };
}
