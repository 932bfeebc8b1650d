import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { gitBlobId } from "../../../domain/hash.ts";
import { SqliteJournal } from "../../../durable-objects/run/journal.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { SocketHub } from "../../../durable-objects/socket-hub.ts";
import { startSandboxHost, type SandboxHost } from "../../../local/sandbox/index.ts";
import { createLocalSandbox } from "../../../worker/adapters/local-sandbox/index.ts";
import type { ForgeReader, ForgeTreeEntry } from "../../../worker/ports/forge.ts";
import type { LlmPort, LlmTurn } from "../../../worker/ports/llm.ts";
import type { RunSpec } from "../../../worker/ports/run-host.ts";
import { createWriteGate } from "../../../worker/services/patch-set/write-gate.ts";
import type { EngineDeps } from "../../../worker/services/run/engine/deps.ts";
import { driveOnce } from "../../../worker/services/run/engine/driver.ts";
import { Account } from "../../simulation/account.ts";
import { writeTarball } from "../sandbox-contract/tar-writer.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

export const baseCommit = "c".repeat(40);

/** A run's engine over real SQLite and a real sandbox, with a forge in memory and a model that says what it is told. */
export class EngineHarness {
  readonly deps: EngineDeps;
  readonly journal: SqliteJournal;
  readonly store: RunStore;
  readonly writes: string[] = [];
  turns: (LlmTurn["blocks"] | Error)[] = [];
  readonly requests: Parameters<LlmPort["complete"]>[0][] = [];
  /** What every call costs, at most and in the end; null: its price is not known. */
  price: number | null = 100;
  readonly account = new Account();
  /** What the database does to the next requests about money, in order: fail before, or after having done the work. */
  databaseFaults: ("down" | "reply lost" | "fine")[] = [];
  /** How CI ends on the first commit, the second ...; the last goes for all further ones. */
  workflows: readonly ("none" | "success" | "failure")[] = ["success"];
  readonly #commits: string[] = [];
  nowMs = 1_000;
  readonly #host: SandboxHost;
  readonly #dir: string;

  private constructor(host: SandboxHost, dir: string, files: Readonly<Record<string, string>>) {
    this.#host = host;
    this.#dir = dir;
    const forge = this.#forge(files);
    const writer = {
      writeCommit: async (_repository: unknown, approved: { readonly hash: string }) => {
        const commit = this.#wrote("commit", approved.hash.slice(0, 40));
        if (!this.#commits.includes(commit)) this.#commits.push(commit);
        return { commit, tree: "e".repeat(40) };
      },
      createBranch: async (_repository: unknown, _approved: unknown, branch: string) =>
        void this.#wrote("branch", branch),
      advanceBranch: async (
        _repository: unknown,
        _approved: unknown,
        branch: string,
        { from, to }: { readonly from: string; readonly to: string },
      ) => void this.#wrote(`advance ${from.slice(0, 4)} to ${to.slice(0, 4)}`, branch),
      openPullRequest: async () => {
        this.#wrote("pull_request", "1");
        return {
          number: 1,
          url: "https://forge.example/pull/1",
          state: "open" as const,
          merged: false,
          headBranch: "b",
          headCommit: this.#commits.at(-1) ?? "",
          baseBranch: "main",
        };
      },
    };
    this.deps = {
      llm: () => ({
        complete: async (request) => {
          this.requests.push(request);
          const next = this.turns.shift();
          if (next === undefined) throw new Error("the model has no more turns");
          if (next instanceof Error) throw next;
          return {
            blocks: next,
            stopReason: "tool_use",
            usage: { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5 },
            model: "m",
            vendorRequestId: undefined,
          };
        },
      }),
      sandbox: createLocalSandbox({ url: host.url, token: "t".repeat(32) }),
      forge,
      writeGate: createWriteGate({ reader: forge, writer }),
      nowMs: () => this.nowMs,
      random: () => 0.5,
      budget: {
        reserve: async (call) => this.#asked(() => this.account.reserve(call)),
        settle: async (spending) => this.#asked(() => this.account.settle(spending)),
      },
      costMicros: () => this.price,
      createTickets: async (plan) =>
        plan.tasks.map((task, index) => ({
          id: String(index + 1),
          key: `K-${index + 1}`,
          title: this.#wrote(`ticket ${plan.source}:${index}`, task.title),
        })),
      log: () => undefined,
    };
    const { sql, storage } = createSqlStorage();
    this.store = new RunStore(sql);
    const hub = { publishEvents: () => undefined, publishDelta: () => undefined } as unknown as SocketHub;
    this.journal = new SqliteJournal({
      storage,
      store: this.store,
      hub,
      nowMs: () => this.nowMs,
      onCommit: () => undefined,
    });
  }

  static async start(files: Readonly<Record<string, string>>): Promise<EngineHarness> {
    const dir = mkdtempSync(path.join(tmpdir(), "lime-engine-"));
    const host = await startSandboxHost({ port: 0, dataDir: path.join(dir, "sandbox"), token: "t".repeat(32) });
    return new EngineHarness(host, dir, files);
  }

  begin(
    mode: "plan" | "implement" | "bugfix" | "feature",
    prompt = "do it",
    instructions: RunSpec["instructions"] = [],
  ): void {
    const repository = { id: "1", owner: "o", name: "n", baseBranch: "main" };
    const spec: RunSpec = {
      runId: String(Math.floor(Math.random() * 1e9) + 1),
      tenantId: 1,
      repository: { ...repository, installationId: "1" },
      ticket: null,
      testCommand: null,
      projectId: "1",
      instructions,
      author: { name: "a", email: "a@example.com" },
    };
    this.journal.commit({
      events: [
        {
          type: "run.created",
          data: {
            title: "t",
            mode,
            prompt,
            provider: "anthropic",
            model: "claude-opus-5-5",
            effort: null,
            repository: { ...repository, baseCommit: null },
            ticket: null,
            startedBy: { id: "1", name: "Ada", avatarUrl: null },
          },
        },
      ],
      facts: { spec: JSON.stringify(spec) },
    });
  }

  /** Drives until nothing is left to do now; sleeps are jumped over. At most `limit` steps. */
  async drive(limit = 100): Promise<void> {
    for (let step = 0; step < limit; step += 1) if ((await this.step()) === "idle") return;
    throw new Error(`not idle after ${limit} steps, in ${this.journal.view().state}`);
  }

  /** One step; a sleep is jumped over. */
  async step(): Promise<"idle" | "more"> {
    const outcome = await driveOnce(this.deps, this.journal, new AbortController().signal);
    this.nowMs += 10;
    if (outcome === "idle") return "idle";
    if (outcome !== "again") this.nowMs = Math.max(this.nowMs, outcome.sleepUntilMs);
    return "more";
  }

  events(): readonly RunEvent[] {
    return [...this.store.events()];
  }

  async close(): Promise<void> {
    await this.#host.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #asked<T>(work: () => T): T {
    const fault = this.databaseFaults.shift() ?? "fine";
    if (fault === "down") throw new Error("D1_ERROR: no answer");
    const answer = work();
    if (fault === "reply lost") throw new Error("D1_ERROR: reply lost");
    return answer;
  }

  #wrote<T>(what: string, result: T): T {
    this.writes.push(what);
    return result;
  }

  #forge(files: Readonly<Record<string, string>>): ForgeReader {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const tree: readonly ForgeTreeEntry[] = Object.entries(files).map(([name, text]) => ({
      path: name,
      mode: "100644",
      type: "blob",
      blob: gitBlobId(bytes(text)),
      sizeBytes: text.length,
    }));
    const unused = (): never => {
      throw new Error("not part of these tests");
    };
    return {
      getBranchHead: async () => baseCommit,
      getTree: async () => tree,
      getFile: async (_repository, _commit, name) => bytes(files[name] ?? ""),
      getTarball: async () =>
        new Response(writeTarball(Object.entries(files).map(([name, content]) => ({ path: `top/${name}`, content }))))
          .body ?? unused(),
      listWorkflowRuns: async (_repository, headCommit) => {
        const at = this.#commits.indexOf(headCommit);
        const conclusion = this.workflows[Math.min(at, this.workflows.length - 1)];
        if (at < 0 || conclusion === undefined || conclusion === "none") return [];
        const id = String(at + 1);
        return [
          {
            id,
            name: "test",
            headCommit,
            status: "completed",
            conclusion,
            url: `https://forge.example/run/${id}`,
          },
        ];
      },
      listInstallationRepositories: unused,
      getRepository: unused,
      findPullRequest: unused,
      getWorkflowRunLog: async (_repository, id) => `run ${id}: 1 failing, key sk-ant-api03-${"x".repeat(30)}`,
    };
  }
}
