import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunEvent, RunEventData, RunFrame } from "../../../contracts/run-events.ts";
import type { RunMode } from "../../../contracts/run.ts";
import type { Image } from "../../../contracts/upload.ts";
import { BodyPacks } from "../../../durable-objects/run/body-packs.ts";
import { SqliteJournal } from "../../../durable-objects/run/journal.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { SocketHub } from "../../../durable-objects/socket-hub.ts";
import { startSandboxHost } from "../../../sandbox-host/index.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { sandboxLimits } from "../../../domain/sandbox/settings.ts";
import type { LlmPort } from "../../../worker/ports/llm.ts";
import type { RunSpec } from "../../../worker/ports/run-host.ts";
import type { SandboxPort } from "../../../worker/ports/sandbox.ts";
import type { EngineDeps } from "../../../worker/services/run/engine/deps.ts";
import { stepAndSettle } from "../../step-and-settle.ts";
import { spendingDue } from "./harness/spending-due.ts";
import { Account } from "../../fakes/account.ts";
import type { PostedReview, PullWithFiles } from "../../fakes/forge/pull-under-review.ts";
import { MemoryBlobs } from "../../fakes/memory-blobs.ts";
import { runCreated, runSpec } from "../../fakes/run-start.ts";
import { MemorySandbox } from "../../fakes/sandbox/memory-sandbox.ts";
import { createSqlStorage } from "./sqlite-storage.ts";
import { HarnessForge, type OtherRepositories } from "./harness/forge.ts";
import { ScriptedModel } from "./harness/scripted-model.ts";
import { sumSuite } from "./harness/suite.ts";

/** The fault of one request about money: it fails, or its reply is lost after its work was done. */
type DatabaseFault = "down" | "reply lost" | "fine";

/** A run's engine over real SQLite, with a sandbox and a forge in memory and a scripted model. */
export class EngineHarness {
  readonly deps: EngineDeps;
  readonly journal: SqliteJournal;
  readonly store: RunStore;
  readonly packs: BodyPacks;
  readonly blobs = new MemoryBlobs();
  readonly forge: HarnessForge;
  readonly writes: string[] = [];
  /** Live text as watchers get it. */
  readonly frames: RunFrame[] = [];
  readonly account = new Account();
  /** Faults of the next requests about money, in order. */
  databaseFaults: DatabaseFault[] = [];
  /** Answers in the place of the scripted model: a real adapter, say. */
  llm: LlmPort | undefined;
  model: { readonly provider: "anthropic" | "openai"; readonly id: string } = {
    provider: "anthropic",
    id: "claude-opus-5-5",
  };
  costMicros: EngineDeps["costMicros"] = () => 100;
  chance = 0.5;
  /** The forge's public address of a person. */
  noreplyEmail: (userId: number) => string = (userId) => `${userId}+ada@users.noreply.github.com`;
  /** The paths and tools that the next run may use. */
  constraints: { paths: string[] | null; tools: string[] | null } | null = null;
  nowMs = 1_000;
  readonly #script = new ScriptedModel();
  readonly sandbox: SandboxPort;
  readonly #onClose: () => Promise<void>;

  private constructor(
    sandbox: SandboxPort,
    files: Readonly<Record<string, string>>,
    onClose: () => Promise<void>,
    others: OtherRepositories = {},
  ) {
    this.sandbox = sandbox;
    this.#onClose = onClose;
    this.forge = new HarnessForge(files, this.writes, others);
    this.deps = {
      llm: async () => this.llm ?? this.#script,
      sandboxFor: ({ size }) => ({ port: sandbox, limits: sandboxLimits[size] }),
      forge: this.forge.reader,
      writeGate: this.forge.gate,
      noreplyEmail: async (userId) => this.noreplyEmail(userId),
      blobs: this.blobs,
      nowMs: () => this.nowMs,
      random: () => this.chance,
      budget: {
        reserve: async (call) => this.#withFault(() => this.account.reserve(call)),
        settle: async (spending) => this.#withFault(() => this.account.settle(spending)),
      },
      costMicros: (model, usage) => this.costMicros(model, usage),
      createTickets: async (plan) =>
        plan.tasks.map(({ title }, index) => {
          this.writes.push(`ticket ${plan.source}:${index}`);
          return { id: String(index + 1), key: `K-${index + 1}`, title };
        }),
      log: () => undefined,
    };
    const { sql, storage } = createSqlStorage();
    this.store = new RunStore(sql);
    this.packs = new BodyPacks(this.store.modelCalls, this.blobs, (work) => storage.transactionSync(work));
    const publishDelta: SocketHub["publishDelta"] = (_key, text, frame) =>
      void this.frames.push(JSON.parse(frame(text)) as RunFrame);
    const hub = { publishEvents: () => undefined, publishDelta } as unknown as SocketHub;
    this.journal = new SqliteJournal({
      storage,
      store: this.store,
      hub,
      nowMs: () => this.nowMs,
      onCommit: () => undefined,
    });
  }

  /** A harness whose forge has these files, with a sandbox in memory in which `node --test` is `sumSuite`. */
  static start(files: Readonly<Record<string, string>>): EngineHarness {
    return new EngineHarness(new MemorySandbox({ node: sumSuite }), files, async () => undefined);
  }

  /** The same over several repositories: the first one's files, then those of the others by name. */
  static startSeveral(files: Readonly<Record<string, string>>, others: OtherRepositories): EngineHarness {
    return new EngineHarness(new MemorySandbox({ node: sumSuite }), files, async () => undefined, others);
  }

  /** The same over a real sandbox host, for the tests that are about the sandbox itself. */
  static async startOnHost(files: Readonly<Record<string, string>>): Promise<EngineHarness> {
    const dir = mkdtempSync(path.join(tmpdir(), "lime-engine-"));
    const token = "t".repeat(32);
    const host = await startSandboxHost({ port: 0, dataDir: path.join(dir, "sandbox"), token });
    return new EngineHarness(createHostSandbox({ url: host.url, token }), files, async () => {
      await host.close();
      rmSync(dir, { recursive: true, force: true });
    });
  }

  /** The scripted model's next turns. */
  get turns(): ScriptedModel["turns"] {
    return this.#script.turns;
  }

  set turns(turns: ScriptedModel["turns"]) {
    this.#script.turns = turns;
  }

  /** The requests to the scripted model. */
  get requests(): ScriptedModel["requests"] {
    return this.#script.requests;
  }

  /** The pull request under review, as its author has it now. */
  set pull(pull: PullWithFiles) {
    this.forge.pull.current = pull;
  }

  get reviews(): readonly PostedReview[] {
    return this.forge.reviews;
  }

  /** Begins a run over every repository of the forge; ids count from 1. */
  beginSeveral(
    mode: RunMode,
    options: Partial<Pick<RunEventData<"run.created">, "choice" | "delivery">> & {
      readonly dependsOn?: Readonly<Record<string, readonly string[]>>;
    } = {},
  ): void {
    const { dependsOn = {}, ...created } = options;
    const repositories = [...this.forge.repositories.keys()].map((named, index) => {
      const [owner = "", name = ""] = named.split("/");
      return { id: String(index + 1), owner, name, baseBranch: "main" };
    });
    const runId = String(Math.floor(Math.random() * 1e9) + 1);
    const spec = runSpec({
      runId,
      repositories: repositories.map((each) => ({
        ...each,
        installationId: "1",
        externalId: `1${each.id}`,
        testCommand: null,
      })),
    });
    const { id: model, provider } = this.model;
    const lanes = repositories.map((each) => ({
      ...each,
      folder: each.name,
      dependsOn: [...(dependsOn[each.name] ?? [])],
    }));
    this.journal.commit({
      events: [runCreated({ mode, provider, model, ...created, repositories: lanes })],
      facts: { spec: JSON.stringify(spec) },
    });
  }

  begin(
    mode: RunMode,
    prompt = "do it",
    instructions: RunSpec["instructions"] = [],
    images: readonly Image[] = [],
  ): void {
    const spec = runSpec({ runId: String(Math.floor(Math.random() * 1e9) + 1), instructions });
    const { id: model, provider } = this.model;
    const { constraints } = this;
    this.journal.commit({
      events: [runCreated({ mode, prompt, provider, model, images: [...images], constraints })],
      facts: { spec: JSON.stringify(spec) },
    });
  }

  /** Drives until nothing is left to do now, or it is enough; sleeps are jumped over. At most `limit` steps. */
  async drive(limit = 100, isEnough: () => boolean = () => false): Promise<void> {
    for (let step = 0; step < limit; step += 1) if ((await this.step()) === "idle" || isEnough()) return;
    throw new Error(`not idle after ${limit} steps, in ${this.journal.view().state}`);
  }

  /** One step; a sleep is jumped over. */
  async step(): Promise<"idle" | "more"> {
    const { deps, journal, store } = this;
    const outcome = await stepAndSettle(deps, journal, new AbortController().signal, () => spendingDue(store));
    this.nowMs += 10;
    if (outcome === "idle") return "idle";
    if (outcome !== "again") this.nowMs = Math.max(this.nowMs, outcome.sleepUntilMs);
    return "more";
  }

  events(): readonly RunEvent[] {
    return [...this.store.events()];
  }

  /** Request and answer of the call whose id ends like this, without the run's number. */
  async bodies(callId: string): Promise<{ readonly request: string; readonly answer: string }> {
    const id = this.store.modelCalls.list().find((call) => call.callId.replace(/^run-\d+/u, "run").startsWith(callId));
    const bodies = id === undefined ? undefined : await this.packs.read(this.journal.spec, id.callId);
    if (bodies === undefined) throw new Error(`no call ${callId}`);
    return bodies;
  }

  async close(): Promise<void> {
    await this.#onClose();
  }

  #withFault<T>(work: () => T): T {
    const fault = this.databaseFaults.shift() ?? "fine";
    if (fault === "down") throw new Error("D1_ERROR: no answer");
    const answer = work();
    if (fault === "reply lost") throw new Error("D1_ERROR: reply lost");
    return answer;
  }
}
