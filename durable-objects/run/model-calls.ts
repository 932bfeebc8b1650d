import { sha256Bytes, toHex } from "../../domain/hash.ts";
import { parseStored } from "../../domain/parse-stored.ts";
import { wholeRequest } from "../../domain/run/request-text.ts";
import type { ModelCallRecord } from "../../worker/services/run/engine/journal.ts";
import { deleteBlob, getBlob, putBlob } from "./blobs.ts";

/** The fields of a model call that lists show. */
export type KeptCall = Omit<ModelCallRecord, "request" | "answerJson">;

/** A part of a body that lies in a pack: `sizeBytes` from byte `at` on. */
export interface PackedPart {
  readonly id: number;
  readonly at: number;
  readonly sizeBytes: number;
}

/** Where a call's request and answer are: their parts' ids in order. */
export interface CallParts {
  readonly head: string;
  readonly messages: readonly number[];
  readonly tail: number;
  readonly answer: number;
}

/** Before and after a message's blocks in its canonical JSON: the answer is the next request's message, so it is kept as one. */
const answerHead = '{"blocks":';
const answerTail = ',"role":"assistant"}';

/**
 * A run's requests to its models and their answers. A request repeats nearly all of the one before it, so it is kept as a list of parts and
 * each part once, by its hash. Parts begin here, in the commit that names them, and move out in packs (see `body-packs.ts`).
 */
export class ModelCallStore {
  readonly #sql: SqlStorage;
  /** Hashes of the newest call's parts by their text, so that the next call hashes only what it adds. */
  #hashes: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps a call, once; to be called inside of the commit's transaction. */
  add({ answerJson, request, ...record }: ModelCallRecord, atMs: number): void {
    const isNew = this.#sql.exec("select 1 from model_calls where call_id = ?", record.callId).toArray().length === 0;
    if (!isNew) return;
    this.#sql.exec(
      "insert into model_calls (call_id, at_ms, record, request, answer) values (?, ?, ?, '', '')",
      record.callId,
      atMs,
      JSON.stringify(record),
    );
    const hashes = new Map<string, Uint8Array<ArrayBuffer>>();
    const idOf = (text: string): number => {
      const hash = this.#hashes.get(text) ?? sha256Bytes(text);
      hashes.set(text, hash);
      return this.#partId(hash, text);
    };
    const messages = request.messages.map(idOf);
    const tail = idOf(request.tail);
    const answer = idOf(`${answerHead}${answerJson}${answerTail}`);
    this.#hashes = hashes;
    this.#sql.exec(
      "insert into call_parts (call_id, head, messages, tail, answer) values (?, ?, ?, ?, ?)",
      record.callId,
      request.head,
      JSON.stringify(toRanges(messages)),
      tail,
      answer,
    );
  }

  /** The calls in order. */
  list(): readonly KeptCall[] {
    return this.#sql
      .exec<{ record: string }>("select record from model_calls order by rowid")
      .toArray()
      .map((row) => parseStored(row.record));
  }

  /** Request and answer as they were kept before there were parts, as JSON texts. */
  wholeBodies(callId: string): { readonly request: string; readonly answer: string } | undefined {
    return this.#sql
      .exec<{ request: string; answer: string }>(
        "select request, answer from model_calls where call_id = ? and request <> ''",
        callId,
      )
      .toArray()[0];
  }

  parts(callId: string): CallParts | undefined {
    const row = this.#sql
      .exec<{ head: string; messages: string; tail: number; answer: number }>(
        "select head, messages, tail, answer from call_parts where call_id = ?",
        callId,
      )
      .toArray()[0];
    return row === undefined ? undefined : { ...row, messages: fromRanges(parseStored(row.messages)) };
  }

  /** Where a part is: its text, or the pack that holds it. */
  part(id: number): { readonly bytes: Uint8Array } | { readonly pack: string; readonly part: PackedPart } {
    const row = this.#sql
      .exec<{ hash: ArrayBuffer; size_bytes: number; pack: string | null; pack_at: number | null }>(
        "select p.hash, p.size_bytes, k.hash as pack, p.pack_at from body_parts p left join body_packs k on k.id = p.pack where p.id = ?",
        id,
      )
      .toArray()[0];
    if (row === undefined) throw new Error(`there is no part ${id}`);
    if (row.pack !== null && row.pack_at !== null)
      return { pack: row.pack, part: { id, at: row.pack_at, sizeBytes: row.size_bytes } };
    return { bytes: this.#bytes(row.hash) };
  }

  /** The next parts to move out, oldest first: large ones at once, small ones when they have become many. Empty when nothing is due. */
  due(limits: { readonly largeBytes: number; readonly manyBytes: number; readonly packBytes: number }): readonly {
    readonly id: number;
    readonly bytes: Uint8Array;
  }[] {
    const rows = this.#sql
      .exec<{ id: number; hash: ArrayBuffer; size_bytes: number }>(
        "select id, hash, size_bytes from body_parts where pack is null order by id",
      )
      .toArray();
    const total = rows.reduce((sum, row) => sum + row.size_bytes, 0);
    const due = total > limits.manyBytes ? rows : rows.filter((row) => row.size_bytes > limits.largeBytes);
    const taken: { id: number; bytes: Uint8Array }[] = [];
    let size = 0;
    for (const row of due) {
      size += row.size_bytes;
      if (taken.length > 0 && size > limits.packBytes) break;
      taken.push({ id: row.id, bytes: this.#bytes(row.hash) });
    }
    return taken;
  }

  /** Notes that parts lie in a pack now, and drops them here; to be called inside of a transaction. */
  moved(pack: string, parts: readonly PackedPart[]): void {
    this.#sql.exec("insert or ignore into body_packs (hash) values (?)", pack);
    const { id: packId } = this.#sql.exec<{ id: number }>("select id from body_packs where hash = ?", pack).one();
    for (const { at, id } of parts) {
      const { hash } = this.#sql
        .exec<{
          hash: ArrayBuffer;
        }>("update body_parts set pack = ?, pack_at = ? where id = ? returning hash", packId, at, id)
        .one();
      deleteBlob(this.#sql, blobKey(hash));
    }
  }

  /** The part with this text, kept now if it was not. */
  #partId(hash: Uint8Array<ArrayBuffer>, text: string): number {
    const known = this.#sql.exec<{ id: number }>("select id from body_parts where hash = ?", hash).toArray()[0];
    if (known !== undefined) return known.id;
    const bytes = new TextEncoder().encode(text);
    putBlob(this.#sql, blobKey(hash.buffer), bytes);
    return this.#sql
      .exec<{ id: number }>("insert into body_parts (hash, size_bytes) values (?, ?) returning id", hash, bytes.length)
      .one().id;
  }

  #bytes(hash: ArrayBuffer): Uint8Array {
    const key = blobKey(hash);
    const bytes = getBlob(this.#sql, key);
    if (bytes === undefined) throw new Error(`the content of ${key} is missing`);
    return bytes;
  }
}

/** A call's bodies from its parts' texts, as JSON texts. */
export function bodiesOf(
  { answer, head, messages, tail }: CallParts,
  textOf: (id: number) => string,
): { readonly request: string; readonly answer: string } {
  return {
    request: wholeRequest({ head, messages: messages.map(textOf), tail: textOf(tail) }),
    answer: textOf(answer).slice(answerHead.length, -answerTail.length),
  };
}

function blobKey(hash: ArrayBuffer): string {
  return `body:${toHex(new Uint8Array(hash))}`;
}

/** Parts are numbered as they come, so a conversation's are few ranges of first and last. */
function toRanges(ids: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === id) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges;
}

function fromRanges(ranges: readonly (readonly [number, number])[]): readonly number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
}
