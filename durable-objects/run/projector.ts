import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import { isFinal } from "../../contracts/run.ts";
import { parseStored } from "../../domain/parse-stored.ts";
import { isWaiting } from "../../domain/run/fold.ts";
import {
  projectionWrite,
  projectRun,
  saidEvents,
  searchText,
  type ProjectionWrite,
  type RunProjection,
} from "../../domain/run/projection.ts";
import { behindBy, rowOf, runProblems, wrongColumns } from "../../domain/run/projection-check.ts";
import type { RunDeps } from "../../worker/compose.ts";
import type { RunPlace, RunRowOrigin } from "../../worker/ports/run-host.ts";
import type { SqliteJournal } from "./journal.ts";
import type { RunStore } from "./store.ts";

/** The interval between updates of the searched text while a run works; when the run stops, the text is updated at once. */
const searchEveryMs = 60_000;
/** Set once the row is known to be in D1. */
const rowFact = "row_written";

/** Writes a run's row in D1 from its log, one write at a time: the run's `projection` effect. */
export class Projector {
  readonly #store: RunStore;
  readonly #journal: SqliteJournal;
  readonly #deps: RunDeps;
  #writing: Promise<unknown> | undefined;
  /** The row as it is known to be; undefined after waking and after a write that may or may not have reached D1. */
  #row: RunProjection | undefined;
  #text: string | undefined;
  #textAtMs = 0;
  /** The newest message of a person that the searched text has seen. */
  #messageSeq = 0;

  constructor(parts: { readonly store: RunStore; readonly journal: SqliteJournal; readonly deps: RunDeps }) {
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#deps = parts.deps;
  }

  /** Brings the row up to the log's head. Throws what D1 throws; the next write is then of the whole row. */
  async write(): Promise<void> {
    await this.#free();
    const headSeq = this.#store.headSeq();
    if (!this.#journal.isStarted() || Number(this.#journal.fact("projected_seq") ?? "0") >= headSeq) return;
    await this.#alone(this.#write(headSeq));
  }

  /** Brings the row up to the log's head unless it has been written before. Throws what D1 throws. */
  async writeFirst(): Promise<void> {
    if (this.#missing() !== undefined) await this.write();
  }

  /**
   * Compares events, view, ledger and row with each other; with `write` a row that differs or is behind is written, whatever its
   * number. Undefined for a run that never started. Throws when D1 fails.
   */
  async check(write: boolean): Promise<RunFinding | undefined> {
    if (!this.#journal.isStarted()) return undefined;
    await this.#free();
    return this.#alone(this.#check(write));
  }

  async #free(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Begins nothing else until this has ended. */
  async #alone<T>(work: Promise<T>): Promise<T> {
    this.#writing = work.catch(() => undefined);
    try {
      return await work;
    } finally {
      this.#writing = undefined;
    }
  }

  async #check(write: boolean): Promise<RunFinding> {
    const { runId, tenantId } = this.#journal.spec;
    const log = () => this.#store.events();
    const present = await this.#deps.findRow(tenantId, Number(runId));
    // There is no await from here to the write, so no event can be added in between.
    const headSeq = this.#store.headSeq();
    const row = rowOf(log, headSeq);
    const searched = this.#searchText();
    const columns: string[] = present === undefined ? ["id"] : [...wrongColumns(log, present)];
    if (present !== undefined && this.#rests() && present.searchText !== searched) columns.push("searchText");
    const behind = present === undefined || row === undefined ? 0 : behindBy(present, row);
    const ledger = this.#store.ledgerTexts().map((text): LedgerEntry => parseStored(text));
    const problems = [...runProblems(log, this.#journal.view(), ledger)];
    const written = write && row !== undefined && (columns.length > 0 || behind > 0);
    if (written) {
      this.#row = undefined;
      const origin = present === undefined ? this.#journal.spec.row : undefined;
      if (origin === undefined) await this.#deps.rewriteRow(tenantId, Number(runId), { ...row, searchText: searched });
      else await this.#deps.writeFirstRow(this.#place(), origin, { ...row, searchText: searched });
      this.#text = searched;
    }
    return { runId, headSeq, problems, columns, behind, written };
  }

  async #write(headSeq: number): Promise<void> {
    const { runId, tenantId } = this.#journal.spec;
    const row = projectRun(this.#journal.view(), headSeq, this.#store.headAtMs());
    const origin = this.#missing();
    if (origin !== undefined) return this.#writeFirst(row, origin);
    const text = this.#dueText();
    const columns = this.#row === undefined ? row : projectionWrite(this.#row, row);
    const write: ProjectionWrite | undefined =
      text === undefined ? columns : { headSeq, updatedAtMs: row.updatedAtMs, ...columns, searchText: text };
    if (write !== undefined) {
      this.#row = undefined;
      await this.#deps.projectRun(tenantId, Number(runId), write);
    }
    this.#row = row;
    this.#text = text ?? this.#text;
    this.#journal.commit({ events: [], facts: { projected_seq: String(headSeq) } });
  }

  async #writeFirst(row: RunProjection, origin: RunRowOrigin): Promise<void> {
    const { created } = this.#journal.view();
    if (created === undefined) throw new Error("a run without its first event has no row");
    const { effort, mode, model, prompt, provider, title } = created;
    const text = this.#searchText();
    const columns = { ...row, effort, mode, model, prompt, provider, title, searchText: text };
    await this.#deps.writeFirstRow(this.#place(), origin, columns);
    this.#row = row;
    this.#text = text;
    this.#textAtMs = this.#deps.engine.nowMs();
    this.#journal.commit({ events: [], facts: { [rowFact]: "yes", projected_seq: String(row.headSeq) } });
  }

  /** The parts of the row that no event has, while it is not known to be there; undefined for a run that began with a row. */
  #missing(): RunRowOrigin | undefined {
    return this.#journal.fact(rowFact) === undefined ? this.#journal.spec.row : undefined;
  }

  #place(): RunPlace {
    const { projectId, runId, tenantId } = this.#journal.spec;
    return { tenantId, projectId: Number(projectId), id: Number(runId) };
  }

  /** The searched text, when it is time to write it anew. The index over it costs more than the rest of a projection. */
  #dueText(): string | undefined {
    const nowMs = this.#deps.engine.nowMs();
    const messageSeq = this.#newestMessage();
    const waits = !this.#rests() && messageSeq === this.#messageSeq;
    if (waits && Math.abs(nowMs - this.#textAtMs) < searchEveryMs) return undefined;
    this.#textAtMs = nowMs;
    this.#messageSeq = messageSeq;
    const text = this.#searchText();
    return text === this.#text ? undefined : text;
  }

  /** The number of the newest message from a person: each one updates the searched text at once. */
  #newestMessage(): number {
    for (const { seq } of this.#store.eventsOf(["message.queued"], { order: "newest_first", blank: ["text"] }))
      return seq;
    return 0;
  }

  #searchText(): string {
    return searchText(this.#store.eventsOf(saidEvents, { order: "newest_first", blank: ["thinking"] }));
  }

  #rests(): boolean {
    const view = this.#journal.view();
    return isFinal(view.state) || isWaiting(view.state) || view.paused;
  }
}
