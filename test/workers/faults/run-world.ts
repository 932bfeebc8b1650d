import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { connectorSchema } from "../../../contracts/connector.ts";
import { ledgerSchema, type Ledger } from "../../../contracts/ledger.ts";
import { patchSetSchema, type PatchSet } from "../../../contracts/patch-set.ts";
import { projectSchema, repositorySchema, type Me, type Repository } from "../../../contracts/project.ts";
import { runEventPayloads, runEventSchema, type RunEvent } from "../../../contracts/run-events.ts";
import { isFinal, runSchema, type Run, type RunState } from "../../../contracts/run.ts";
import type { Env } from "../../../worker/compose.ts";
import worker from "../../../worker/index.ts";
import type { TestApi } from "../app.ts";
import { Client, newPerson } from "../client.ts";
import { newInstallation } from "../world.ts";
import { until } from "./outside-control.ts";

const eventPage = z.object({ items: z.array(z.unknown()), headSeq: z.int() });

/** The product's own Worker over the test's bindings, `change` in place of some; its background work is awaited by `settled`. */
export class ProductApi implements TestApi {
  readonly #env: Env;
  #background: Promise<void>[] = [];

  constructor(change: Partial<Env> = {}) {
    this.#env = { ...env, ...change };
  }

  async fetch(request: Request): Promise<Response> {
    const context = createExecutionContext();
    const incoming = new Request<unknown, IncomingRequestCfProperties>(request);
    const response = await worker.fetch(incoming, this.#env, context);
    this.#background.push(waitOnExecutionContext(context));
    return response;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#background.splice(0));
  }
}

/** A queue that takes nothing. */
export const closedQueue: Env["QUEUE"] = {
  metrics: () => env.QUEUE.metrics(),
  send: () => Promise.reject(new Error("the test's fault: the queue takes nothing")),
  sendBatch: () => Promise.reject(new Error("the test's fault: the queue takes nothing")),
};

/** Lets the cron's sweep come now. */
export async function sweepNow(): Promise<void> {
  const context = createExecutionContext();
  await worker.scheduled(createScheduledController(), env, context);
  await waitOnExecutionContext(context);
}

/** The number of rows of the world's tenant that were started under this idempotency key. */
export async function runsOf(world: RunWorld, key: string): Promise<number> {
  const row = await env.DB.prepare("select count(*) as count from run where tenant_id = ? and idempotency_key = ?")
    .bind(Number(world.me.activeTenantId), key)
    .first<{ count: number }>();
  return row?.count ?? 0;
}

const runPage = z.object({ items: z.array(z.object({ id: z.string() })) });

/** The ids of the runs that the search finds for a text. */
export const findRuns = async (world: RunWorld, text: string): Promise<readonly string[]> =>
  (await world.client.ask(runPage, 200, "GET", `/api/runs?q=${encodeURIComponent(text)}`)).items.map(({ id }) => id);

/** Reads one event as clients do: by the schema of its own type. */
export function readEvent(value: unknown): RunEvent {
  const event = runEventSchema.parse(value);
  return { ...event, data: runEventPayloads[event.type].parse(event.data) } as RunEvent;
}

/** The state of a run's row, which follows the run by a moment; `QUEUED` before the row is written. */
export async function rowState(runId: string): Promise<RunState> {
  const row = await env.DB.prepare("select state from run where id = ?")
    .bind(Number(runId))
    .first<{ state: RunState }>();
  return row?.state ?? "QUEUED";
}

/** The object of a run. */
export function runObject(runId: string): ReturnType<typeof env.RUNS.getByName> {
  return env.RUNS.getByName(`run:${runId}`);
}

const repositoryList = z.object({ items: z.array(repositorySchema) });
const patchSetList = z.object({ items: z.array(patchSetSchema) });
const sharedWorlds = new Map<number, Promise<RunWorld>>();

/** A tenant with a project on repositories of the forge, and its admin, over the real Worker. */
export class RunWorld {
  readonly client: Client;
  readonly me: Me;
  /** The installation of the first repository. */
  readonly installation: number;
  readonly projectId: string;
  readonly repositoryId: string;
  /** The repositories that a run works on, in the order in which it names them: one of each installation. */
  readonly repositories: readonly Repository[];

  private constructor(parts: Pick<RunWorld, "client" | "me" | "installation" | "projectId" | "repositories">) {
    this.client = parts.client;
    this.me = parts.me;
    this.installation = parts.installation;
    this.projectId = parts.projectId;
    this.repositories = parts.repositories;
    this.repositoryId = parts.repositories[0]?.id ?? "";
  }

  /** A new world whose project and runs have so many repositories, each of an owner and an installation of its own. */
  static async make(repositoryCount = 1): Promise<RunWorld> {
    const installation = newInstallation();
    const installations = Array.from({ length: repositoryCount }, (_, index) => installation + index);
    const { client: browser, me } = await newPerson(...installations);
    const client = as(browser, new ProductApi());
    for (const each of installations)
      await client.ask(connectorSchema, 201, "POST", "/api/connectors", { installationId: String(each) });
    const { items } = await client.ask(repositoryList, 200, "GET", "/api/repositories");
    const repositories = items.toSorted((a, b) => a.owner.localeCompare(b.owner));
    const body = { key: "LIME", name: "Lime", repositoryIds: repositories.map(({ id }) => id) };
    const project = await client.ask(projectSchema, 201, "POST", "/api/projects", body);
    return new RunWorld({ client, me, installation, projectId: project.id, repositories });
  }

  /** A world that tests share whose runs come to their ends: making one costs a sign-in, connectors and a project. */
  static async shared(repositoryCount = 1): Promise<RunWorld> {
    const world = sharedWorlds.get(repositoryCount) ?? RunWorld.make(repositoryCount);
    sharedWorlds.set(repositoryCount, world);
    return world;
  }

  /** The body of `POST /api/runs`. */
  request(prompt: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    const { projectId, repositories, repositoryId } = this;
    const target = repositories.length > 1 ? { repositoryIds: repositories.map(({ id }) => id) } : { repositoryId };
    return {
      ...target,
      projectId,
      mode: "implement",
      model: "claude-opus-5-5",
      prompt,
      ...more,
    };
  }

  start(prompt: string, more: Readonly<Record<string, unknown>> = {}): Promise<Run> {
    return this.client.ask(runSchema, 201, "POST", "/api/runs", this.request(prompt, more));
  }

  run(id: string): Promise<Run> {
    return this.client.ask(runSchema, 200, "GET", `/api/runs/${id}`);
  }

  async events(id: string): Promise<readonly RunEvent[]> {
    const page = await this.client.ask(eventPage, 200, "GET", `/api/runs/${id}/events?limit=5000`);
    return page.items.map(readEvent);
  }

  ledger(id: string): Promise<Ledger> {
    return this.client.ask(ledgerSchema, 200, "GET", `/api/runs/${id}/ledger`);
  }

  async patchSet(id: string): Promise<PatchSet> {
    const newest = (await this.#patchSets(id))[0];
    if (newest === undefined) throw new Error("no patch set");
    return newest;
  }

  async #patchSets(id: string): Promise<readonly PatchSet[]> {
    return (await this.client.ask(patchSetList, 200, "GET", `/api/runs/${id}/patch-sets`)).items;
  }

  /** Decides the newest patch set of each repository, one after the other. Answers what came back for the last one. */
  async decide(id: string, decision: "approve" | "reject" = "approve"): Promise<Response> {
    let answer: Response | undefined;
    for (const { baseCommit, hash } of (await this.#patchSets(id)).filter(({ superseded }) => !superseded))
      answer = await this.client.send("POST", `/api/runs/${id}/patch-sets/${hash}/decision`, { decision, baseCommit });
    if (answer === undefined) throw new Error("no patch set");
    return answer;
  }

  /** Waits until the run and its row have one of these states. Fails when the run ends in another one. */
  async reaches(id: string, states: readonly RunState[], withinMs = 15_000): Promise<Run> {
    const found = await until(async () => {
      const run = await this.run(id);
      if (states.includes(run.state) && states.includes(await rowState(id))) return run;
      if (isFinal(run.state) && !states.includes(run.state))
        throw new Error(`run ${id} ended ${run.state}: ${run.cause ?? ""}`);
      return undefined;
    }, withinMs);
    if (found !== undefined) return found;
    const { cause, state } = await this.run(id);
    const last = (await this.events(id))
      .slice(-6)
      .map(({ data, seq, type }) => `${seq} ${type} ${JSON.stringify(data).slice(0, 300)}`);
    throw new Error(
      `run ${id} is ${state} (${cause ?? ""}), not ${states.join(" or ")}. Its last events:\n${last.join("\n")}`,
    );
  }

  /** Fires the run's alarm now instead of when it is due. False when none was set. */
  afterAlarm(id: string): Promise<boolean> {
    return runDurableObjectAlarm(runObject(id));
  }

  /** From the wait for approval to the end. */
  async approveToEnd(id: string): Promise<Run> {
    await this.reaches(id, ["WAITING_APPROVAL"]);
    await this.decide(id);
    return this.reaches(id, ["DONE", "NEEDS_HUMAN"]);
  }
}

/** The same person over another API. */
export function as(browser: Client, api: TestApi): Client {
  const client = new Client(api);
  for (const [name, value] of browser.cookies) client.cookies.set(name, value);
  return client;
}
