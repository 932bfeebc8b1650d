import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../../../local/stack/stack.ts";
import { startWorker, type WorkerProcess } from "../../../local/stack/worker-process.ts";
import { livingProcesses } from "../processes.ts";

/** The processes that a kill ends: the runtime alone, which wrangler starts again, or wrangler with everything under it. */
export type Death = "runtime" | "group";

/** The Worker of a stack, and its deaths. */
export class Killer {
  readonly #stack: Stack;
  readonly #dataDir: string;
  #worker: Pick<WorkerProcess, "pid" | "exited" | "stop">;
  readonly deaths: Record<Death, number> = { runtime: 0, group: 0 };
  /** From a kill to an answer of the next Worker, in ms. */
  readonly downMs: number[] = [];

  constructor(stack: Stack, dataDir: string) {
    this.#stack = stack;
    this.#dataDir = dataDir;
    this.#worker = { pid: stack.workerPid, exited: stack.workerExited, stop: () => Promise.resolve() };
  }

  /** Kills with SIGKILL and waits until the Worker answers again. Throws when it does not come back within a minute. */
  async kill(death: Death): Promise<void> {
    const killedAt = performance.now();
    const runtime = death === "runtime" ? this.#runtimePid() : undefined;
    if (runtime === undefined) {
      this.deaths.group += 1;
      process.kill(-this.#worker.pid, "SIGKILL");
      await this.#worker.exited;
      await this.#startAgain();
    } else {
      this.deaths.runtime += 1;
      process.kill(runtime, "SIGKILL");
      await this.#answers(runtime);
    }
    this.downMs.push(Math.round(performance.now() - killedAt));
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  /** The other workerd of the group is wrangler's proxy, which listens on the public port. */
  #runtimePid(): number | undefined {
    const proxy = `:${new URL(this.#stack.url).port} `;
    return livingProcesses().find(
      ({ command, group }) =>
        group === this.#worker.pid && command.includes("workerd serve") && !command.includes(proxy),
    )?.pid;
  }

  async #startAgain(): Promise<void> {
    this.#worker = await startWorker({
      dataDir: this.#dataDir,
      port: Number(new URL(this.#stack.url).port),
      envFile: path.join(this.#dataDir, "worker.env"),
      signal: new AbortController().signal,
    });
  }

  /** Wrangler gives up when its runtime dies in the midst of a start: then it is started as after any other death. */
  async #answers(dead: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    let ended = false;
    void this.#worker.exited.then(() => {
      ended = true;
    });
    for (;;) {
      if (ended) return this.#startAgain();
      const runtime = this.#runtimePid();
      if (runtime !== undefined && runtime !== dead && (await this.#isHealthy())) return;
      if (Date.now() > deadline) {
        // It hangs, so it is restarted as by a supervisor.
        process.kill(-this.#worker.pid, "SIGKILL");
        await this.#worker.exited;
        return this.#startAgain();
      }
      await sleep(50);
    }
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#stack.url}/api/health`, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}
