import { setTimeout as sleep } from "node:timers/promises";
import type { StartRun } from "../contracts/run.ts";
import { ApiClient } from "../local/stack/client.ts";
import type { Stack } from "../local/stack/stack.ts";
import { sendStart } from "./starts-load.ts";

/** A second tenant of a stack, with a repository and a run of its own. */
export interface Neighbour {
  readonly client: ApiClient;
  readonly start: Omit<StartRun, "idempotencyKey">;
  /** The addresses that its open pages read. */
  readonly paths: readonly string[];
}

/** Makes the tenant: its person, organisation, repository, project, and a run that was cancelled. */
export async function addNeighbour({ forge, url }: Stack, model: string): Promise<Neighbour> {
  if (forge === undefined) throw new Error("the stack has no forge of its own");
  const owner = "neighbours";
  const login = "neighbour-dev";
  await forge.createUser({ login, name: "Nora Neighbour", email: `${login}@example.com`, organizations: [owner] });
  const source = { kind: "directory" as const, path: "local/sample" };
  await forge.importRepository({ owner, name: "quiet", description: "A quiet repository", source });
  const installation = await forge.createInstallation({ owner, ownerType: "Organization", repositories: "all" });
  const client = new ApiClient(url);
  await client.signIn(login);
  await client.connect(String(installation.id));
  const [repository] = await client.repositories();
  if (repository === undefined) throw new Error("the neighbour has no repository");
  const project = await client.createProject({ key: "QUIET", name: "Quiet", repositoryIds: [repository.id] });
  const start = {
    projectId: project.id,
    repositoryId: repository.id,
    model,
    mode: "implement" as const,
    prompt: "neighbour: decline this, please",
  };
  const run = await client.startRun(start);
  await client.cancel(run.id);
  return { client, start, paths: ["/api/runs?limit=10", "/api/me", `/api/runs/${run.id}`] };
}

/** A neighbour's view of one phase: how long its reads and its starts took, in milliseconds, and its requests that were refused. */
export interface NeighbourSeen {
  readonly readMs: number[];
  readonly startMs: number[];
  readonly refused: string[];
}

/**
 * Reads as a tenant's open pages do, one request every `everyMs`, whether or not the one before was answered, until `until` settles; it
 * starts a run at once and then every `startEveryMs`. Resolves when all of its requests were answered.
 */
export async function watchNeighbour(
  { client, paths, start }: Neighbour,
  { everyMs, startEveryMs }: { readonly everyMs: number; readonly startEveryMs: number },
  until: Promise<unknown>,
): Promise<NeighbourSeen> {
  const seen: NeighbourSeen = { readMs: [], startMs: [], refused: [] };
  const state = { isOver: false };
  const over = until.then(() => (state.isOver = true));
  const read = async (path: string): Promise<void> => {
    const startedAt = performance.now();
    const response = await client.http.send("GET", path, { headers: { accept: "application/json" } });
    await response.text();
    seen.readMs.push(performance.now() - startedAt);
    if (!response.ok) seen.refused.push(`GET ${path} answered ${response.status}`);
  };
  const startOne = async (): Promise<void> => {
    const { runId, status, tookMs } = await sendStart(client, start, crypto.randomUUID());
    seen.startMs.push(tookMs);
    if (runId === undefined) seen.refused.push(`POST /api/runs answered ${status}`);
    else await client.cancel(runId);
  };
  const sent: Promise<void>[] = [];
  let nextStartAt = performance.now();
  for (let index = 0; !state.isOver; index += 1) {
    if (performance.now() >= nextStartAt) {
      nextStartAt += startEveryMs;
      sent.push(startOne());
    }
    sent.push(read(paths[index % paths.length] ?? "/api/me"));
    await Promise.race([sleep(everyMs), over]);
  }
  await Promise.all(sent);
  return seen;
}
