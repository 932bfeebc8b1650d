import type { RunEvent, RunFrame } from "../../contracts/run-events.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import { parseStored } from "../../domain/parse-stored.ts";
import { StreamRedactor } from "../../domain/policy/redact-stream.ts";
import { effectsOf } from "../../domain/run/effects.ts";
import { endsStep } from "../../domain/run/epoch.ts";
import { applyEvent, emptyView, type RunView } from "../../domain/run/fold.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";
import type { CommandWrite } from "../../worker/services/run/commands.ts";
import { StaleStep, type RunJournal, type StoredMessage } from "../../worker/services/run/engine/journal.ts";
import { upgradeSpec } from "../../worker/services/run/engine/run-spec.ts";
import type { SocketHub } from "../socket-hub.ts";
import { keepSnapshot, readSnapshot, snapshotEvery } from "./snapshot.ts";
import type { RunStore } from "./store.ts";

const endsStream: ReadonlySet<string> = new Set(["turn.started", "turn.finished", "turn.failed", "tool.finished"]);

/** The engine's journal over a run's SQLite: one transaction per commit, the view folded as events come. */
export class SqliteJournal implements RunJournal {
  readonly #storage: DurableObjectStorage;
  readonly #store: RunStore;
  readonly #hub: SocketHub;
  readonly #nowMs: () => number;
  readonly #onCommit: (events: readonly RunEvent[]) => void;
  #view: RunView = emptyView;
  #epoch = 0;
  #snapshotSeq = 0;
  #parentRunId: string | null | undefined;
  /** One for each text that is streamed now, since pieces may part a credential. */
  readonly #redactors = new Map<string, StreamRedactor>();

  constructor(parts: {
    readonly storage: DurableObjectStorage;
    readonly store: RunStore;
    readonly hub: SocketHub;
    readonly nowMs: () => number;
    /** Called after each commit that stored events. */
    readonly onCommit: (events: readonly RunEvent[]) => void;
  }) {
    this.#storage = parts.storage;
    this.#store = parts.store;
    this.#hub = parts.hub;
    this.#nowMs = parts.nowMs;
    this.#onCommit = parts.onCommit;
    const kept = readSnapshot(this.#store);
    if (kept !== undefined) {
      this.#view = kept.view;
      this.#epoch = kept.epoch;
      this.#snapshotSeq = kept.seq;
    }
    for (const event of this.#store.events(this.#snapshotSeq)) this.#take(event);
  }

  get spec(): RunSpec {
    const text = this.#store.fact("spec");
    if (text === undefined) throw new Error("this run was never started");
    return upgradeSpec(parseStored(text));
  }

  isStarted(): boolean {
    return this.#view.created !== undefined;
  }

  view(): RunView {
    return this.#view;
  }

  epoch(): number {
    return this.#epoch;
  }

  commit(write: CommandWrite, epoch?: number): void {
    if (epoch !== undefined && epoch !== this.#epoch) throw new StaleStep("the run moved on");
    const atMs = this.#nowMs();
    let view = this.#view;
    const stored = this.#storage.transactionSync(() => {
      view = this.#view;
      this.#store.apply(write, atMs);
      if (write.events.length === 0) return [];
      const parentRunId = this.#parent();
      let { command } = write;
      return this.#store.append(write.events, atMs, (event) => {
        view = applyEvent(view, event);
        const effects = effectsOf(event, view, { parentRunId, command });
        // A command has one audit entry, with its first event.
        command = undefined;
        return effects;
      });
    });
    this.#view = view;
    for (const event of stored) this.#count(event);
    // The event has the whole text of what was streamed before it.
    if (stored.some(({ type }) => endsStream.has(type))) this.#redactors.clear();
    const head = stored.at(-1);
    if (head === undefined) return;
    if (head.seq - this.#snapshotSeq >= snapshotEvery) {
      keepSnapshot(this.#store, { seq: head.seq, epoch: this.#epoch, view: this.#view }, atMs);
      this.#snapshotSeq = head.seq;
    }
    this.#hub.publishEvents(stored.map((event) => JSON.stringify(event)));
    this.#onCommit(stored);
  }

  /** Sends live text to the watchers, without credentials. */
  stream(frame: Extract<RunFrame, { t: "delta" | "output" }>): void {
    const key = frame.t === "delta" ? `${frame.stage}:${frame.turn}:${frame.kind}` : frame.callId;
    const redactor = this.#redactors.get(key) ?? new StreamRedactor();
    this.#redactors.set(key, redactor);
    const shown = redactor.push(frame.text);
    if (shown !== "") this.#hub.publishDelta(key, shown, (text) => JSON.stringify({ ...frame, text }));
  }

  conversation(name: string): readonly StoredMessage[] {
    return this.#store.conversation(name);
  }

  toolInput(callId: string): { readonly input: unknown; readonly invalidJson: string | undefined } | undefined {
    return this.#store.toolInput(callId);
  }

  work(repositoryId: string): readonly TreeChange[] {
    return this.#store.work(repositoryId);
  }

  patchSetChanges(hash: string): readonly TreeChange[] | undefined {
    return this.#store.patchSetChanges(hash);
  }

  baseBlob(blob: string): Uint8Array | undefined {
    return this.#store.baseBlob(blob);
  }

  fact(name: string): string | undefined {
    return this.#store.fact(name);
  }

  /** The run that started this one, read from the spec once. */
  #parent(): string | null {
    const text = this.#parentRunId === undefined ? this.#store.fact("spec") : undefined;
    if (text !== undefined) this.#parentRunId = parseStored<RunSpec>(text).parentRunId ?? null;
    return this.#parentRunId ?? null;
  }

  #take(event: RunEvent): void {
    this.#view = applyEvent(this.#view, event);
    this.#count(event);
  }

  #count(event: RunEvent): void {
    if (endsStep(event)) this.#epoch += 1;
  }
}
