import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One server-sent event; `pauseBefore` marks those that come out at the pace of generation. */
export interface SseEvent {
  readonly event: string;
  readonly data: object;
  readonly pauseBefore?: boolean;
}

/**
 * Writes events as `text/event-stream` and ends the response. `cutAfter`: the connection is destroyed after that many
 * events, which is what a cut stream looks like. Resolves to how it ended; `aborted` when the client went away.
 */
export async function writeEvents(
  response: ServerResponse,
  events: readonly SseEvent[],
  options: { readonly deltaDelayMs: number; readonly cutAfter: number | undefined },
): Promise<"sent" | "cut" | "aborted"> {
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  response.setHeader("cache-control", "no-cache");
  // The client may have gone already, while a slow answer was waited for.
  let closed = response.destroyed;
  response.on("close", () => (closed = true));
  for (const [index, { event, data, pauseBefore }] of events.entries()) {
    if (index === options.cutAfter) {
      // The bytes written so far must reach the client before the reset, or the fault would look like a refused connection.
      await sleep(20);
      response.destroy();
      return "cut";
    }
    if (pauseBefore && options.deltaDelayMs > 0) await sleep(options.deltaDelayMs);
    if (closed) return "aborted";
    if (!response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) {
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    }
  }
  if (closed) return "aborted";
  response.end();
  return "sent";
}

/**
 * Splits a text into stream deltas: a few words each while the text is short, larger pieces when it is long, so that no
 * text takes more than about 150 deltas. Surrogate pairs stay together.
 */
export function splitDeltas(text: string): readonly string[] {
  const size = Math.max(12, Math.ceil(text.length / 150));
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    piece += character;
    if (piece.length < size) continue;
    pieces.push(piece);
    piece = "";
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}
