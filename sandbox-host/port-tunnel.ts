import { Duplex } from "node:stream";
import { HostError, toHostError } from "./errors.ts";
import type { GuestLink } from "./guest-link.ts";
import type { MuxStream } from "./guest/mux.ts";

/** Opens a byte stream to a port inside the sandbox. Throws `port_closed` when nothing listens there. */
export function openTunnel(link: GuestLink, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const tunnel = new Tunnel(stop);
    link
      .call(
        { op: "connect", port },
        {
          signal: stop.signal,
          input: (stream) => tunnel.feed(stream),
          onNote: () => resolve(tunnel),
          onData: (bytes) => tunnel.receive(bytes),
        },
      )
      .then(
        () => {
          reject(new HostError("port_closed", "the connection was not made"));
          tunnel.push(null);
        },
        (error: unknown) => {
          reject(toHostError(error));
          tunnel.destroy(new HostError("sandbox_gone", "the connection into the sandbox broke"));
        },
      );
  });
}

/** A socket-like stream whose two directions follow the pace of the other side. */
class Tunnel extends Duplex {
  readonly #stop: AbortController;
  #stream: MuxStream | undefined;
  #resume: (() => void) | undefined;
  #finish: (() => void) | undefined;

  constructor(stop: AbortController) {
    super({ allowHalfOpen: true });
    this.#stop = stop;
    // The tunnel's user sees its end; an unhandled error must not end the host.
    this.on("error", () => {});
  }

  /** The sending direction: resolves when the user of this stream has ended it. */
  feed(stream: MuxStream): Promise<void> {
    this.#stream = stream;
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** The receiving direction: resolves when there is room for more. */
  async receive(bytes: Buffer): Promise<void> {
    if (this.destroyed || this.push(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  override _read(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const sending = this.#stream?.data(chunk) ?? Promise.reject(new HostError("sandbox_gone", "no connection"));
    sending.then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.#finish?.();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stop.abort();
    this.#resume?.();
    this.#finish?.();
    done(error);
  }
}
