import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import * as z from "zod";
import { runEventPayloads, runEventSchema, socketMark, type RunEvent } from "../../contracts/run-events.ts";

const frameSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("events"), events: z.array(runEventSchema) }),
  z.object({ t: z.literal("live"), headSeq: z.int() }),
  z.object({
    t: z.literal("delta"),
    stage: z.string(),
    turn: z.int(),
    kind: z.enum(["text", "thinking"]),
    text: z.string(),
  }),
  z.object({ t: z.literal("output"), callId: z.string(), text: z.string() }),
]);

/**
 * Checks one event against its type's payload schema.
 * @throws ZodError when it has another shape
 */
export function parseRunEvent(value: unknown): RunEvent {
  const event = runEventSchema.parse(value);
  // The payload was checked by the schema of this very type, which is what the union's type says.
  return { ...event, data: runEventPayloads[event.type].parse(event.data) } as RunEvent;
}

export interface FollowOptions {
  /** Events after this number; 0 for all. */
  readonly since?: number;
  readonly signal?: AbortSignal;
  /** Text that streams before its event is there. */
  readonly onDelta?: (text: string) => void;
  /** Called when the connection was lost behind this number and is made again; absent: a lost connection ends the following. */
  readonly onLost?: (seq: number) => void;
}

/** An event whose number isn't the next one: something was lost or doubled. */
export class EventGap extends Error {
  override readonly name = "EventGap";
}

/** The time for which a lost connection is retried. */
const retryForMs = 20_000;

/**
 * Follows a run over its WebSocket. Yields each event once, in order, over lost connections where `onLost` is given. Ends
 * when the server closes the socket, the connection stays lost, or `signal` fires.
 * @param address the socket's http address, without `since`
 * @param cookie the session's Cookie header
 * @throws EventGap for a gap or a repeat in the numbers; Error when the server refuses
 */
export async function* followRun(
  address: string,
  cookie: string,
  options: FollowOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  let seen = options.since ?? 0;
  let lostAt: number | undefined;
  for (;;) {
    try {
      for await (const event of followOnce(address, cookie, seen, options)) {
        seen = event.seq;
        lostAt = undefined;
        yield event;
      }
    } catch (error) {
      if (
        error instanceof EventGap ||
        options.onLost === undefined ||
        (lostAt !== undefined && Date.now() - lostAt > retryForMs)
      )
        throw error;
    }
    if (options.onLost === undefined || options.signal?.aborted === true) return;
    if (lostAt === undefined) options.onLost(seen);
    lostAt ??= Date.now();
    if (Date.now() - lostAt > retryForMs) return;
    await sleep(300);
  }
}

/** One connection, until it closes. */
async function* followOnce(
  address: string,
  cookie: string,
  since: number,
  options: FollowOptions,
): AsyncGenerator<RunEvent, void, void> {
  const url = new URL(address);
  const origin = url.origin;
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("since", String(since));
  const socket = new WebSocket(url, { headers: { cookie, origin }, handshakeTimeout: 10_000 });
  let seen = since;
  const waiting: RunEvent[] = [];
  const state: { failure: Error | undefined; closed: boolean; wake: () => void } = {
    failure: undefined,
    closed: false,
    wake: () => undefined,
  };
  const fail = (error: Error): void => {
    state.failure ??= error;
    socket.terminate();
    state.wake();
  };
  socket.on("message", (data: Buffer) => {
    const text = data.toString("utf8");
    if (text === "pong") return;
    if (text.startsWith(socketMark)) {
      socket.send(text);
      return;
    }
    try {
      const frame = frameSchema.parse(JSON.parse(text));
      if (frame.t === "delta") options.onDelta?.(frame.text);
      if (frame.t !== "events") return;
      for (const raw of frame.events) {
        const event = parseRunEvent(raw);
        if (event.seq !== seen + 1) throw new EventGap(`event ${event.seq} came after event ${seen}`);
        seen = event.seq;
        waiting.push(event);
      }
      state.wake();
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on("error", fail);
  socket.on("close", (code) => {
    state.closed = true;
    if (code >= 4400) state.failure ??= new Error(`the run's socket was closed with code ${code}`);
    state.wake();
  });
  const abort = (): void => {
    socket.terminate();
  };
  options.signal?.addEventListener("abort", abort);
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (state.failure !== undefined && options.signal?.aborted !== true) throw state.failure;
      else if (state.closed || options.signal?.aborted === true) return;
      else {
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", abort);
    socket.terminate();
  }
}
