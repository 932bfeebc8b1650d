import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { pathsChangedInBoth } from "../../../../../domain/patch-set/base-moved.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { watchResult, watchText } from "../../../../../domain/run/watch.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import { laneOf } from "../../../../../domain/run/lanes.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { StepContext } from "../deps.ts";
import { repositoryOf } from "../run-spec.ts";
import { baseCommitOf } from "../workspace.ts";
import { readPull } from "./pull-watch.ts";

/** News at the forge that a person has to know of before a lane is written. */
export interface WriteNews {
  readonly events: readonly NewRunEvent[];
  /** The cause for a person: the event, the work that is kept, and the ways to go on. */
  readonly cause: string;
}

/**
 * Looks at the forge before the first write of a lane's patch set: at its pull request where it has one, which a repair goes onto, and at
 * the base branch. Undefined when nothing speaks against the write. Throws PortError.
 */
export async function newsBeforeWrite(context: StepContext, lane: LaneView): Promise<WriteNews | undefined> {
  const ofPull = lane.pullRequest === undefined ? undefined : await changedPull(context, lane);
  return ofPull ?? movedBase(context, lane);
}

async function changedPull(context: StepContext, lane: LaneView): Promise<WriteNews | undefined> {
  const events = await readPull(context, lane);
  const view = events.reduce((seen, event) => applyEvent(seen, { ...event, atMs: 0 }), context.journal.view());
  const now = laneOf(view, lane.id);
  const result = watchResult(now);
  if (result === "open" || result === "conflicting") return undefined;
  const cause =
    result === "merged"
      ? `Pull request #${now.pullRequest?.number ?? "?"} of ${lane.owner}/${lane.name} was merged before this version was approved. Nothing more was written; the approval is kept in the log. Cancel the run and start another one on the new base.`
      : `${watchText(now)} Nothing of this version was written.`;
  return { events, cause };
}

/** A base branch that moved without touching the same files is no news: the forge merges the two. */
async function movedBase({ deps, journal }: StepContext, lane: LaneView): Promise<WriteNews | undefined> {
  const { baseBranch, id, movedBase: known, patchSet, pullRequest } = lane;
  const baseCommit = baseCommitOf(lane);
  const repository = repositoryOf(journal.spec, id);
  const headCommit = await branchHead(deps.forge, repository, baseBranch);
  if (headCommit === undefined || headCommit === baseCommit) return undefined;
  if (known?.commit === headCommit && known.isAgreed) return undefined;
  const changes = journal.patchSetChanges(patchSet?.hash ?? "") ?? [];
  const [base, present] = await Promise.all([
    deps.forge.getTree(repository, baseCommit),
    deps.forge.getTree(repository, headCommit),
  ]);
  const paths = pathsChangedInBoth(
    changes.map(({ path }) => path),
    base,
    present,
  );
  if (paths.length === 0) return undefined;
  const goesOn = pullRequest === undefined ? "opens the pull request" : `writes to pull request #${pullRequest.number}`;
  const shown = `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ` and ${paths.length - 5} more` : ""}`;
  return {
    events: [{ type: "base.moved", data: { repositoryId: id, baseCommit, headCommit, paths: [...paths] } }],
    cause: `${baseBranch} of ${lane.owner}/${lane.name} has moved to ${headCommit.slice(0, 10)} since this work began, and changes the same files: ${shown}. Nothing of this version was written there; the approval is kept. Resume ${goesOn} all the same, with the conflict to be resolved there; or cancel and start again on the new base.`,
  };
}

/** The base branch's commit; undefined when the branch is gone, which the write itself will tell. */
async function branchHead(
  forge: StepContext["deps"]["forge"],
  repository: Parameters<StepContext["deps"]["forge"]["getBranchHead"]>[0],
  branch: string,
): Promise<string | undefined> {
  try {
    return await forge.getBranchHead(repository, branch);
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found") return undefined;
    throw error;
  }
}
