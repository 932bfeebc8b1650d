/** After so many characters a socket is sent a mark, which its reader sends back. */
const markEvery = 256_000;
/** A reader that has so many characters before it, and has not read them within the time, is too slow. */
const maxUnread = 4_000_000;
const graceMs = 1_000;
/** A mark that has not come back for so long, while more is to be sent, was not read. */
const maxWaitMs = 30_000;

interface Reader {
  unread: number;
  mark: { readonly text: string; readonly upTo: number; readonly sentAtMs: number } | undefined;
}

/**
 * How far the readers of sockets are behind. The platform does not report how much it holds for a socket that is not read, so a mark goes
 * out between the frames, and the reader sends it back. Kept in memory alone: an object that hibernates has nothing to send.
 */
export class SocketReaders<Socket extends object> {
  readonly #readers = new WeakMap<Socket, Reader>();
  readonly #newMark: () => string;

  /** @param newMark makes the text of a mark, such that a reader can't foresee it */
  constructor(newMark: () => string) {
    this.#newMark = newMark;
  }

  /** Counts a frame that is to be sent. Answers `too_slow`, the text of a mark to send behind the frame, or undefined. */
  count(socket: Socket, characters: number, nowMs: number): "too_slow" | { readonly mark: string } | undefined {
    const reader = this.#readers.get(socket) ?? { unread: 0, mark: undefined };
    this.#readers.set(socket, reader);
    reader.unread += characters;
    const waitedMs = reader.mark === undefined ? 0 : nowMs - reader.mark.sentAtMs;
    if (waitedMs > maxWaitMs || (reader.unread > maxUnread && waitedMs > graceMs)) return "too_slow";
    if (reader.mark !== undefined || reader.unread < markEvery) return undefined;
    reader.mark = { text: this.#newMark(), upTo: reader.unread, sentAtMs: nowMs };
    return { mark: reader.mark.text };
  }

  /** Takes a message of a reader; everything before its mark has been read. */
  take(socket: Socket, message: string): void {
    const reader = this.#readers.get(socket);
    if (reader?.mark?.text !== message) return;
    reader.unread -= reader.mark.upTo;
    reader.mark = undefined;
  }
}
