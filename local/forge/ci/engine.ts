import { gitDirectory, type ForgeCore } from "../core.ts";
import type { Emitter } from "../events/emit.ts";
import type { Deliveries } from "../events/deliveries.ts";
import { archiveBytes } from "../git/archive.ts";
import type { RefChange } from "../git/refs.ts";
import type { Account } from "../store/accounts.ts";
import type { Repository } from "../store/repositories.ts";
import type { RunConclusion, WorkflowRun } from "../store/runs.ts";
import type { CiRunner } from "../types.ts";
import { detectPlans } from "./detect.ts";
import { emitRun } from "./events.ts";
import { LogWriter } from "./log.ts";

const closePatienceMs = 10_000;

/** Runs the test commands of pushed branches, one at a time, through the injected runner; unfinished runs outlive the process. */
export class CiEngine {
  readonly #core: ForgeCore;
  readonly #emitter: Emitter;
  readonly #runner: CiRunner;
  readonly #queue: number[] = [];
  #current: { readonly runId: number; readonly cancel: AbortController; isCancelled: boolean } | undefined;
  #pumping: Promise<void> | undefined;
  #closed = false;

  constructor(core: ForgeCore, deliveries: Deliveries, runner: CiRunner) {
    this.#core = core;
    this.#emitter = { core, deliveries };
    this.#runner = runner;
  }

  /** Queues again what was queued or running when the forge ended. */
  resume(): void {
    for (const run of this.#core.store.runs.unfinished()) {
      if (run.status === "in_progress") this.#core.store.runs.setStatus(run.id, "queued", null, this.#core.now());
      this.#queue.push(run.id);
    }
    this.#pump();
  }

  /** Makes the runs that a moved branch asks for. */
  async branchMoved(repository: Repository, change: RefChange, branch: string, sender: Account): Promise<void> {
    for (const plan of await detectPlans(this.#core, repository, change.after)) {
      const run = this.#core.store.runs.create({
        ...plan,
        repositoryId: repository.id,
        headBranch: branch,
        headSha: change.after,
        beforeSha: change.before,
        actorId: sender.id,
        nowMs: this.#core.now(),
      });
      await emitRun(this.#emitter, run, "requested");
      this.#queue.push(run.id);
    }
    this.#pump();
  }

  /** Runs a completed run again as a new attempt; false when it is not completed. */
  async rerun(run: WorkflowRun): Promise<boolean> {
    if (run.status !== "completed") return false;
    const next = this.#core.store.runs.addAttempt(run.id, this.#core.now());
    await emitRun(this.#emitter, next, "requested");
    this.#queue.push(run.id);
    this.#pump();
    return true;
  }

  /** Ends a queued or running run as cancelled; false when it is already completed. */
  async cancel(run: WorkflowRun): Promise<boolean> {
    if (run.status === "completed") return false;
    if (this.#current?.runId === run.id) {
      this.#current.isCancelled = true;
      this.#current.cancel.abort();
      return true;
    }
    await this.#complete(run.id, "cancelled");
    return true;
  }

  #pump(): void {
    if (this.#closed || this.#pumping !== undefined) return;
    const failed = (error: unknown): void => console.error("forge: continuous integration:", error);
    const work = this.#drain()
      .catch(failed)
      .finally(() => {
        this.#pumping = undefined;
        if (this.#queue.length > 0) this.#pump();
      });
    this.#pumping = work;
  }

  async #drain(): Promise<void> {
    for (let runId = this.#queue.shift(); runId !== undefined && !this.#closed; runId = this.#queue.shift()) {
      const run = this.#core.store.runs.byId(runId);
      if (run.status === "queued") await this.#execute(run);
    }
  }

  async #complete(runId: number, conclusion: RunConclusion): Promise<void> {
    await emitRun(
      this.#emitter,
      this.#core.store.runs.setStatus(runId, "completed", conclusion, this.#core.now()),
      "completed",
    );
  }

  async #execute(queued: WorkflowRun): Promise<void> {
    const cancel = new AbortController();
    const current = { runId: queued.id, cancel, isCancelled: false };
    this.#current = current;
    const run = this.#core.store.runs.setStatus(queued.id, "in_progress", null, this.#core.now());
    const log = new LogWriter(this.#core.dataDir, this.#core.store.runs.currentJob(run.id).id, () => this.#core.now());
    let conclusion: RunConclusion = "failure";
    try {
      await emitRun(this.#emitter, run, "in_progress");
      conclusion = await this.#runCommand(run, log, cancel.signal);
    } catch (error) {
      if (!cancel.signal.aborted)
        log.line(
          `##[error]The runner could not run the job: ${error instanceof Error ? error.message : "unknown error"}`,
        );
    } finally {
      if (current.isCancelled) log.line("##[error]The operation was canceled.");
      log.close();
      this.#current = undefined;
    }
    // Stopped by the forge's own end: it stays in progress and is run again at the next start.
    if (this.#closed && !current.isCancelled && cancel.signal.aborted) return;
    await this.#complete(run.id, current.isCancelled ? "cancelled" : conclusion);
  }

  async #runCommand(run: WorkflowRun, log: LogWriter, signal: AbortSignal): Promise<RunConclusion> {
    const repository = this.#core.store.repositories.byId(run.repositoryId);
    const prefix = `${repository.name}-${run.headSha.slice(0, 7)}`;
    const tarball = await archiveBytes(this.#core.git, gitDirectory(this.#core, repository), run.headSha, prefix);
    log.line(`##[group]Run ${run.command}`);
    log.line(`commit ${run.headSha} of ${run.headBranch}`);
    log.line("##[endgroup]");
    signal.throwIfAborted();
    const result = await this.#runner.run({
      tarball,
      command: run.command,
      timeoutMs: run.timeoutMs,
      onOutput: (text) => log.write(text),
      signal,
    });
    log.write("");
    if (result.timedOut) {
      log.write(
        `\n##[error]The job has exceeded the maximum execution time of ${Math.ceil(run.timeoutMs / 1000)} s.\n`,
      );
      return "timed_out";
    }
    if (result.exitCode === 0) return "success";
    log.write(`\n##[error]Process completed with exit code ${result.exitCode}.\n`);
    return "failure";
  }

  /** Stops the running job and starts no other; resolves when it has stopped, or after ten seconds of a runner that doesn't. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#current?.cancel.abort();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closePatienceMs);
    });
    await Promise.race([this.#pumping, patience]);
    clearTimeout(timer);
  }
}
