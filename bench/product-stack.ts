import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import WebSocket from "ws";
import * as z from "zod";
import type { Run } from "../contracts/run.ts";
import { ApiClient } from "../local/stack/client.ts";
import { readSettings } from "../local/stack/settings.ts";
import { startStack, type Stack } from "../local/stack/stack.ts";
import { silentLog } from "../local/stack/status.ts";

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
  const dataDir = mkdtempSync(path.join(tmpdir(), "lime-bench-"));
  const stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelDelayMs: 0,
    workerMain: "bench/worker/product/index.ts",
  });
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  const model = (await client.models()).find((candidate) => candidate.available)?.id;
  const { seeded } = stack;
  if (seeded === undefined || model === undefined) throw new Error("the seed is incomplete");
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
    startRun: (mode, prompt) =>
      client.startRun({ projectId: seeded.project.id, repositoryId: seeded.repository.id, model, mode, prompt }),
    counters: async () => countersSchema.parse(await control("counters")),
    socket: (runId, since) =>
      new WebSocket(`${stack.url.replace("http", "ws")}/api/runs/${runId}/socket?since=${since}`, {
        headers: { cookie, origin: stack.url },
        perMessageDeflate: false,
      }),
    async close() {
      await stack.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
