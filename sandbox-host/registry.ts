import type { SandboxOpenRequest, SandboxSummary } from "../contracts/sandbox-host.ts";
import type { CgroupTree } from "./cgroup-tree.ts";
import { HostError } from "./errors.ts";
import { availableMemory } from "./memory.ts";
import { ResourceWatch } from "./resource-watch.ts";
import type { RuntimeFiles } from "./runtime-files.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { Sandbox } from "./sandbox.ts";

/** How long a sandbox may stay, in milliseconds: without a request or a running command, and in all. */
export interface SandboxLease {
  readonly idleMs: number;
  readonly maxAgeMs: number;
}

/** A run that still works uses its sandbox every few minutes; a command may take 24 hours. */
export const defaultLease: SandboxLease = { idleMs: 3_600_000, maxAgeMs: 36 * 3_600_000 };
const longestLookMs = 60_000;
/** A sandbox is opened only while the machine can still give so much, or all that it asks for where that is less. */
const leastFreeBytes = 1024 ** 3;

/** How many sandboxes may be open at once, and the machine's memory in bytes that is still free. */
export interface HostRoom {
  readonly maxSandboxes: number;
  readonly freeBytes: () => number;
}

export const defaultRoom: HostRoom = { maxSandboxes: 100, freeBytes: availableMemory };

/** The sandboxes of one host, by id. A sandbox that outstays its lease is ended, so that no caller has to live for that. */
export class SandboxRegistry {
  readonly #runtime: RuntimeFiles;
  readonly #watch = new ResourceWatch();
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #starting = new Map<string, Promise<Sandbox>>();
  readonly #lease: SandboxLease;
  readonly #room: HostRoom;
  readonly #cgroups: CgroupTree | undefined;
  readonly #leaseTimer: NodeJS.Timeout;
  #closed = false;

  /** With `cgroups` each sandbox gets one of its own. */
  constructor(runtime: RuntimeFiles, lease: SandboxLease, room: HostRoom = defaultRoom, cgroups?: CgroupTree) {
    this.#runtime = runtime;
    this.#cgroups = cgroups;
    this.#room = room;
    this.#lease = lease;
    const lookMs = Math.min(longestLookMs, Math.ceil(Math.min(lease.idleMs, lease.maxAgeMs) / 4));
    this.#leaseTimer = setInterval(() => this.#endExpired(), lookMs);
    this.#leaseTimer.unref();
  }

  get size(): number {
    return this.#sandboxes.size;
  }

  /**
   * The running sandbox of this id, or a new one. Calls for the same id at the same time share one start. Throws `host_full` when the
   * host has no room for another one.
   */
  open(id: string, spec: SandboxOpenRequest): Promise<Sandbox> {
    if (this.#closed) throw new HostError("sandbox_gone", "the sandbox host is closing");
    const running = this.#sandboxes.get(id);
    if (running?.process.isAlive() === true) {
      running.lastUsedAt = Date.now();
      return Promise.resolve(running);
    }
    const starting = this.#starting.get(id);
    if (starting !== undefined) return starting;
    this.#requireRoom(spec);
    const started = this.#start(id, spec);
    this.#starting.set(id, started);
    return started;
  }

  /** The open sandbox of this id. Throws `sandbox_gone`. */
  get(id: string): Sandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox?.process.isAlive() !== true) throw new HostError("sandbox_gone", `no sandbox ${id} is open`);
    sandbox.lastUsedAt = Date.now();
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
    clearInterval(this.#leaseTimer);
    const ids = [...this.#starting.keys(), ...this.#sandboxes.keys()];
    await Promise.all(ids.map((id) => this.destroy(id)));
    this.#watch.close();
  }

  list(): readonly SandboxSummary[] {
    return [...this.#sandboxes.values()].map((sandbox) => ({
      id: sandbox.id,
      generation: sandbox.generation,
      startedAt: sandbox.startedAt,
      lastUsedAt: sandbox.lastUsedAt,
      runningCommands: sandbox.runningCommands,
      ...this.#watch.usageOf(sandbox),
    }));
  }

  #requireRoom({ memoryBytes }: SandboxOpenRequest): void {
    const { freeBytes, maxSandboxes } = this.#room;
    const open = this.#sandboxes.size + this.#starting.size;
    if (open >= maxSandboxes)
      throw new HostError(
        "host_full",
        `the sandbox host has ${String(open)} sandboxes open, which is as many as it may`,
      );
    const free = freeBytes();
    if (free < Math.min(memoryBytes, leastFreeBytes)) {
      const left = `${String(Math.floor(free / 1024 ** 2))} MiB`;
      throw new HostError("host_full", `the sandbox host's machine has only ${left} of memory left`);
    }
  }

  #endExpired(): void {
    const now = Date.now();
    for (const sandbox of this.#sandboxes.values()) {
      const isIdle = sandbox.runningCommands === 0 && now - sandbox.lastUsedAt > this.#lease.idleMs;
      if (isIdle || now - sandbox.startedAt > this.#lease.maxAgeMs) void this.destroy(sandbox.id);
    }
  }

  async #start(id: string, spec: SandboxOpenRequest): Promise<Sandbox> {
    try {
      // One that is dying still holds what the limits count.
      await this.#sandboxes.get(id)?.process.exited;
      const process = await startSandboxProcess(spec, this.#runtime, this.#cgroups);
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
