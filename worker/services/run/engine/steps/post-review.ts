import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { isFinalWriteError, PullRequestChanged, WriteRefused } from "../../../patch-set/write-gate.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { move } from "../../../../../domain/run/move.ts";
import { firstRepository } from "../run-spec.ts";

/**
 * Posts the approved review, once: a review whose reply was lost is found again by its marker. When the pull request has moved,
 * the reviewer looks again by itself, since only new findings can help its author, and a person is asked again. When it was
 * closed, a person decides: reopen it and resume, or cancel.
 */
export async function postReview({ deps, epoch, journal }: StepContext): Promise<StepOutcome> {
  const { approval, proposal } = journal.view();
  const review = proposal?.review;
  if (proposal === undefined || review === undefined || review === null) throw new Error("there is no review to post");
  const { hash } = proposal;
  const kind = "review";
  const announced = facts.writeStarted(hash, kind);
  if (announced.read(journal) === undefined) {
    journal.commit(
      {
        events: [{ type: "write.started", data: { repositoryId: null, kind, hash } }],
        facts: announced.write("started"),
      },
      epoch,
    );
  }
  try {
    const posted = await deps.writeGate.review({ repository: firstRepository(journal.spec), review, approval });
    const finished: NewRunEvent = {
      type: "write.finished",
      data: { repositoryId: null, kind, hash, reference: posted.id, url: posted.url },
    };
    journal.commit({ events: [finished, move(journal.view(), "review_posted").event] }, epoch);
  } catch (error) {
    const isChanged = error instanceof PullRequestChanged;
    if (!isChanged && !isFinalWriteError(error)) throw error;
    deps.log("warn", "review not posted", { runId: journal.spec.runId, detail: String(error) });
    const stop = isChanged
      ? error.change === "moved"
        ? move(journal.view(), "pull_request_moved", `Nothing was posted. ${error.message} It is reviewed anew.`)
        : move(journal.view(), "human_needed", `Nothing was posted. ${error.message} Reopen it and resume, or cancel.`)
      : error instanceof WriteRefused
        ? move(journal.view(), "failed", `Nothing was posted. ${error.message}`)
        : move(
            journal.view(),
            "human_needed",
            "The forge refused the review. What was approved is kept; resume tries again.",
          );
    journal.commit({ events: [stop.event] }, epoch);
  }
  return "again";
}
