import { chosenLanes } from "../../../../domain/run/lanes.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import type { SuiteResult } from "./fresh-suites.ts";
import { baseCommitOf } from "./workspace.ts";

/** A suite's end as it is stored: the names of its tests as pairs with whether each passed. */
export interface StoredSuite extends Omit<SuiteResult, "read"> {
  readonly ran: SuiteResult["read"]["ran"];
  readonly results: readonly (readonly [string, boolean])[] | null;
  readonly isReportMissing: boolean;
}

/** A suite that has ended, and whether the report that its runner was asked for is missing. */
export type EndedSuite = SuiteResult & { readonly isReportMissing: boolean };

/** Results that are longer than this together are not stored: those suites run again after a crash, in characters. */
const maxStoredCharacters = 500_000;

/**
 * The suites of the tester's step that have ended. They are stored while the step is under way, so that a process that dies again and again
 * does not begin with the first suite each time. They count for this attempt of the stage and this work alone: any turn of the
 * coder, and any other choice or base of the repositories, runs all of them anew.
 */
export class KeptSuites {
  readonly #context: StepContext;
  readonly #key: string;

  constructor(context: StepContext) {
    this.#context = context;
    const view = context.journal.view();
    const lanes = chosenLanes(view).map((lane) => [lane.id, baseCommitOf(lane)]);
    this.#key = JSON.stringify([view.stageAttempt, view.totalTurns, lanes]);
  }

  /** The end of the suite of this name; undefined when it has not ended yet. */
  find(name: string): EndedSuite | undefined {
    const stored = this.#stored()[name];
    if (stored === undefined) return undefined;
    const { ran, results, ...suite } = stored;
    return { ...suite, read: { ran, results: results === null ? null : new Map(results) } };
  }

  /** Stores the end of a suite. Throws StaleStep when the run has moved on. */
  keep(name: string, { read, ...suite }: EndedSuite): void {
    const { epoch, journal } = this.#context;
    const results = read.results === null ? null : [...read.results];
    const all = { ...this.#stored(), [name]: { ...suite, ran: read.ran, results } };
    if (JSON.stringify(all).length > maxStoredCharacters) return;
    journal.commit({ events: [], facts: facts.endedSuites.write({ key: this.#key, suites: all }) }, epoch);
  }

  #stored(): Readonly<Record<string, StoredSuite>> {
    const stored = facts.endedSuites.read(this.#context.journal);
    return stored?.key === this.#key ? stored.suites : {};
  }
}
