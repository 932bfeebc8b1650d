import type { StartGate, StartPlace } from "../../context.ts";
import { ServiceError } from "../../errors.ts";

/** The starts of one tenant that an isolate takes at once. */
export const startsAtOnce = 5;
/** Starts that find no place are asked to come again one after the other: the first after this delay, each next one a gap later. */
const firstRetryMs = 2_000;
const retryGapMs = 500;
const longestRetryMs = 60_000;
/** The time for which the limiter's last refusal answers in its place. It is shorter than the delay that the refusal names. */
const fullMs = 5_000;
/** Sessions and groups that are remembered at most; forgetting one only costs a question to the limiter. */
const remembered = 10_000;

/** The starts of one tenant, or of one session whose tenant is not known yet. */
interface Group {
  underWay: number;
  /** When the last start that found no place was asked to come again, in UTC milliseconds. */
  askedMs: number;
  full: { readonly refusal: ServiceError; readonly untilMs: number } | undefined;
}

/**
 * Keeps a tenant's flood of starts away from the database, which all tenants share: a start over the number that is taken at once, and a
 * start right after the limiter's refusal, is refused from memory. It holds for one isolate; the quota of the minute holds for all.
 */
export class MemoryStartGate implements StartGate {
  /** The tenant in which a session started last. A session that switched tenants counts for the former until a start of it is let in. */
  readonly #tenants = new Map<string, number>();
  readonly #groups = new Map<string, Group>();

  enter(sessionToken: string, nowMs: number): StartPlace {
    const lastTenantId = this.#tenants.get(sessionToken);
    const group = this.#group(lastTenantId === undefined ? `session ${sessionToken}` : nameOf(lastTenantId));
    if (group.full !== undefined && nowMs < group.full.untilMs) throw group.full.refusal;
    if (group.underWay >= startsAtOnce) throw noPlace(group, nowMs);
    group.underWay += 1;
    const leave: StartPlace["leave"] = ({ error, nowMs: endedMs, tenantId }) => {
      group.underWay -= 1;
      if (tenantId === undefined) return;
      if (this.#tenants.size >= remembered) this.#tenants.clear();
      this.#tenants.set(sessionToken, tenantId);
      if (error instanceof ServiceError && error.code === "rate_limited")
        this.#group(nameOf(tenantId)).full = { refusal: error, untilMs: endedMs + fullMs };
    };
    return { lastTenantId, leave };
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size >= remembered)
      for (const [each, { underWay }] of this.#groups) if (underWay === 0) this.#groups.delete(each);
    const group: Group = { underWay: 0, askedMs: 0, full: undefined };
    this.#groups.set(name, group);
    return group;
  }
}

function nameOf(tenantId: number): string {
  return `tenant ${tenantId}`;
}

/** Asks each refused start to come again after the one before: a flood that came back at once would be refused as one again. */
function noPlace(group: Group, nowMs: number): ServiceError {
  group.askedMs = Math.min(Math.max(nowMs + firstRetryMs, group.askedMs + retryGapMs), nowMs + longestRetryMs);
  const retryAfterMs = group.askedMs - nowMs;
  return new ServiceError(
    "rate_limited",
    `Your tenant starts ${startsAtOnce} runs at this moment, the most that are taken at once. This request started none. Start it again in ${Math.ceil(retryAfterMs / 1000)} seconds.`,
    { retryAfterMs },
  );
}
