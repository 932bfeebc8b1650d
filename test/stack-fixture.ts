import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Repository } from "../contracts/project.ts";
import type { RunEvent, RunEventType } from "../contracts/run-events.ts";
import type { Run, StartRun } from "../contracts/run.ts";
import type { ImportRequest } from "../local/forge/types.ts";
import { sampleOwner } from "../local/stack/sample-tickets.ts";
import { ApiClient } from "../local/stack/client.ts";
import { readSettings } from "../local/stack/settings.ts";
import { startStack, type Stack } from "../local/stack/stack.ts";
import { silentLog } from "../local/stack/status.ts";

/** The files of a new repository. */
type Source = NonNullable<ImportRequest["source"]>;

/** A whole stack in a directory of its own, with lime-dev signed in. */
export interface Fixture {
  readonly stack: Stack;
  readonly dataDir: string;
  readonly client: ApiClient;
  readonly model: string;
  /** The target of a run, besides prompt and mode: the seeded project and repository, and a model. */
  readonly target: Pick<StartRun, "projectId" | "repositoryId" | "model">;
  /** Makes the local model answer these turns to requests that hold `match`. */
  script(match: string, turns: readonly ScriptTurn[]): Promise<void>;
  /** Imports a repository into the seeded organisation. */
  importRepository(name: string, source: Source | undefined): Promise<Repository>;
  /** The same, and gives it a project of its own. */
  project(key: string, name: string, source: Source | undefined): Promise<Fixture["target"]>;
  close(): Promise<void>;
}

export interface ScriptTurn {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: unknown }[];
}

export async function startFixture(): Promise<Fixture> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "lime-abuse-"));
  const stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelDelayMs: 0,
  });
  const { forge, model: modelServer, seeded } = stack;
  if (forge === undefined || modelServer === undefined || seeded === undefined)
    throw new Error("these tests need the local parts");
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  const model = (await client.models()).find((candidate) => candidate.agent === "Claude" && candidate.available)?.id;
  if (model === undefined) throw new Error("no model");
  /** Imports a repository into the seeded organisation, and brings it into the product. */
  const importRepository = async (name: string, source: Source | undefined): Promise<Repository> => {
    await forge.importRepository({ owner: sampleOwner, name, ...(source === undefined ? {} : { source }) });
    for (const { id } of await client.connectors()) await client.syncConnector(id);
    const repository = (await client.repositories()).find((candidate) => candidate.name === name);
    if (repository === undefined) throw new Error(`${name} was not imported`);
    return repository;
  };
  return {
    stack,
    dataDir,
    client,
    model,
    target: { projectId: seeded.project.id, repositoryId: seeded.repository.id, model },
    async script(match, turns) {
      const response = await fetch(`${modelServer.url}/_model/script`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ match, turns }),
      });
      if (!response.ok) throw new Error(`script refused: ${await response.text()}`);
    },
    importRepository,
    async project(key, name, source) {
      const repository = await importRepository(name, source);
      const project = await client.createProject({ key, name, description: "", repositoryIds: [repository.id] });
      return { projectId: project.id, repositoryId: repository.id, model };
    },
    async close() {
      await stack.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Waits for a run to wait or end, and gives it with its events. */
export async function settle(
  client: ApiClient,
  run: Run,
): Promise<{ readonly run: Run; readonly events: readonly RunEvent[] }> {
  const settled = await client.waitFor(
    run.id,
    ["WAITING_APPROVAL", "BLOCKED_POLICY", "NEEDS_HUMAN", "DONE", "DECLINED", "FAILED", "CANCELLED"],
    60_000,
  );
  return { run: settled, events: await client.events(run.id) };
}

/** Events of one type. */
export function ofType<T extends RunEventType>(
  events: readonly RunEvent[],
  type: T,
): readonly Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}
