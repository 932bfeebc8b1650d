import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import { readBack } from "../../domain/read-back.ts";
import { projectRun, searchText } from "../../domain/run/projection.ts";
import { rowOf, runProblems, wrongColumns } from "../../domain/run/projection-check.ts";
import type { RunDeps } from "../../worker/compose.ts";
import type { SqliteJournal } from "./journal.ts";
import type { RunStore } from "./store.ts";

const retryMs = 5_000;
const seqFact = "projected_seq";

/** Keeps a run's row in D1 as the run's events make it. One write at a time, so that the newest state wins. */
export class Projector {
  readonly #storage: DurableObjectStorage;
  readonly #journal: SqliteJournal;
  readonly #store: RunStore;
  readonly #deps: RunDeps;
  #busy: Promise<unknown> | undefined;

  constructor(parts: {
    readonly storage: DurableObjectStorage;
    readonly journal: SqliteJournal;
    readonly store: RunStore;
    readonly deps: RunDeps;
  }) {
    this.#storage = parts.storage;
    this.#journal = parts.journal;
    this.#store = parts.store;
    this.#deps = parts.deps;
  }

  /** Brings the row up to the log's head. When D1 fails an alarm tries again. */
  async project(): Promise<void> {
    await this.#alone(async () => {
      const headSeq = this.#store.headSeq();
      if (!this.#journal.isStarted() || Number(this.#journal.fact(seqFact) ?? "0") >= headSeq) return;
      const { runId, tenantId } = this.#journal.spec;
      try {
        await this.#deps.projectRun(
          tenantId,
          Number(runId),
          projectRun(this.#journal.view(), headSeq, this.#store.headAtMs(), searchText(this.#store.events())),
        );
        this.#journal.commit({ events: [], facts: { [seqFact]: String(headSeq) } });
      } catch (error) {
        this.#deps.engine.log("warn", "projection failed", { runId, detail: String(error) });
        if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + retryMs);
      }
    });
  }

  /**
   * Compares events, view, ledger and row with each other; with `write` a row that differs or is behind is written, whatever number it
   * names. Undefined for a run that never started. Throws when D1 fails.
   */
  async check(write: boolean): Promise<RunFinding | undefined> {
    if (!this.#journal.isStarted()) return undefined;
    return this.#alone(async () => {
      const { runId, tenantId } = this.#journal.spec;
      const log = () => this.#store.events();
      const present = await this.#deps.findRow(tenantId, Number(runId));
      const headSeq = this.#store.headSeq();
      const ledger = this.#store.ledgerTexts().map((text): LedgerEntry => readBack(text));
      const columns = present === undefined ? ["id"] : wrongColumns(log, present);
      const behind = Math.max(0, headSeq - (present?.headSeq ?? 0));
      const row = rowOf(log, headSeq);
      const written = write && row !== undefined && (columns.length > 0 || behind > 0);
      if (written) await this.#deps.rewriteRow(tenantId, Number(runId), row);
      const problems = [...runProblems(log, this.#journal.view(), ledger)];
      return { runId, headSeq, problems, columns: [...columns], behind, written };
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#busy !== undefined) await this.#busy;
    const done = Promise.withResolvers<undefined>();
    this.#busy = done.promise;
    try {
      return await work();
    } finally {
      this.#busy = undefined;
      done.resolve(undefined);
    }
  }
}
