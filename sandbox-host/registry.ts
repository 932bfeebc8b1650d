import type { SandboxOpenRequest, SandboxSummary } from "../contracts/sandbox-host.ts";
import { HostError } from "./errors.ts";
import { ResourceWatch } from "./resource-watch.ts";
import type { RuntimeFiles } from "./runtime-files.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { Sandbox } from "./sandbox.ts";

/** The sandboxes of one host, by id. */
export class SandboxRegistry {
  readonly #runtime: RuntimeFiles;
  readonly #watch = new ResourceWatch();
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #starting = new Map<string, Promise<Sandbox>>();
  #closed = false;

  constructor(runtime: RuntimeFiles) {
    this.#runtime = runtime;
  }

  get size(): number {
    return this.#sandboxes.size;
  }

  /** The running sandbox of this id, or a new one. Calls for the same id at the same time share one start. */
  open(id: string, spec: SandboxOpenRequest): Promise<Sandbox> {
    if (this.#closed) throw new HostError("sandbox_gone", "the sandbox host is closing");
    const running = this.#sandboxes.get(id);
    if (running?.process.isAlive() === true) return Promise.resolve(running);
    const starting = this.#starting.get(id) ?? this.#start(id, spec);
    this.#starting.set(id, starting);
    return starting;
  }

  /** The open sandbox of this id. Throws `sandbox_gone`. */
  get(id: string): Sandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox?.process.isAlive() !== true) throw new HostError("sandbox_gone", `no sandbox ${id} is open`);
    return sandbox;
  }

  /** Ends a sandbox, also one that is just starting; resolves when nothing of it is left. */
  async destroy(id: string): Promise<void> {
    await this.#starting.get(id)?.catch(() => {});
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) return;
    this.#sandboxes.delete(id);
    await sandbox.process.kill();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const ids = [...this.#starting.keys(), ...this.#sandboxes.keys()];
    await Promise.all(ids.map((id) => this.destroy(id)));
    this.#watch.close();
  }

  list(): readonly SandboxSummary[] {
    return [...this.#sandboxes.values()].map((sandbox) => ({
      id: sandbox.id,
      generation: sandbox.generation,
      startedAt: sandbox.startedAt,
      runningCommands: sandbox.runningCommands,
      ...this.#watch.usageOf(sandbox),
    }));
  }

  async #start(id: string, spec: SandboxOpenRequest): Promise<Sandbox> {
    try {
      // One that is dying still holds what the limits count.
      await this.#sandboxes.get(id)?.process.exited;
      const process = await startSandboxProcess(spec, this.#runtime);
      const sandbox = new Sandbox(id, spec, process);
      this.#sandboxes.set(id, sandbox);
      this.#watch.add(sandbox);
      void process.exited.then(() => {
        this.#watch.remove(sandbox);
        if (this.#sandboxes.get(id) === sandbox) this.#sandboxes.delete(id);
      });
      return sandbox;
    } finally {
      this.#starting.delete(id);
    }
  }
}
