import type { CiEngine } from "./ci/engine.ts";
import type { ForgeCore } from "./core.ts";
import type { Deliveries } from "./events/deliveries.ts";
import type { Faults } from "./http/faults.ts";
import type { RateLimits } from "./http/rate-limits.ts";

/** The core with what acts on its own: deliveries, continuous integration, and what tests set. */
export interface ForgeContext extends ForgeCore {
  readonly deliveries: Deliveries;
  readonly ci: CiEngine;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
}
