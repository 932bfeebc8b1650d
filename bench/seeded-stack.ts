import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ApiClient } from "../local/stack/client.ts";
import { readSettings } from "../local/stack/settings.ts";
import { startStack, type Stack } from "../local/stack/stack.ts";
import { silentLog } from "../local/stack/status.ts";

/** A whole stack with its sample data, and a person who is signed in. */
export interface SeededStack {
  readonly stack: Stack;
  readonly client: ApiClient;
  /** The folder with everything that the stack keeps. */
  readonly dataDir: string;
  readonly seeded: NonNullable<Stack["seeded"]>;
  /** The part of a start that names project, repository and model. */
  readonly target: { readonly projectId: string; readonly repositoryId: string; readonly model: string };
  close(): Promise<void>;
}

/** Starts it in a folder of its own, with the product's Worker or another one; `close` removes the folder. */
export async function startSeededStack(workerMain?: string): Promise<SeededStack> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "lime-bench-"));
  const stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelDelayMs: 0,
    ...(workerMain === undefined ? {} : { workerMain }),
  });
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  const model = (await client.models()).find((candidate) => candidate.available)?.id;
  const { seeded } = stack;
  if (seeded === undefined || model === undefined) throw new Error("the seed is incomplete");
  return {
    stack,
    client,
    dataDir,
    seeded,
    target: { projectId: seeded.project.id, repositoryId: seeded.repository.id, model },
    async close() {
      await stack.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
