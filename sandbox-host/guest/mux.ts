import type { Readable, Writable } from "node:stream";
import { FrameReader, encodeFrame, frameTypes, maxFrameBytes, type Frame, type FrameType } from "./frames.ts";

/** Bytes of data that one side may send on a stream before the other has taken them in. */
const windowBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;

export type Message =
  | { readonly kind: "data" | "error-data"; readonly bytes: Buffer }
  | { readonly kind: "note" | "result"; readonly value: unknown }
  | { readonly kind: "failure"; readonly code: string; readonly message: string }
  | { readonly kind: "end" };

/**
 * One conversation over a `Mux`, with flow control in both directions. The opener sends a request; the other side answers
 * with data and notes and closes with one result or failure.
 */
export class MuxStream {
  readonly id: number;
  readonly request: unknown;
  /** Aborted when the other side cancels, or when the link breaks. */
  readonly cancelled = new AbortController();
  readonly #mux: Mux;
  readonly #queue: { readonly message: Message; readonly cost: number }[] = [];
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];
  #credit = windowBytes;
  #held = 0;
  #taken = 0;
  #closed = false;
  #broken: Error | undefined;

  constructor(mux: Mux, id: number, request: unknown) {
    this.#mux = mux;
    this.id = id;
    this.request = request;
  }

  /** Sends bytes, waiting while the other side is behind. Throws when the link is broken. */
  async data(bytes: Uint8Array, channel: "data" | "error-data" = "data"): Promise<void> {
    const type = channel === "data" ? frameTypes.data : frameTypes.errorData;
    for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
      const chunk = bytes.subarray(start, start + chunkBytes);
      if (!(await this.#spend(chunk.byteLength))) return;
      this.#mux.send(this.id, type, chunk);
    }
  }

  /** Sends a JSON value in order with the data. */
  async note(value: unknown): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(value));
    if (await this.#spend(bytes.byteLength)) this.#mux.send(this.id, frameTypes.note, bytes);
  }

  /** Says that no more data comes from this side. */
  end(): void {
    this.#mux.send(this.id, frameTypes.end, empty);
  }

  /** Asks the other side to stop; it still closes with a result or a failure. */
  cancel(): void {
    this.#mux.send(this.id, frameTypes.cancel, empty);
  }

  finish(value: unknown): void {
    this.#mux.close(this.id, frameTypes.result, Buffer.from(JSON.stringify(value)));
  }

  fail(code: string, message: string): void {
    this.#mux.close(
      this.id,
      frameTypes.failure,
      Buffer.from(JSON.stringify({ code, message: message.slice(0, 2000) })),
    );
  }

  /** The next message in order; throws when the link is broken. */
  async next(): Promise<Message> {
    for (;;) {
      const entry = this.#queue.shift();
      if (entry !== undefined) {
        this.#acknowledge(entry.cost);
        return entry.message;
      }
      if (this.#broken !== undefined) throw this.#broken;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** Called by the mux: a frame for this stream came in. Throws on a breach of the protocol. */
  receive(frame: Frame): void {
    switch (frame.type) {
      case frameTypes.data:
        return this.#enqueue({ kind: "data", bytes: frame.payload }, frame.payload.byteLength);
      case frameTypes.errorData:
        return this.#enqueue({ kind: "error-data", bytes: frame.payload }, frame.payload.byteLength);
      case frameTypes.note:
        return this.#enqueue({ kind: "note", value: parseJson(frame.payload) }, frame.payload.byteLength);
      case frameTypes.end:
        return this.#enqueue({ kind: "end" }, 0);
      case frameTypes.result:
        this.#enqueue({ kind: "result", value: parseJson(frame.payload) }, 0);
        return this.#remoteClosed();
      case frameTypes.failure:
        this.#enqueue(readFailure(parseJson(frame.payload)), 0);
        return this.#remoteClosed();
      case frameTypes.acknowledge: {
        if (frame.payload.byteLength !== 4) throw new Error("an acknowledgement of the wrong size");
        this.#credit += frame.payload.readUInt32BE(0);
        if (this.#credit > windowBytes) throw new Error("more was acknowledged than was sent");
        return this.#releaseWriters();
      }
      case frameTypes.cancel:
        this.cancelled.abort();
        return this.#releaseWriters();
      default:
        throw new Error("a stream was opened twice");
    }
  }

  /** Called by the mux: nothing more will come. */
  break(error: Error): void {
    this.#broken ??= error;
    this.cancelled.abort();
    this.#releaseWriters();
    this.#wakeReader?.();
  }

  #enqueue(message: Message, cost: number): void {
    this.#held += cost;
    if (this.#held > windowBytes || this.#queue.length > 200_000)
      throw new Error("the other side ignored flow control");
    this.#queue.push({ message, cost });
    this.#wakeReader?.();
    this.#wakeReader = undefined;
  }

  #acknowledge(cost: number): void {
    this.#taken += cost;
    if (this.#taken < windowBytes / 4) return;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(this.#taken, 0);
    this.#held -= this.#taken;
    this.#taken = 0;
    this.#mux.send(this.id, frameTypes.acknowledge, payload);
  }

  /** Waits for credit; false when the other side has stopped listening, so that the bytes are dropped. */
  async #spend(bytes: number): Promise<boolean> {
    while (this.#credit < bytes && !this.#unheard()) {
      await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
    }
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#credit < bytes) return false;
    this.#credit -= bytes;
    return true;
  }

  /** The other side has answered and takes nothing more: later data is dropped. */
  #remoteClosed(): void {
    this.#closed = true;
    this.#releaseWriters();
  }

  #unheard(): boolean {
    return this.#broken !== undefined || this.#closed || this.cancelled.signal.aborted;
  }

  #releaseWriters(): void {
    const waiting = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of waiting) wake();
  }
}

/** Many streams over one pair of pipes. One side opens streams, the other has `onOpen`. */
export class Mux {
  readonly #streams = new Map<number, MuxStream>();
  readonly #output: Writable;
  readonly #onOpen: ((stream: MuxStream) => void) | undefined;
  readonly #onBreak: (error: Error) => void;
  #nextId = 1;
  #corked = false;
  #broken: Error | undefined;

  constructor(
    input: Readable,
    output: Writable,
    handlers: { readonly onOpen?: (stream: MuxStream) => void; readonly onBreak: (error: Error) => void },
  ) {
    this.#output = output;
    this.#onOpen = handlers.onOpen;
    this.#onBreak = handlers.onBreak;
    const reader = new FrameReader();
    input.on("data", (chunk: Buffer) => {
      if (this.#broken !== undefined) return;
      try {
        for (const frame of reader.push(chunk)) this.#receive(frame);
      } catch (error) {
        this.break(error instanceof Error ? error : new Error(String(error)));
      }
    });
    input.on("end", () => this.break(new Error("the link was closed")));
    input.on("error", (error) => this.break(error));
    output.on("error", (error) => this.break(error));
  }

  /** Opens a stream with a JSON request. Throws when the link is broken. */
  open(request: unknown): MuxStream {
    if (this.#broken !== undefined) throw this.#broken;
    const stream = new MuxStream(this, this.#nextId++, request);
    this.#streams.set(stream.id, stream);
    this.send(stream.id, frameTypes.open, Buffer.from(JSON.stringify(request)));
    return stream;
  }

  send(id: number, type: FrameType, payload: Uint8Array): void {
    if (this.#broken !== undefined) return;
    if (!this.#corked) {
      // Frames of one turn of the event loop leave in one system call.
      this.#corked = true;
      this.#output.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#output.uncork();
      });
    }
    this.#output.write(encodeFrame(id, type, payload));
  }

  /** Sends a closing frame and forgets the stream. */
  close(id: number, type: FrameType, payload: Uint8Array): void {
    if (payload.byteLength > maxFrameBytes) throw new Error("a result is too large for a frame");
    this.send(id, type, payload);
    this.forget(id);
  }

  forget(id: number): void {
    this.#streams.delete(id);
  }

  break(error: Error): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    for (const stream of this.#streams.values()) stream.break(error);
    this.#streams.clear();
    this.#onBreak(error);
  }

  #receive(frame: Frame): void {
    if (frame.type === frameTypes.open) {
      if (this.#onOpen === undefined || this.#streams.has(frame.stream))
        throw new Error("a stream that this side does not open");
      const stream = new MuxStream(this, frame.stream, parseJson(frame.payload));
      this.#streams.set(stream.id, stream);
      this.#onOpen(stream);
      return;
    }
    const stream = this.#streams.get(frame.stream);
    // A stream that this side has closed may still have frames under way.
    if (stream === undefined) return;
    stream.receive(frame);
    if (frame.type === frameTypes.result || frame.type === frameTypes.failure) this.forget(frame.stream);
  }
}

const empty = new Uint8Array(0);

function parseJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString("utf8"));
}

function readFailure(value: unknown): Message {
  if (typeof value === "object" && value !== null && "code" in value && "message" in value) {
    return { kind: "failure", code: String(value.code).slice(0, 64), message: String(value.message).slice(0, 2000) };
  }
  throw new Error("a failure without code and message");
}
