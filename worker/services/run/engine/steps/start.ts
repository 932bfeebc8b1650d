import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import { isTransient, PortError } from "../../../../ports/errors.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { startReview } from "./review-pull.ts";

/** Fixes the base commit, so that everything later speaks of the same bytes, and enters the first stage. */
export async function start(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const { repository } = journal.spec;
  const { created } = journal.view();
  if (created !== undefined && modes[created.mode].start === "pull_request") return startReview(context);
  let commit: string;
  try {
    commit = await deps.forge.getBranchHead(repository, repository.baseBranch);
  } catch (error) {
    if (!(error instanceof PortError) || isTransient(error)) throw error;
    const cause =
      error.code === "empty_repository"
        ? `${repository.owner}/${repository.name} is empty: push a first commit, then start the run again.`
        : `The branch ${repository.baseBranch} of ${repository.owner}/${repository.name} can't be read (${error.code}).`;
    journal.commit({ events: [move(journal.view(), "failed", cause).event] }, epoch);
    return "again";
  }
  const base: NewRunEvent = { type: "base.resolved", data: { repositoryId: repository.id, baseCommit: commit } };
  journal.commit({ events: [base, move(journal.view(), "started").event] }, epoch);
  return "again";
}
