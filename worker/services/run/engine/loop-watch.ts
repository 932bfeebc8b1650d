import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { canonicalJson } from "../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../domain/hash.ts";
import { applyEvent } from "../../../../domain/run/fold.ts";
import { loopCause, repeatedMessage, stableResult, watchLoop, type RecentCalls } from "../../../../domain/run/loop.ts";
import { facts } from "./facts.ts";
import type { JournalWrite, RunJournal } from "./journal.ts";
import { move } from "../../../../domain/run/move.ts";

/** A finished call as the watch needs it; `key` holds everything that a repeated call has in common. */
interface WatchedCall {
  readonly name: string;
  readonly input: unknown;
  readonly outcome: string;
  readonly output: string;
  /** The call's writes besides its end. */
  readonly write: Partial<JournalWrite>;
}

/**
 * Checks whether the agent repeats itself. Gives the facts and events to be stored with the call's end and, from the third same
 * result on, a warning for the model beside the result; with the sixth the run stops and asks a person.
 */
export function watchCall(
  journal: RunJournal,
  finished: NewRunEvent,
  { input, name, outcome, output, write }: WatchedCall,
): {
  readonly facts: Readonly<Record<string, string | null>>;
  readonly events: readonly NewRunEvent[];
  readonly note: string;
} {
  const movesOn = (write.events ?? []).some(({ type }) => type === "stage.finished" || type === "run.state_changed");
  if (movesOn) return { facts: facts.recentCalls.write(null), events: [], note: "" };
  const recent: RecentCalls = facts.recentCalls.read(journal) ?? [];
  const key = sha256Hex(canonicalJson([name, input ?? null, outcome, stableResult(output)])).slice(0, 16);
  const verdict = watchLoop(recent, key, write.work !== undefined || outcome === "interrupted");
  const kept = facts.recentCalls.write(verdict.recent);
  if (verdict.advice === "go_on") return { facts: kept, events: [], note: "" };
  const note = `\n\n${repeatedMessage(verdict.times)}`;
  if (verdict.advice === "tell") return { facts: kept, events: [], note };
  const view = applyEvent(journal.view(), { ...finished, atMs: 0 });
  return { facts: kept, events: [move(view, "human_needed", loopCause(name, verdict.times)).event], note };
}
