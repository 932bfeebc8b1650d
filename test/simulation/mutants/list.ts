import { moneyMutants } from "./money.ts";
import { domainMutants } from "./domain.ts";
import { laneMutants } from "./lanes.ts";
import { engineMutants } from "./engine.ts";
import { reviewMutants } from "./review.ts";
import { testMutants } from "./tests.ts";
import type { Mutant } from "./mutant.ts";

/** Mistakes that the simulation must find. Each is one that a person could make and a reviewer could miss. */
export const mutants: readonly Mutant[] = [
  ...domainMutants,
  ...engineMutants,
  ...reviewMutants,
  ...moneyMutants,
  ...laneMutants,
  ...testMutants,
];
