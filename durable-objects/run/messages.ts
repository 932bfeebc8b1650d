import type { NewRunEvent } from "../../contracts/run-events.ts";
import { parseStored } from "../../domain/parse-stored.ts";

/** The text fields of a message's block, which may have others. */
type Block = { readonly type: string; readonly text?: string; readonly content?: string; readonly toolUseId?: string };
interface Message<B> {
  readonly role: "user" | "assistant";
  readonly blocks: readonly B[];
}
/** A text that an event of the same commit holds too: `part` of the event `seq`, with `before` in front. */
interface Reference {
  readonly seq: number;
  readonly part: "output" | "text" | "thinking";
  readonly field: "content" | "text";
  readonly before: string;
}

/** A message as it is stored. */
interface Row<B> {
  readonly id: number;
  readonly role: string;
  readonly blocks: readonly (B & { readonly from?: Reference })[];
}

/** Shorter texts take less room than the reference to them. */
const worthCharacters = 200;

/**
 * The conversations of a run. The model's texts and its tools' results are in the events that are stored with a message, so the message
 * keeps references to them, not a second copy. A loaded message equals the stored one byte for byte.
 */
export class MessageStore {
  readonly #sql: SqlStorage;
  /** The conversation that was read last, up to its message `lastId`: messages are only ever added behind, and never changed. */
  #newest:
    | { readonly conversation: string; readonly lastId: number; readonly messages: readonly unknown[] }
    | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Stores a message.
   *
   * @param events what the same commit stores, numbered from `firstSeq`
   */
  add<B extends Block>(
    conversation: string,
    message: Message<B>,
    events: readonly NewRunEvent[],
    firstSeq: number,
  ): void {
    const blocks = message.blocks.map((block) => {
      const from = referenceOf(block, events, firstSeq);
      return from === undefined ? block : { ...block, [from.field]: undefined, from };
    });
    this.#sql.exec(
      "insert into messages (conversation, role, blocks) values (?, ?, ?)",
      conversation,
      message.role,
      JSON.stringify(blocks),
    );
  }

  /** A conversation's messages, oldest first. */
  read<B>(conversation: string): readonly Message<B>[] {
    const known = this.#newest?.conversation === conversation ? this.#newest : undefined;
    const before = (known?.messages ?? []) as readonly Message<B>[];
    const rows = this.#after<B>(conversation, known?.lastId ?? 0);
    const last = rows.at(-1);
    if (last === undefined) return before;
    const messages = [...before, ...this.#whole(rows)];
    this.#newest = { conversation, lastId: last.id, messages };
    return messages;
  }

  #after<B>(conversation: string, id: number): readonly Row<B>[] {
    return this.#sql
      .exec<{ id: number; role: string; blocks: string }>(
        "select id, role, blocks from messages where conversation = ? and id > ? order by id",
        conversation,
        id,
      )
      .toArray()
      .map(({ blocks, id: at, role }) => ({
        id: at,
        role,
        blocks: parseStored<Row<B>["blocks"]>(blocks),
      }));
  }

  /** Messages with the texts that events hold. */
  #whole<B>(rows: readonly Row<B>[]): readonly Message<B>[] {
    const texts = this.#texts(
      rows.flatMap(({ blocks }) => blocks.flatMap(({ from }) => (from === undefined ? [] : [from.seq]))),
    );
    return rows.map(({ blocks, role }) => ({
      role: role === "assistant" ? "assistant" : "user",
      blocks: blocks.map((block) => {
        const { from, ...rest } = block;
        if (from === undefined) return block;
        const text = texts.get(from.seq)?.[from.part];
        if (typeof text !== "string") throw new Error(`the message's text in event ${from.seq} is missing`);
        return { ...rest, [from.field]: from.before + text } as B;
      }),
    }));
  }

  #texts(seqs: readonly number[]): ReadonlyMap<number, Partial<Record<Reference["part"], string | null>>> {
    if (seqs.length === 0) return new Map();
    const rows = this.#sql.exec<{ seq: number; output: string | null; text: string | null; thinking: string | null }>(
      `select seq, json_extract(data, '$.output') as output, json_extract(data, '$.text') as text,
        json_extract(data, '$.thinking') as thinking from events where seq in (select value from json_each(?))`,
      JSON.stringify(seqs),
    );
    return new Map([...rows].map((row) => [row.seq, row]));
  }
}

/** Where an event of the same commit holds this block's text, if one does. */
function referenceOf(block: Block, events: readonly NewRunEvent[], firstSeq: number): Reference | undefined {
  const field = block.type === "tool_result" ? "content" : "text";
  const text = block[field];
  // SQLite's JSON functions end a text at a NUL.
  if (text === undefined || text.length < worthCharacters || text.includes("\0")) return undefined;
  for (const [index, event] of events.entries()) {
    const seq = firstSeq + index;
    if (event.type === "turn.finished" && block.type !== "tool_result") {
      const part = block.type === "thinking" ? "thinking" : "text";
      if (event.data[part] === text) return { seq, part, field, before: "" };
    }
    if (event.type === "tool.finished" && event.data.callId === block.toolUseId) {
      const { output } = event.data;
      if (text.endsWith(output))
        return { seq, part: "output", field, before: text.slice(0, text.length - output.length) };
    }
  }
  return undefined;
}
