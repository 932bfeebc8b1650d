import type { LedgerEntry } from "../../contracts/ledger.ts";
import { eventVersion, type NewRunEvent, type RunEvent, type RunEventType } from "../../contracts/run-events.ts";
import { sealEntry } from "../../domain/ledger/chain.ts";
import { ledgerOf } from "../../domain/ledger/from-events.ts";
import { parseStored } from "../../domain/parse-stored.ts";
import type { Effect } from "../../domain/run/effects.ts";
import { contextOf, isOlder, upgradeEvent, type UpgradeContext } from "../../domain/run/upgrade.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import type { JournalWrite, StoredMessage } from "../../worker/services/run/engine/journal.ts";
import { getBlob, putBlob } from "./blobs.ts";
import { ModelCallStore } from "./model-calls.ts";
import { MessageStore } from "./messages.ts";
import { OutboxStore } from "./outbox-store.ts";
import { runSchema } from "./schema.ts";
import { WorkStore } from "./work-store.ts";

/** Events that are read in one query. */
const eventsAtOnce = 100;

type EventRow = { seq: number; at_ms: number; v: number; type: string; data: string };

/** SQL of a run's own database. Synchronous: the object runs it inside one transaction. */
export class RunStore {
  readonly modelCalls: ModelCallStore;
  readonly outbox: OutboxStore;
  readonly #sql: SqlStorage;
  readonly #messages: MessageStore;
  readonly #work: WorkStore;
  #context: UpgradeContext | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(runSchema);
    this.modelCalls = new ModelCallStore(sql);
    this.outbox = new OutboxStore(sql);
    this.#messages = new MessageStore(sql);
    this.#work = new WorkStore(sql);
    if (this.#work.hasUnassigned()) this.#work.adopt(this.#upgradeContext().repositoryId);
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
    for (const row of rows) yield this.#event(row);
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
      for (const row of rows) yield this.#event(row);
    }
  }

  /** Events after `since` as JSON texts in today's versions. A text of today's version is not parsed. */
  eventTexts(since: number, limit: number): readonly string[] {
    return this.#sql
      .exec<{ v: number; type: string; text: string }>(
        `select v, type, '{"seq":' || seq || ',"atMs":' || at_ms || ',"v":' || v || ',"type":"' || type || '","data":' || data || '}' as text from events where seq > ? order by seq limit ?`,
        since,
        limit,
      )
      .toArray()
      .map(({ text, type, v }) =>
        isOlder(type, v) ? JSON.stringify(upgradeEvent(parseStored(text), this.#upgradeContext())) : text,
      );
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
        "insert into events (seq, at_ms, v, type, data) values (?, ?, ?, ?, ?)",
        seq,
        atMs,
        eventVersion(event.type),
        event.type,
        JSON.stringify(event.data),
      );
      const numbered: RunEvent = { ...event, seq, atMs, v: eventVersion(event.type) };
      stored.push(numbered);
      for (const effect of effects(numbered)) this.outbox.add(`${seq}:${effect.kind}`, effect, atMs);
      // The input is read only while the call is open; the conversation keeps it afterwards.
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
    for (const { callId, input } of write.toolInputs ?? [])
      this.#sql.exec("update tool_inputs set input = ? where call_id = ?", JSON.stringify(input ?? null), callId);
    for (const [blob, bytes] of write.baseBlobs ?? []) putBlob(this.#sql, `git:${blob}`, bytes);
    for (const work of write.work ?? []) this.#work.save(work);
    for (const { changes, hash } of write.patchSets ?? []) this.#work.addPatchSet(hash, changes, atMs);
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
    return row === undefined
      ? undefined
      : { input: parseStored(row.input), invalidJson: row.invalid_json ?? undefined };
  }

  work(repositoryId: string): readonly TreeChange[] {
    return this.#work.read(repositoryId);
  }

  patchSetChanges(hash: string): readonly TreeChange[] | undefined {
    return this.#work.patchSet(hash);
  }

  baseBlob(blob: string): Uint8Array | undefined {
    return getBlob(this.#sql, `git:${blob}`);
  }

  lastLedgerEntry(): LedgerEntry | undefined {
    const row = this.#sql
      .exec<{ entry: string }>("select entry from ledger order by position desc limit 1")
      .toArray()[0];
    return row === undefined ? undefined : parseStored(row.entry);
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

  /** A stored event in today's version. */
  #event({ at_ms: atMs, data, seq, type, v }: EventRow): RunEvent {
    return upgradeEvent({ seq, atMs, v, type, data: parseStored(data) }, this.#upgradeContext());
  }

  /** Facts that upgrades need, from the run's first event; read once. */
  #upgradeContext(): UpgradeContext {
    if (this.#context !== undefined) return this.#context;
    const first = this.#sql.exec<{ data: string }>("select data from events where seq = 1").toArray()[0];
    const context = contextOf({ data: first === undefined ? {} : parseStored(first.data) });
    if (first !== undefined) this.#context = context;
    return context;
  }
}
