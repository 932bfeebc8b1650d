import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { retryDelayMs } from "../../../../../domain/run/backoff.ts";
import { closedEvents, closeFailedEvent, ownCommits } from "../../../../../domain/run/closing.ts";
import { deletedEvents, deleteFailedEvent } from "../../../../../domain/run/deleting.ts";
import { branchWithoutPull, type LaneView } from "../../../../../domain/run/lane-view.ts";
import { laneOf } from "../../../../../domain/run/lanes.ts";
import { PortError } from "../../../../ports/errors.ts";
import { isFinalWriteError, WriteRefused } from "../../../patch-set/write-gate.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { forgeWords } from "../forge-advice.ts";
import { repositoryOf } from "../run-spec.ts";

/** Failures in a row, over some minutes, after which the person is told to try again. */
const maxTries = 6;

/** Something that a person wants taken back: how it is asked for, and the events of its end. */
interface TakingBack<T> {
  readonly ask: (lane: LaneView) => Promise<T>;
  readonly ended: (lane: LaneView, done: T) => readonly NewRunEvent[];
  readonly failed: (lane: LaneView, reason: string, isKnown: boolean) => NewRunEvent;
}

/** Closes the pull request that an ended run left, by the request of a person. See `takeBack`. */
export async function closePull(context: StepContext, repositoryId: string): Promise<StepOutcome> {
  const { writeGate } = context.deps;
  return takeBack(context, repositoryId, {
    ask: (lane) => writeGate.close({ ...ownOf(context, lane), pull: lane.pullRequest, approval: lane.closing }),
    ended: closedEvents,
    failed: closeFailedEvent,
  });
}

/** Deletes the branch that an ended run left without a pull request, by the request of a person. See `takeBack`. */
export async function deleteLeftBranch(context: StepContext, repositoryId: string): Promise<StepOutcome> {
  const { writeGate } = context.deps;
  return takeBack(context, repositoryId, {
    ask: (lane) =>
      writeGate.deleteBranch({ ...ownOf(context, lane), branch: branchWithoutPull(lane), approval: lane.deleting }),
    ended: deletedEvents,
    failed: deleteFailedEvent,
  });
}

/**
 * Does what a person asked for after the run's end. Whatever happens the request comes to an end that is recorded: the run has ended, so no
 * state of it can tell of a failure.
 */
async function takeBack<T>(
  context: StepContext,
  repositoryId: string,
  { ask, ended, failed }: TakingBack<T>,
): Promise<StepOutcome> {
  const { deps, journal } = context;
  const end = (events: readonly NewRunEvent[]): StepOutcome => {
    journal.commit({ events, facts: facts.closeFailures.write(null) });
    return "again";
  };
  try {
    const done = await ask(laneOf(journal.view(), repositoryId));
    return end(ended(laneOf(journal.view(), repositoryId), done));
  } catch (error) {
    const failures = (facts.closeFailures.read(journal) ?? 0) + 1;
    const isTransient = error instanceof PortError && !isFinalWriteError(error);
    deps.log(isTransient ? "warn" : "error", "pull request or branch not taken back", {
      runId: journal.spec.runId,
      failures,
      detail: String(error),
    });
    if (!isTransient || failures >= maxTries)
      return end([failed(laneOf(journal.view(), repositoryId), reasonOf(error), !isTransient)]);
    journal.commit({ events: [], facts: facts.closeFailures.write(failures) });
    return { sleepUntilMs: deps.nowMs() + retryDelayMs(failures - 1, deps.random(), error.retryAfterMs) };
  }
}

function ownOf({ journal }: StepContext, lane: LaneView) {
  const repository = { ...repositoryOf(journal.spec, lane.id), baseBranch: lane.baseBranch };
  return { repository, ownCommits: ownCommits(lane) };
}

function reasonOf(error: unknown): string {
  if (error instanceof WriteRefused) return error.message;
  if (!(error instanceof PortError)) return "something inside Assembly Lime failed; the operator's log has it.";
  if (error.kind === "transient") return `the forge could not be reached (${error.code}).`;
  const words = forgeWords(error.message);
  return words === "" ? `the forge refused (${error.code}).` : `the forge refused: "${words}".`;
}
