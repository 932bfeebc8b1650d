import type { PromptPart } from "../../../../contracts/run-events.ts";
import type { Stage } from "../../../../contracts/run.ts";
import { parseStored } from "../../../../domain/parse-stored.ts";
import { clearedFact, clearedFromFact, nothingCleared, type Cleared } from "../../../../domain/run/compaction.ts";
import type { RecentCalls } from "../../../../domain/run/loop.ts";
import type { StoredSuite } from "./kept-suites.ts";
import type { RunSpending } from "../../../ports/budget.ts";

/** The part of a journal that facts are read from. */
interface FactReader {
  fact(name: string): string | undefined;
}

/** A small value that the engine stores beside the events, under one name. `write(null)` removes it. */
export interface Fact<T> {
  read(journal: FactReader): T | undefined;
  write(value: T | null): Readonly<Record<string, string | null>>;
}

function fact<T>(name: string, parse: (text: string) => T, print: (value: T) => string): Fact<T> {
  return {
    read: (journal) => {
      const text = journal.fact(name);
      return text === undefined ? undefined : parse(text);
    },
    write: (value) => ({ [name]: value === null ? null : print(value) }),
  };
}

const text = <T extends string = string>(name: string): Fact<T> =>
  fact<T>(
    name,
    (stored) => stored as T,
    (value) => value,
  );
const number = (name: string): Fact<number> => fact(name, Number, String);
const json = <T>(name: string): Fact<T> => fact<T>(name, (stored) => parseStored(stored), JSON.stringify);

/**
 * Every fact of the engine, with its type. A fact never decides where a run goes by itself: that is for events. Facts hold the
 * bookkeeping of a step (how often it failed, whether something was said to the model) and texts too large for the view.
 */
export const facts = {
  /** Set to `yes` once gate G0 has passed and the repositories were inspected. */
  intakeDone: text<"yes">("taken_in"),
  /** Test command of a run whose intake was done before it became an event. */
  legacyTestCommand: text("test_command"),
  /** The repositories' own instructions, as parts of the prompt. */
  repositoryInstructions: json<readonly PromptPart[]>("repository_instructions"),
  /** The sandbox's generation in which the work was laid out; `released` once the sandbox was given back. */
  workspaceGeneration: text("workspace_generation"),
  /** Ids of the sandboxes that the run asked for and has not destroyed yet. */
  sandboxes: json<readonly string[]>("sandboxes"),
  /** Failures in a row to destroy them. */
  releaseFailures: number("release_failures"),
  /** Failures in a row of the present step. */
  stepFailures: number("step_failures"),
  /** Failures in a row to close the pull request that the ended run left. */
  closeFailures: number("close_failures"),
  /** The suites of the tester's step under way that have ended, for the work that `key` names. */
  endedSuites: json<{ readonly key: string; readonly suites: Readonly<Record<string, StoredSuite>> }>("ended_suites"),
  /** When the run began to wait for CI, in UTC milliseconds. */
  ciSinceMs: number("ci_since_ms"),
  /** Indexes of the plan's tasks that the coder's work does. */
  finishedTasks: json<readonly number[]>("tasks"),
  /** The stage's latest calls, as the loop watch compares them. */
  recentCalls: json<RecentCalls>("recent_calls"),
  /** The turn at which the model was asked to finish, and the number of turns left then. */
  windDown: text("wind_down_told"),
  /** Head and diff of the pull request that the reviewer was shown last. */
  shownPull: text("told_pull"),
  /** Set to `off` when a vendor turned out not to support shortening. */
  vendorContext: text<"off">("vendor_context"),
  /** The total turn from which a summary may be asked for again. */
  summaryFromTurn: number("summary_from_turn"),
  /** While set, the project's account may hold a reservation of the run or lack a call of it. */
  spendingOpen: text<"yes">("spending_open"),
  /** The attempt in which the run has said that it waits for the budget. */
  spendingWait: text("spending_wait"),
  /** The month and limit whose warning the run has given. */
  spendingWarned: text("spending_warned"),
  /** The spending by day that the account has confirmed. */
  spendingSettled: json<RunSpending["days"]>("spending_settled"),

  /** The times that a stage was begun. */
  attempts: (stage: Stage): Fact<number> => number(`attempts:${stage}`),
  /** Set once a write of a patch set or review was announced. */
  writeStarted: (hash: string, kind: string): Fact<"started"> => text(`write:${hash}:${kind}`),
  /** The whole of a tool output that was cut. */
  wholeOutput: (name: string): Fact<string> => text(`output:${name}`),
  /** Images that a conversation goes on without. */
  imagesLeftOut: (conversation: string): Fact<readonly string[]> => json(`images_left_out:${conversation}`),
  /** The parts of a conversation that were cleared. */
  compacted: (conversation: string): Fact<Cleared> => fact(`compacted:${conversation}`, clearedFromFact, clearedFact),
  /** Whether the vendor or the product's own rule clears a conversation. */
  clearedBy: (conversation: string): Fact<"vendor" | "rule"> => text(`cleared_by:${conversation}`),
} as const;

/** The parts of a conversation that were cleared; none where it was not shortened. */
export function clearedOf(journal: FactReader, conversation: string): Cleared {
  return facts.compacted(conversation).read(journal) ?? nothingCleared;
}
