import type { LedgerEntry } from "../../contracts/ledger.ts";
import { eventVersion, type RunEvent } from "../../contracts/run-events.ts";
import { sealEntry } from "../../domain/ledger/chain.ts";
import { ledgerOf } from "../../domain/ledger/from-events.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import { endsStep } from "../../domain/run/epoch.ts";
import { applyEvent, emptyView, type RunView } from "../../domain/run/fold.ts";
import { effectsOf } from "../../domain/run/effects.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";
import {
  StaleStep,
  type JournalWrite,
  type RunJournal,
  type StoredMessage,
} from "../../worker/services/run/engine/journal.ts";

/** The disk of one run, which outlives a process. */
export class Disk {
  readonly events: RunEvent[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly conversations = new Map<string, StoredMessage[]>();
  readonly toolInputs = new Map<string, { readonly input: unknown; readonly invalidJson: string | undefined }>();
  readonly patchSets = new Map<string, readonly TreeChange[]>();
  readonly baseBlobs = new Map<string, Uint8Array>();
  readonly facts = new Map<string, string>();
  /** Call ids of the model calls that were kept, in order. */
  readonly modelCalls: string[] = [];
  /** The saved work, by repository. */
  readonly work = new Map<string, readonly TreeChange[]>();
  /** Numbers of the events whose spending effect is not done. */
  readonly spending = new Set<number>();
  /** Sealing costs a hash an event, so only some histories keep a ledger. */
  readonly keepsLedger: boolean;

  constructor(keepsLedger: boolean) {
    this.keepsLedger = keepsLedger;
  }

  /** Takes the spending effects out that are there now; undefined when there are none. */
  spendingDue(): (() => void) | undefined {
    const seqs = [...this.spending];
    return seqs.length === 0 ? undefined : () => seqs.forEach((seq) => this.spending.delete(seq));
  }
}

/** Thrown by a journal whose process has died; never shown. */
export class ProcessDied extends Error {
  override readonly name = "ProcessDied";
}

export interface JournalHooks {
  readonly nowMs: () => number;
  /** May throw ProcessDied: the process dies just before or just after the write. */
  readonly beforeCommit: () => void;
  readonly afterCommit: () => void;
  /** Sees each event as it is stored, before the view takes it. */
  readonly onEvent: (event: RunEvent, write: JournalWrite) => void;
}

/** A journal as the run's object keeps it, over a disk in memory: a process holds only the view, folded from the disk when it starts. */
export class MemoryJournal implements RunJournal {
  readonly spec: RunSpec;
  readonly #disk: Disk;
  readonly #hooks: JournalHooks;
  #view: RunView = emptyView;
  #epoch = 0;

  constructor(spec: RunSpec, disk: Disk, hooks: JournalHooks) {
    this.spec = spec;
    this.#disk = disk;
    this.#hooks = hooks;
    for (const event of disk.events) this.#take(event);
  }

  view(): RunView {
    return this.#view;
  }

  epoch(): number {
    return this.#epoch;
  }

  commit(write: JournalWrite, epoch?: number): void {
    this.#hooks.beforeCommit();
    if (epoch !== undefined && epoch !== this.#epoch) throw new StaleStep("the run moved on");
    this.#store(write);
    const atMs = this.#hooks.nowMs();
    for (const event of write.events) {
      const stored: RunEvent = { ...event, seq: this.#disk.events.length + 1, atMs, v: eventVersion(event.type) };
      this.#disk.events.push(stored);
      this.#seal(stored);
      this.#hooks.onEvent(stored, write);
      this.#take(stored);
      const effects = effectsOf(stored, this.#view, { parentRunId: null, command: undefined });
      if (effects.some(({ kind }) => kind === "spending")) this.#disk.spending.add(stored.seq);
    }
    this.#hooks.afterCommit();
  }

  stream(): void {}

  conversation(name: string): readonly StoredMessage[] {
    return this.#disk.conversations.get(name) ?? [];
  }

  toolInput(callId: string): { readonly input: unknown; readonly invalidJson: string | undefined } | undefined {
    return this.#disk.toolInputs.get(callId);
  }

  work(repositoryId: string): readonly TreeChange[] {
    return this.#disk.work.get(repositoryId) ?? [];
  }

  patchSetChanges(hash: string): readonly TreeChange[] | undefined {
    return this.#disk.patchSets.get(hash);
  }

  baseBlob(blob: string): Uint8Array | undefined {
    return this.#disk.baseBlobs.get(blob);
  }

  fact(name: string): string | undefined {
    return this.#disk.facts.get(name);
  }

  #store(write: JournalWrite): void {
    const disk = this.#disk;
    for (const { conversation, message } of write.messages ?? []) {
      const messages = disk.conversations.get(conversation);
      if (messages === undefined) disk.conversations.set(conversation, [message]);
      else messages.push(message);
      for (const block of message.blocks)
        if (block.type === "tool_use")
          disk.toolInputs.set(block.id, { input: block.input, invalidJson: block.invalidJson });
    }
    for (const { callId, input } of write.toolInputs ?? [])
      disk.toolInputs.set(callId, { input, invalidJson: disk.toolInputs.get(callId)?.invalidJson });
    for (const [blob, bytes] of write.baseBlobs ?? []) disk.baseBlobs.set(blob, bytes);
    for (const { changes, repositoryId } of write.work ?? []) disk.work.set(repositoryId, changes);
    for (const { changes, hash } of write.patchSets ?? [])
      if (!disk.patchSets.has(hash)) disk.patchSets.set(hash, changes);
    if (write.modelCall !== undefined && !disk.modelCalls.includes(write.modelCall.callId))
      disk.modelCalls.push(write.modelCall.callId);
    for (const name in write.facts) {
      const value = write.facts[name];
      if (value === null || value === undefined) disk.facts.delete(name);
      else disk.facts.set(name, value);
    }
  }

  #seal(event: RunEvent): void {
    if (!this.#disk.keepsLedger) return;
    const proof = ledgerOf(event);
    if (proof !== undefined)
      this.#disk.ledger.push(sealEntry(this.#disk.ledger.at(-1), { atMs: event.atMs, ...proof }));
  }

  #take(event: RunEvent): void {
    this.#view = applyEvent(this.#view, event);
    if (endsStep(event)) this.#epoch += 1;
  }
}
