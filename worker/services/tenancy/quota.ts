import type { ServiceDeps } from "../../context.ts";
import { ServiceError } from "../../errors.ts";

/** A tenant may have so many of each a minute; the numbers stand in the deployment's configuration. */
type Quota = Parameters<ServiceDeps["withinQuota"]>[0];

const words: Readonly<Record<Quota, string>> = {
  requests:
    "Your tenant sent more requests than it may in a minute. Nothing was changed by this one. Wait a minute, then go on.",
  starts:
    "Your tenant started more runs than it may in a minute. This request started none. Wait a minute, then start it again.",
};

/**
 * Counts one of each of these for the tenant that a session most likely acts in, while the session is still read. `takeQuota` gets the
 * answers for that tenant from it, and asks for any other tenant. Undefined tenant: nothing is counted yet.
 */
export function countAhead(
  { withinQuota }: Pick<ServiceDeps, "withinQuota">,
  likelyTenantId: number | undefined,
  ...quotas: readonly Quota[]
): Pick<ServiceDeps, "withinQuota"> {
  if (likelyTenantId === undefined) return { withinQuota };
  const answers = new Map(quotas.map((quota) => [quota, withinQuota(quota, likelyTenantId)]));
  // A count that fails is told by `takeQuota`; a request that is refused before that has no use for it.
  for (const answer of answers.values()) answer.catch(() => undefined);
  return {
    withinQuota: (quota, tenantId) =>
      (tenantId === likelyTenantId ? answers.get(quota) : undefined) ?? withinQuota(quota, tenantId),
  };
}

/** Counts one of the tenant's for each of these at once. Throws `rate_limited`, with when to go on, when it has used up one of them. */
export async function takeQuota(
  { withinQuota }: Pick<ServiceDeps, "withinQuota">,
  tenantId: number,
  ...quotas: readonly Quota[]
): Promise<void> {
  const answers = await Promise.all(quotas.map((quota) => withinQuota(quota, tenantId)));
  const full = quotas.find((_quota, index) => answers[index] === false);
  if (full !== undefined) throw new ServiceError("rate_limited", words[full], { retryAfterMs: 60_000 });
}
