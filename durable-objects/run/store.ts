import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { NewRunEvent, RunEvent, RunEventType } from "../../contracts/run-events.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { sealEntry } from "../../domain/ledger/chain.ts";
import { ledgerOf } from "../../domain/ledger/from-events.ts";
import { readBack } from "../../domain/read-back.ts";
import type { Effect } from "../../domain/run/effects.ts";
import { upgradeEvent } from "../../domain/run/upgrade.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import type { JournalWrite, StoredMessage } from "../../worker/services/run/engine/journal.ts";
import { getBlob, putBlob } from "./blobs.ts";
import { ModelCallStore } from "./model-calls.ts";
import { MessageStore } from "./messages.ts";
import { OutboxStore } from "./outbox-store.ts";
import { runSchema } from "./schema.ts";

/** Events that are read in one query. */
const eventsAtOnce = 100;

type EventRow = { seq: number; at_ms: number; v: number; type: string; data: string };
type StoredChange = Omit<TreeChange, "bytes"> & { readonly blobKey?: string };

/** SQL of a run's own database. Synchronous: the object runs it inside one transaction. */
export class RunStore {
  readonly modelCalls: ModelCallStore;
  readonly outbox: OutboxStore;
  readonly #sql: SqlStorage;
  readonly #messages: MessageStore;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(runSchema);
    this.modelCalls = new ModelCallStore(sql);
    this.outbox = new OutboxStore(sql);
    this.#messages = new MessageStore(sql);
  }

  headSeq(): number {
    return this.#sql.exec<{ head: number | null }>("select max(seq) as head from events").one().head ?? 0;
  }

  /** When the newest event was stored, in UTC milliseconds; 0 before the first. */
  headAtMs(): number {
    return (
      this.#sql.exec<{ at: number | null }>("select at_ms as at from events order by seq desc limit 1").toArray()[0]
        ?.at ?? 0
    );
  }

  /** Events after `since`, parsed. */
  *events(since = 0): Generator<RunEvent> {
    const rows = this.#sql.exec<EventRow>("select * from events where seq > ? order by seq", since);
    for (const row of rows) yield eventOf(row);
  }

  /**
   * Events of these types, read in parts as they are asked for: a run of 50,000 events has few of most types, and who looks for the
   * newest needs no more than those.
   *
   * @param options.blank texts of the payload that the reader has no use for: they come as empty ones
   */
  *eventsOf(
    types: readonly RunEventType[],
    options: { readonly order?: "oldest_first" | "newest_first"; readonly blank?: readonly string[] } = {},
  ): Generator<RunEvent> {
    const direction = options.order === "newest_first" ? "desc" : "asc";
    const blanks = (options.blank ?? []).map((field) => `'$.${field}', ''`);
    const data = blanks.length === 0 ? "data" : `json_replace(data, ${blanks.join(", ")}) as data`;
    const seqs = this.#sql
      .exec<{ seq: number }>(
        `select seq from events where type in (select value from json_each(?)) order by seq ${direction}`,
        JSON.stringify(types),
      )
      .toArray()
      .map((row) => row.seq);
    for (let from = 0; from < seqs.length; from += eventsAtOnce) {
      const rows = this.#sql
        .exec<EventRow>(
          `select seq, at_ms, v, type, ${data} from events where seq in (select value from json_each(?)) order by seq ${direction}`,
          JSON.stringify(seqs.slice(from, from + eventsAtOnce)),
        )
        .toArray();
      for (const row of rows) yield eventOf(row);
    }
  }

  /** Events after `since` as JSON texts, not parsed. */
  eventTexts(since: number, limit: number): readonly string[] {
    return this.#sql
      .exec<{ text: string }>(
        `select '{"seq":' || seq || ',"atMs":' || at_ms || ',"v":' || v || ',"type":"' || type || '","data":' || data || '}' as text from events where seq > ? order by seq limit ?`,
        since,
        limit,
      )
      .toArray()
      .map((row) => row.text);
  }

  /**
   * Numbers and stores events, seals their ledger entries, and puts their effects into the outbox. Returns the events as stored.
   *
   * @param effects the effects of an event as stored, asked in order
   */
  append(
    events: readonly NewRunEvent[],
    atMs: number,
    effects: (event: RunEvent) => readonly Effect[] = () => [],
  ): readonly RunEvent[] {
    let seq = this.headSeq();
    let last = this.lastLedgerEntry();
    const stored: RunEvent[] = [];
    for (const event of events) {
      seq += 1;
      this.#sql.exec(
        "insert into events (seq, at_ms, v, type, data) values (?, ?, 1, ?, ?)",
        seq,
        atMs,
        event.type,
        JSON.stringify(event.data),
      );
      const numbered: RunEvent = { ...event, seq, atMs, v: 1 };
      stored.push(numbered);
      for (const effect of effects(numbered)) this.outbox.add(`${seq}:${effect.kind}`, effect, atMs);
      // Only a call that is open is asked for its input; what it was stays in the conversation.
      if (event.type === "tool.finished")
        this.#sql.exec("delete from tool_inputs where call_id = ?", event.data.callId);
      const proof = ledgerOf(event);
      if (proof === undefined) continue;
      last = sealEntry(last, { atMs, ...proof });
      this.#sql.exec("insert into ledger (position, entry) values (?, ?)", last.index, JSON.stringify(last));
    }
    return stored;
  }

  /** Everything of a journal write besides its events. */
  apply(write: JournalWrite, atMs: number): void {
    for (const { conversation, message } of write.messages ?? []) this.#addMessage(conversation, message, write.events);
    for (const [blob, bytes] of write.baseBlobs ?? []) putBlob(this.#sql, `git:${blob}`, bytes);
    if (write.workspace !== undefined) this.#setWorkspace(write.workspace);
    if (write.patchSet !== undefined) {
      const changes = write.patchSet.changes.map((change) => this.#storeChange(change));
      this.#sql.exec(
        "insert or ignore into patch_sets (hash, at_ms, changes) values (?, ?, ?)",
        write.patchSet.hash,
        atMs,
        JSON.stringify(changes),
      );
    }
    if (write.modelCall !== undefined) this.modelCalls.add(write.modelCall, atMs);
    for (const [name, value] of Object.entries(write.facts ?? {})) {
      if (value === null) this.#sql.exec("delete from facts where name = ?", name);
      else
        this.#sql.exec(
          "insert into facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
          name,
          value,
        );
    }
  }

  fact(name: string): string | undefined {
    return this.#sql.exec<{ value: string }>("select value from facts where name = ?", name).toArray()[0]?.value;
  }

  conversation(name: string): readonly StoredMessage[] {
    return this.#messages.read(name);
  }

  toolInput(callId: string): { readonly input: unknown; readonly invalidJson: string | undefined } | undefined {
    const row = this.#sql
      .exec<{ input: string; invalid_json: string | null }>(
        "select input, invalid_json from tool_inputs where call_id = ?",
        callId,
      )
      .toArray()[0];
    return row === undefined ? undefined : { input: readBack(row.input), invalidJson: row.invalid_json ?? undefined };
  }

  workspace(): readonly TreeChange[] {
    const rows = this.#sql.exec<{ change: string }>("select change from workspace order by path").toArray();
    return rows.map((row) => this.#loadChange(readBack(row.change)));
  }

  patchSetChanges(hash: string): readonly TreeChange[] | undefined {
    const row = this.#sql.exec<{ changes: string }>("select changes from patch_sets where hash = ?", hash).toArray()[0];
    if (row === undefined) return undefined;
    const stored: readonly StoredChange[] = readBack(row.changes);
    return stored.map((change) => this.#loadChange(change));
  }

  baseBlob(blob: string): Uint8Array | undefined {
    return getBlob(this.#sql, `git:${blob}`);
  }

  lastLedgerEntry(): LedgerEntry | undefined {
    const row = this.#sql
      .exec<{ entry: string }>("select entry from ledger order by position desc limit 1")
      .toArray()[0];
    return row === undefined ? undefined : readBack(row.entry);
  }

  /** The ledger's entries as JSON texts, in order. */
  ledgerTexts(): readonly string[] {
    return this.#sql
      .exec<{ entry: string }>("select entry from ledger order by position")
      .toArray()
      .map((row) => row.entry);
  }

  #addMessage(conversation: string, message: StoredMessage, events: readonly NewRunEvent[]): void {
    this.#messages.add(conversation, message, events, this.headSeq() + 1);
    for (const block of message.blocks) {
      if (block.type !== "tool_use") continue;
      this.#sql.exec(
        "insert or replace into tool_inputs (call_id, input, invalid_json) values (?, ?, ?)",
        block.id,
        JSON.stringify(block.input ?? null),
        block.invalidJson ?? null,
      );
    }
  }

  #setWorkspace(changes: readonly TreeChange[]): void {
    this.#sql.exec("delete from workspace");
    for (const change of changes) {
      const stored = this.#storeChange(change);
      this.#sql.exec(
        "insert into workspace (path, change, blob) values (?, ?, ?)",
        change.path,
        JSON.stringify(stored),
        stored.blobKey ?? null,
      );
    }
  }

  #storeChange(change: TreeChange): StoredChange {
    const { bytes, ...rest } = change;
    if (bytes === undefined) return rest;
    const blobKey = sha256Hex(bytes);
    putBlob(this.#sql, blobKey, bytes);
    return { ...rest, blobKey };
  }

  #loadChange(stored: StoredChange): TreeChange {
    const { blobKey, ...rest } = stored;
    if (blobKey === undefined) return rest;
    const bytes = getBlob(this.#sql, blobKey);
    if (bytes === undefined) throw new Error(`the content of ${stored.path} is missing`);
    return { ...rest, bytes };
  }
}

/** The rows were written by `append` from typed events of version 1, the only one there is. */
function eventOf(row: EventRow): RunEvent {
  const { at_ms: atMs, data, seq, type, v } = row;
  return upgradeEvent({ seq, atMs, v, type, data: readBack(data) } as RunEvent);
}
