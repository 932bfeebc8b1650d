import { CallLedger } from "./control/calls.ts";
import { FaultQueue } from "./control/faults.ts";
import { ScriptBook } from "./control/scripts.ts";
import { createModelServer } from "./server.ts";
import { PromptCache } from "./wire/prompt-cache.ts";

export interface ModelOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Pause before each streamed delta, none unless told. */
  readonly deltaDelayMs?: number;
  /** Shortest prompt prefix that the faked prompt caches keep, 1,024 tokens as with the vendors unless told. */
  readonly minimumCacheTokens?: number;
}

export interface RunningModel {
  /** Base address without a path: the Anthropic SDK takes it as it is, the OpenAI SDK with `/v1` appended. */
  readonly url: string;
  /** Ends open streams and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts the local model on 127.0.0.1: the Anthropic Messages and OpenAI Responses wires answered by the offline demo
 * agent, and `/_model/...` for tests. Rejects when the port is taken.
 */
export async function startModel(options: ModelOptions): Promise<RunningModel> {
  const now = (): number => Date.now();
  const server = createModelServer({
    controls: {
      faults: new FaultQueue(),
      scripts: new ScriptBook(),
      calls: new CallLedger(),
      cache: new PromptCache(options.minimumCacheTokens ?? 1024, now),
    },
    deltaDelayMs: options.deltaDelayMs ?? 0,
    now,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The local model has no TCP address.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
