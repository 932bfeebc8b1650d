import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { canonicalJson } from "../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../domain/hash.ts";
import { readBack } from "../../../../domain/read-back.ts";
import { applyEvent } from "../../../../domain/run/fold.ts";
import { loopCause, repeatedMessage, stableResult, watchLoop, type RecentCalls } from "../../../../domain/run/loop.ts";
import type { JournalWrite, RunJournal } from "./journal.ts";
import { move } from "./move.ts";

const factName = "recent_calls";

/** A finished call as the watch needs it; `key` holds everything that a repeated call has in common. */
interface WatchedCall {
  readonly name: string;
  readonly input: unknown;
  readonly outcome: string;
  readonly output: string;
  /** What the call writes besides its end. */
  readonly write: Partial<JournalWrite>;
}

/**
 * Looks whether the agent goes round in circles. Gives the facts and events to be stored with the call's end and, from the third same
 * result on, what the model is told beside it; with the sixth the run stops and asks a person.
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
  if (movesOn) return { facts: { [factName]: null }, events: [], note: "" };
  const recent: RecentCalls = readBack(journal.fact(factName) ?? "[]");
  const key = sha256Hex(canonicalJson([name, input ?? null, outcome, stableResult(output)])).slice(0, 16);
  const verdict = watchLoop(recent, key, write.workspace !== undefined || outcome === "interrupted");
  const facts = { [factName]: JSON.stringify(verdict.recent) };
  if (verdict.advice === "go_on") return { facts, events: [], note: "" };
  const note = `\n\n${repeatedMessage(verdict.times)}`;
  if (verdict.advice === "tell") return { facts, events: [], note };
  const view = applyEvent(journal.view(), { ...finished, atMs: 0 });
  return { facts, events: [move(view, "human_needed", loopCause(name, verdict.times)).event], note };
}
