import { Buffer } from "node:buffer";
import { type IncomingHttpHeaders, createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One prepared answer: `chunks` are written one by one as they are, then the connection ends as prepared. */
export interface Replay {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks?: readonly (string | Uint8Array)[];
  /** Milliseconds between chunks. */
  readonly gapMs?: number;
  /** `end` the response, `cut` the connection, or leave it `open`. */
  readonly ending?: "end" | "cut" | "open";
}

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ReplayServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Answers the next request; they queue up. */
  answer(replay: Replay): void;
  close(): Promise<void>;
}

/** A server on a free port that answers each request with the next replay, and 418 when there is none. */
export async function startReplayServer(): Promise<ReplayServer> {
  const seen: SeenRequest[] = [];
  const replays: Replay[] = [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.on("end", () => {
      seen.push({ path: request.url ?? "", headers: request.headers, text: Buffer.concat(body).toString("utf8") });
      const replay = replays.shift() ?? { status: 418 };
      void (async () => {
        response.writeHead(replay.status ?? 200, { "content-type": "text/event-stream", ...replay.headers });
        response.flushHeaders();
        for (const chunk of replay.chunks ?? []) {
          response.write(chunk);
          // Each write becomes a chunk of its own on the wire.
          await sleep(replay.gapMs ?? 0);
        }
        if (replay.ending === "cut") {
          await sleep(20);
          response.destroy();
        } else if (replay.ending !== "open") response.end();
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    answer: (replay) => void replays.push(replay),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Server-sent events of these payloads, each named by its `type`. */
export function sse(...events: readonly { readonly type: string; readonly [field: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** The text's bytes in pieces of `size`, which split characters of several bytes. */
export function inPieces(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text, "utf8");
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
