import type { EngineDeps, StepOutcome } from "../worker/services/run/engine/deps.ts";
import { driveOnce } from "../worker/services/run/engine/driver.ts";
import type { RunJournal } from "../worker/services/run/engine/journal.ts";
import { settleSpending } from "../worker/services/run/engine/spending.ts";

/**
 * One round of the loop as the run's object does it: a step, then the spending effect that is due. A resting run whose spending could
 * not be settled retries 5 s later.
 *
 * @param due answers how to take the spending effects out that the outbox has now; undefined when it has none
 */
export async function stepAndSettle(
  deps: EngineDeps,
  journal: RunJournal,
  signal: AbortSignal,
  due: () => (() => void) | undefined,
): Promise<StepOutcome | "idle"> {
  const outcome = await driveOnce(deps, journal, signal);
  const done = due();
  if (done === undefined) return outcome;
  try {
    await settleSpending(deps, journal);
    done();
    return outcome;
  } catch {
    return outcome === "idle" ? { sleepUntilMs: deps.nowMs() + 5_000 } : outcome;
  }
}
