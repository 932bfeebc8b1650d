import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { retryDelayMs } from "../../../../../domain/run/backoff.ts";
import { closedEvents, closeFailedEvent, ownCommits } from "../../../../../domain/run/closing.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { laneOf } from "../../../../../domain/run/lanes.ts";
import { PortError } from "../../../../ports/errors.ts";
import { isFinalWriteError, WriteRefused } from "../../../patch-set/write-gate.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { forgeWords } from "../forge-advice.ts";
import { repositoryOf } from "../run-spec.ts";

/** Failures in a row, over some minutes, after which the person is told to try again. */
const maxTries = 6;

/**
 * Closes the pull request that an ended run left, by the request of a person. Whatever happens the request comes to an end that is
 * recorded: the run has ended, so no state of it can tell of a failure.
 */
export async function closePull(context: StepContext, repositoryId: string): Promise<StepOutcome> {
  const { deps, journal } = context;
  const end = (events: readonly NewRunEvent[]): StepOutcome => {
    journal.commit({ events, facts: facts.closeFailures.write(null) });
    return "again";
  };
  try {
    const closed = await deps.writeGate.close(closeRequest(context, laneOf(journal.view(), repositoryId)));
    return end(closedEvents(laneOf(journal.view(), repositoryId), closed));
  } catch (error) {
    const failures = (facts.closeFailures.read(journal) ?? 0) + 1;
    const isTransient = error instanceof PortError && !isFinalWriteError(error);
    deps.log(isTransient ? "warn" : "error", "pull request not closed", {
      runId: journal.spec.runId,
      failures,
      detail: String(error),
    });
    if (!isTransient || failures >= maxTries)
      return end([closeFailedEvent(laneOf(journal.view(), repositoryId), reasonOf(error), !isTransient)]);
    journal.commit({ events: [], facts: facts.closeFailures.write(failures) });
    return { sleepUntilMs: deps.nowMs() + retryDelayMs(failures - 1, deps.random(), error.retryAfterMs) };
  }
}

function closeRequest({ journal }: StepContext, lane: LaneView) {
  const { baseBranch, closing, id, pullRequest } = lane;
  const repository = { ...repositoryOf(journal.spec, id), baseBranch };
  return { repository, pull: pullRequest, ownCommits: ownCommits(lane), approval: closing };
}

function reasonOf(error: unknown): string {
  if (error instanceof WriteRefused) return error.message;
  if (!(error instanceof PortError)) return "something inside Assembly Lime failed; the operator's log has it.";
  if (error.kind === "transient") return `the forge could not be reached (${error.code}).`;
  const words = forgeWords(error.message);
  return words === "" ? `the forge refused (${error.code}).` : `the forge refused: "${words}".`;
}
