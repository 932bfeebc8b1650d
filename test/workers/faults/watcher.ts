import * as z from "zod";
import { socketMark, type RunEvent } from "../../../contracts/run-events.ts";
import { testConfig } from "../app.ts";
import type { Client } from "../client.ts";
import { readEvent } from "./run-world.ts";

const frameSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("events"), events: z.array(z.unknown()) }),
  z.object({ t: z.literal("live"), headSeq: z.int() }),
  z.object({ t: z.literal("delta") }),
  z.object({ t: z.literal("output") }),
]);

/** A browser that watches a run, and its events over lost sockets. A gap or a repeat in the numbers is kept as a problem. */
export class Watcher {
  readonly seen: RunEvent[] = [];
  readonly problems: string[] = [];
  closed = true;
  /** The code that the object closed the last socket with. */
  closeCode: number | undefined;
  readonly #client: Client;
  readonly #runId: string;
  #socket: WebSocket | undefined;

  constructor(client: Client, runId: string) {
    this.#client = client;
    this.#runId = runId;
  }

  /** Opens the socket behind what it has seen. */
  async connect(): Promise<void> {
    const since = this.seen.at(-1)?.seq ?? 0;
    const response = await this.#client.send("GET", `/api/runs/${this.#runId}/socket?since=${since}`, undefined, {
      upgrade: "websocket",
      origin: testConfig.publicUrl,
    });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`no socket: ${response.status} ${await response.text()}`);
    this.#socket = socket;
    this.closed = false;
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
    socket.addEventListener("close", ({ code }) => {
      this.closeCode = code;
      this.closed = true;
    });
    socket.addEventListener("error", () => {
      this.closed = true;
    });
    socket.accept();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  close(): void {
    this.#socket?.close(1000, "done");
    this.closed = true;
  }

  #take(text: string): void {
    if (text.startsWith(socketMark)) return this.#socket?.send(text);
    const frame = frameSchema.parse(JSON.parse(text));
    if (frame.t !== "events") return;
    for (const raw of frame.events) {
      const event = readEvent(raw);
      const expected = (this.seen.at(-1)?.seq ?? 0) + 1;
      if (event.seq !== expected) this.problems.push(`event ${event.seq} came instead of ${expected}`);
      this.seen.push(event);
    }
  }
}
