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
