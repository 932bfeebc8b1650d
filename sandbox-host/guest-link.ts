import type { Readable, Writable } from "node:stream";
import { HostError, guestError } from "./errors.ts";
import { Mux, type MuxStream } from "./guest/mux.ts";

/** The time that a cancelled call has to end before the whole sandbox counts as out of control. */
const cancelGraceMs = 10_000;

export interface GuestCall {
  /** Sends what belongs to the request after its head; `end` is sent when it is done. */
  readonly input?: (stream: MuxStream) => Promise<void>;
  readonly onData?: (bytes: Buffer, channel: "data" | "error-data") => Promise<void> | void;
  readonly onNote?: (value: unknown) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/**
 * The host's end of the link to a guest agent. All that comes from the guest is hostile input: a breach of the protocol breaks
 * the link, and the owner then ends the sandbox.
 */
export class GuestLink {
  readonly #mux: Mux;
  #broken = false;
  #why = "the sandbox is not running";

  constructor(input: Readable, output: Writable, onBreak: (error: Error) => void) {
    this.#mux = new Mux(input, output, {
      onBreak: (error) => {
        this.#broken = true;
        onBreak(error);
      },
    });
  }

  /** Gives the reason that calls are told once the link has broken. */
  explain(why: string): void {
    this.#why = why;
  }

  /** Breaks the link: every call under way fails with `sandbox_gone`. */
  break(reason: string): void {
    this.#mux.break(new Error(reason));
  }

  /** Sends a request and returns its result, still unchecked. Throws HostError: the guest's own, or `sandbox_gone`. */
  async call(request: unknown, options: GuestCall = {}): Promise<unknown> {
    if (this.#broken) throw this.#gone();
    const stream = this.#mux.open(request);
    let inputError: Error | undefined;
    let graceTimer: NodeJS.Timeout | undefined;
    const cancel = () => {
      stream.cancel();
      graceTimer ??= setTimeout(() => this.break("a cancelled call went on"), cancelGraceMs);
    };
    options.signal?.addEventListener("abort", cancel);
    if (options.signal?.aborted === true) cancel();
    void (async () => {
      try {
        await options.input?.(stream);
        stream.end();
      } catch (error) {
        inputError = error instanceof Error ? error : new Error(String(error));
        cancel();
        stream.end();
      }
    })();
    try {
      return await this.#answer(stream, options);
    } catch (error) {
      if (inputError !== undefined) throw inputError;
      throw this.#broken ? this.#gone() : error;
    } finally {
      clearTimeout(graceTimer);
      options.signal?.removeEventListener("abort", cancel);
    }
  }

  #gone(): HostError {
    return new HostError("sandbox_gone", this.#why);
  }

  async #answer(stream: MuxStream, options: GuestCall): Promise<unknown> {
    for (;;) {
      const message = await stream.next();
      try {
        if (message.kind === "data" || message.kind === "error-data")
          await options.onData?.(message.bytes, message.kind);
        else if (message.kind === "note") await options.onNote?.(message.value);
      } catch (error) {
        // The rest is not needed: later frames of a forgotten stream are dropped.
        stream.cancel();
        this.#mux.forget(stream.id);
        throw error;
      }
      if (message.kind === "result") return message.value;
      if (message.kind === "failure") throw guestError(message.code, message.message);
    }
  }
}
