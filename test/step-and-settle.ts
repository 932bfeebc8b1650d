import type { RunStore } from "../durable-objects/run/store.ts";
import type { EngineDeps, StepOutcome } from "../worker/services/run/engine/deps.ts";
import { driveOnce } from "../worker/services/run/engine/driver.ts";
import type { RunJournal } from "../worker/services/run/engine/journal.ts";
import { settleSpending } from "../worker/services/run/engine/spending.ts";

/**
 * One round of the loop as the run's object does it: a step, then the spending effect that is due. A run at rest whose spending could
 * not be settled comes back 5 s later.
 *
 * @param spendingDue answers how to take the spending effects out that the outbox has now; undefined when it has none
 */
export async function stepAndSettle(
  deps: EngineDeps,
  journal: RunJournal,
  signal: AbortSignal,
  spendingDue: () => (() => void) | undefined,
): Promise<StepOutcome | "idle"> {
  const outcome = await driveOnce(deps, journal, signal);
  const done = spendingDue();
  if (done === undefined) return outcome;
  try {
    await settleSpending(deps, journal);
    done();
    return outcome;
  } catch {
    return outcome === "idle" ? { sleepUntilMs: deps.nowMs() + 5_000 } : outcome;
  }
}

/** The spending effects in a run's own storage, as `stepAndSettle` takes them. */
export function spendingDue({ outbox }: RunStore): (() => void) | undefined {
  const ids = outbox.rows().flatMap(({ id, kind }) => (kind === "spending" ? [id] : []));
  return ids.length === 0 ? undefined : () => outbox.remove(ids);
}
