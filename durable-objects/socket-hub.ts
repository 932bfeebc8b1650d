import { socketClose, socketMark } from "../contracts/run-events.ts";
import type { Person } from "../contracts/common.ts";
import { SocketReaders } from "./socket-reader.ts";

/** Frames stay well under the platform's limit of 1 MiB a message. */
const maxFrameCharacters = 900_000;
/** One frame of a screen: in the long run, no more than one flush each. */
const flushEveryMs = 16;
/** Flushes that may follow each other at once after a quiet moment, so that a lone event never waits for the one before it. */
const flushesAtOnce = 4;

/** The session that opened a socket, kept with the socket while its object hibernates. */
export interface Viewer {
  readonly sessionKey: string;
  /** When the session expires, in UTC milliseconds. */
  readonly expiresAtMs: number;
  /** The session's person, where others are shown who is there. */
  readonly person?: Person;
  /** The thing that the person looks at, as their browser tells. */
  readonly looksAt?: string | null;
}

/** The name of an object's numbered things in its frames. */
type Numbered = "events" | "changes";

type Pending =
  | { readonly kind: "event"; readonly text: string }
  | { readonly kind: "frame"; readonly text: string }
  | { readonly kind: "delta"; readonly key: string; text: string; readonly frame: (text: string) => string };

/**
 * The sockets of one Durable Object. Frames are serialised once for all sockets. Up to one flush every 16 ms, each event goes out at
 * once, also when two come close together; faster events wait at most 16 ms and are sent together. Sockets hibernate:
 * `ping` is answered without waking the object. A socket that is not read is closed; its browser comes back and catches up by number.
 */
export class SocketHub {
  readonly #state: DurableObjectState;
  #pending: Pending[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushesLeft = flushesAtOnce;
  #countedAtMs = 0;

  readonly #onSend: () => void;
  readonly #numbered: Numbered;
  readonly #readers = new SocketReaders<WebSocket>(() => `${socketMark}${crypto.randomUUID()}`);

  /** @param onSend called whenever frames go out to sockets */
  constructor(state: DurableObjectState, numbered: Numbered, onSend: () => void = () => undefined) {
    this.#state = state;
    this.#numbered = numbered;
    this.#onSend = onSend;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Accepts an upgrade and sends the catch-up frames before anything live. */
  accept(viewer: Viewer, catchUp: Iterable<string>): Response {
    const pair = new WebSocketPair();
    // The queued events were stored before this socket came, so its catch-up has them: flush them first, so that it gets none twice.
    this.#flush();
    pair[1].serializeAttachment(viewer);
    this.#state.acceptWebSocket(pair[1]);
    for (const frame of catchUp) pair[1].send(frame);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  /** Queues the texts of events for all sockets. */
  publishEvents(events: readonly string[]): void {
    this.#queue(events.map((text) => ({ kind: "event", text })));
  }

  /** Queues a piece of text that has no number. Pieces of one key that follow each other are joined into one frame. */
  publishDelta(key: string, text: string, frame: (text: string) => string): void {
    const last = this.#pending.at(-1);
    if (last?.kind === "delta" && last.key === key) last.text += text;
    else this.#queue([{ kind: "delta", key, text, frame }]);
  }

  /** Queues a frame that has no number. */
  publishFrame(text: string): void {
    this.#queue([{ kind: "frame", text }]);
  }

  /** Notes the thing that a socket's person looks at; false for a socket without a person, and where nothing changed. */
  lookAt(socket: WebSocket, thing: string | null): boolean {
    const viewer = socket.deserializeAttachment() as Viewer | null;
    if (viewer?.person === undefined || viewer.looksAt === thing) return false;
    socket.serializeAttachment({ ...viewer, looksAt: thing });
    return true;
  }

  /** Takes a browser's message: the mark that it has read. */
  take(socket: WebSocket, message: string): void {
    this.#readers.take(socket, message);
  }

  /** The sessions behind the open sockets, one for each socket. */
  viewers(): readonly Viewer[] {
    return this.#open().map(({ viewer }) => viewer);
  }

  /** Closes every socket of such a viewer. */
  closeWhere(isMeant: (viewer: Viewer) => boolean, code: number, reason: string): void {
    for (const { socket, viewer } of this.#open()) if (isMeant(viewer)) socket.close(code, reason);
  }

  #open(): readonly { readonly socket: WebSocket; readonly viewer: Viewer }[] {
    return this.#state.getWebSockets().flatMap((socket) => {
      const viewer = socket.deserializeAttachment() as Viewer | null;
      return viewer === null || socket.readyState !== WebSocket.OPEN ? [] : [{ socket, viewer }];
    });
  }

  #queue(items: readonly Pending[]): void {
    if (items.length === 0 || this.#state.getWebSockets().length === 0) return;
    this.#pending.push(...items);
    if (this.#timer !== undefined) return;
    if (this.#mayFlush()) this.#flush();
    else {
      const waitMs = Math.ceil((1 - this.#flushesLeft) * flushEveryMs);
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#flushesLeft = 0;
        this.#countedAtMs = Date.now();
        this.#flush();
      }, waitMs);
    }
  }

  /** Takes one of the flushes that are left; a new one comes every 16 ms. The clock stands still while the object computes. */
  #mayFlush(): boolean {
    const nowMs = Date.now();
    const earned = Math.max(0, nowMs - this.#countedAtMs) / flushEveryMs;
    this.#flushesLeft = Math.min(flushesAtOnce, this.#flushesLeft + earned);
    this.#countedAtMs = nowMs;
    if (this.#flushesLeft < 1) return false;
    this.#flushesLeft -= 1;
    return true;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const items = this.#pending;
    this.#pending = [];
    let events: string[] = [];
    for (const item of items) {
      if (item.kind === "event") {
        events.push(item.text);
        continue;
      }
      for (const frame of eventFrames(events, this.#numbered)) this.#broadcast(frame);
      events = [];
      this.#broadcast(item.kind === "frame" ? item.text : item.frame(item.text));
    }
    for (const frame of eventFrames(events, this.#numbered)) this.#broadcast(frame);
    this.#onSend();
  }

  #broadcast(frame: string): void {
    for (const socket of this.#state.getWebSockets()) {
      try {
        const due = this.#readers.count(socket, frame.length, Date.now());
        if (due === "too_slow") {
          socket.close(socketClose.tooSlow, "the frames were not read");
          continue;
        }
        socket.send(frame);
        if (due !== undefined) socket.send(due.mark);
      } catch {
        // The socket is closing; its browser comes back and catches up by number.
      }
    }
  }
}

/** The texts of numbered things as frames of bounded size, in order. */
export function* eventFrames(events: Iterable<string>, numbered: Numbered): Generator<string> {
  let batch: string[] = [];
  let size = 0;
  for (const event of events) {
    if (size + event.length > maxFrameCharacters && batch.length > 0) {
      yield frameOf(numbered, batch);
      batch = [];
      size = 0;
    }
    batch.push(event);
    size += event.length + 1;
  }
  if (batch.length > 0) yield frameOf(numbered, batch);
}

function frameOf(numbered: Numbered, texts: readonly string[]): string {
  return `{"t":"${numbered}","${numbered}":[${texts.join(",")}]}`;
}
