import WebSocket from "ws";
import * as z from "zod";
import { socketMark } from "../contracts/run-events.ts";
import type { Run } from "../contracts/run.ts";
import type { ApiClient } from "../local/stack/client.ts";
import type { Stack } from "../local/stack/stack.ts";
import { startSeededStack } from "./seeded-stack.ts";

const countersSchema = z.object({
  d1: z.array(z.object({ sql: z.string(), rowsWritten: z.number(), bindings: z.array(z.unknown()) })),
  handlers: z.record(z.string(), z.number()),
});

/** The Worker's counters since they were last read: writes to D1 with D1's own count, and runs of the object's handlers. */
export type Counters = z.infer<typeof countersSchema>;

/** A whole stack whose Worker is the product's with the benchmark's counters around it, and a person who is signed in. */
export interface ProductStack {
  readonly stack: Stack;
  readonly client: ApiClient;
  /** The session's cookie header. */
  readonly cookie: string;
  startRun(mode: "implement" | "bugfix", prompt: string): Promise<Run>;
  /** Calls the benchmark's own entry: `verb/runId?query`. */
  control(what: string): Promise<unknown>;
  counters(): Promise<Counters>;
  /** A socket on the run, as a browser opens it. */
  socket(runId: string, since: number): WebSocket;
  close(): Promise<void>;
}

/** Starts it in a folder of its own; `close` removes that. */
export async function startProductStack(): Promise<ProductStack> {
  const { client, close, stack, target } = await startSeededStack("bench/worker/product/index.ts");
  const cookie = client.http.jar.header(new URL(stack.url));
  const control = async (what: string): Promise<unknown> => {
    const response = await fetch(`${stack.url}/api/bench/${what}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${what} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  return {
    stack,
    client,
    cookie,
    control,
    startRun: (mode, prompt) => client.startRun({ ...target, mode, prompt }),
    counters: async () => countersSchema.parse(await control("counters")),
    socket: (runId, since) => {
      const socket = new WebSocket(`${stack.url.replace("http", "ws")}/api/runs/${runId}/socket?since=${since}`, {
        headers: { cookie, origin: stack.url },
        perMessageDeflate: false,
      });
      socket.on("message", (data: Buffer) => {
        if (data.toString("latin1", 0, socketMark.length) === socketMark) socket.send(data.toString("latin1"));
      });
      return socket;
    },
    close,
  };
}
