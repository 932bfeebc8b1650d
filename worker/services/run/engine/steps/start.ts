import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { chosenLanes } from "../../../../../domain/run/lanes.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { isTransient, PortError } from "../../../../ports/errors.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../../../../../domain/run/move.ts";
import { accessAdvice } from "../forge-advice.ts";
import { repositoryOf } from "../run-spec.ts";
import { startReview } from "./review-pull.ts";

/** Fixes each lane's base commit, so that everything later speaks of the same bytes, and enters the first stage. */
export async function start(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const view = journal.view();
  if (modes[view.mode].start === "pull_request") return startReview(context);
  const resolved = await Promise.all(
    chosenLanes(view)
      .filter(({ baseCommit }) => baseCommit === undefined)
      .map((lane) => resolveBase(context, lane)),
  );
  const bases = resolved.flatMap((result) => (result.event === undefined ? [] : [result.event]));
  const problems = resolved.flatMap((result) => (result.problem === undefined ? [] : [result.problem]));
  if (problems.length > 0) {
    // One repository that can't be read ends a run that has no other; a person may leave it out of a run that has.
    const isAlone = chosenLanes(view).length === 1;
    const cause = problems.join(" ");
    const stop = isAlone
      ? move(view, "failed", cause)
      : move(view, "human_needed", `${cause} Resume tries again; or leave it out of the run.`);
    journal.commit({ events: [...bases, stop.event] }, epoch);
    return "again";
  }
  const isOpen = view.created?.choice === "open" && !view.isChoiceMade;
  journal.commit({ events: [...bases, move(view, isOpen ? "choice_needed" : "started").event] }, epoch);
  return "again";
}

async function resolveBase(
  { deps, journal }: StepContext,
  lane: LaneView,
): Promise<{ readonly event?: NewRunEvent; readonly problem?: string }> {
  try {
    const baseCommit = await deps.forge.getBranchHead(repositoryOf(journal.spec, lane.id), lane.baseBranch);
    return { event: { type: "base.resolved", data: { repositoryId: lane.id, baseCommit } } };
  } catch (error) {
    if (!(error instanceof PortError) || isTransient(error)) throw error;
    const named = `${lane.owner}/${lane.name}`;
    return {
      problem:
        error.code === "empty_repository"
          ? `${named} is empty: push a first commit, then start the run again.`
          : (accessAdvice(error.code, named) ??
            `The branch ${lane.baseBranch} of ${named} can't be read (${error.code}).`),
    };
  }
}
