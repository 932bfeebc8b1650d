import type { RunMode } from "./run.ts";

/** The parts of a start request that depend on the run's mode. */
export interface ModeRequest {
  /** True: the request must name a pull request. False: it must not. */
  readonly pullRequest: boolean;
  /** Whether the request may name a base branch. */
  readonly baseBranch: boolean;
  /** Whether the run changes files, so that a list of allowed tools needs one that can. */
  readonly changesFiles: boolean;
  /** Whether the run may work on several repositories, and choose among them. */
  readonly severalRepositories: boolean;
}

const makesChanges: ModeRequest = {
  pullRequest: false,
  baseBranch: true,
  changesFiles: true,
  severalRepositories: true,
};

/** The request of each mode. The start schema checks it; `domain/run/modes.ts` holds the rest of a mode. */
export const modeRequests: Readonly<Record<RunMode, ModeRequest>> = {
  plan: { pullRequest: false, baseBranch: true, changesFiles: false, severalRepositories: true },
  implement: makesChanges,
  bugfix: makesChanges,
  review: { pullRequest: true, baseBranch: false, changesFiles: false, severalRepositories: false },
  feature: makesChanges,
};
