import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { NewRunEvent, RunEvent } from "../../contracts/run-events.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { sealEntry } from "../../domain/ledger/chain.ts";
import { ledgerOf } from "../../domain/ledger/from-events.ts";
import { readBack } from "../../domain/read-back.ts";
import { upgradeEvent } from "../../domain/run/upgrade.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import type { JournalWrite, StoredMessage } from "../../worker/services/run/engine/journal.ts";
import { getBlob, putBlob } from "./blobs.ts";
import { ModelCallStore } from "./model-calls.ts";
import { runSchema } from "./schema.ts";

type StoredChange = Omit<TreeChange, "bytes"> & { readonly blobKey?: string };

/** SQL of a run's own database. Synchronous: the object runs it inside one transaction. */
export class RunStore {
  readonly modelCalls: ModelCallStore;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(runSchema);
    this.modelCalls = new ModelCallStore(sql);
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
    const rows = this.#sql.exec<{ seq: number; at_ms: number; v: number; type: string; data: string }>(
      "select * from events where seq > ? order by seq",
      since,
    );
    // The rows were written by `append` from typed events of version 1, the only one there is.
    for (const row of rows)
      yield upgradeEvent({
        seq: row.seq,
        atMs: row.at_ms,
        v: row.v,
        type: row.type,
        data: readBack(row.data),
      } as RunEvent);
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

  /** Numbers and stores events and seals what the ledger keeps of them. Returns them as stored. */
  append(events: readonly NewRunEvent[], atMs: number): readonly RunEvent[] {
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
      stored.push({ ...event, seq, atMs, v: 1 });
      const proof = ledgerOf(event);
      if (proof === undefined) continue;
      last = sealEntry(last, { atMs, ...proof });
      this.#sql.exec("insert into ledger (position, entry) values (?, ?)", last.index, JSON.stringify(last));
    }
    return stored;
  }

  /** Everything of a journal write besides its events. */
  apply(write: JournalWrite, atMs: number): void {
    for (const { conversation, message } of write.messages ?? []) this.#addMessage(conversation, message);
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
    return this.#sql
      .exec<{ role: string; blocks: string }>(
        "select role, blocks from messages where conversation = ? order by id",
        name,
      )
      .toArray()
      .map((row) => ({
        role: row.role === "assistant" ? ("assistant" as const) : ("user" as const),
        blocks: readBack(row.blocks),
      }));
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

  #addMessage(conversation: string, message: StoredMessage): void {
    this.#sql.exec(
      "insert into messages (conversation, role, blocks) values (?, ?, ?)",
      conversation,
      message.role,
      JSON.stringify(message.blocks),
    );
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
