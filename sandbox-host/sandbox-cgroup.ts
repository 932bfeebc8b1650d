import { closeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { enableControllers } from "./cgroup-plan.ts";
import { numberOf, systemCode, type CgroupFiles } from "./cgroup-files.ts";

const cpuPeriodMicros = 100_000;
const givingBackMs = 1000;
const removalPollMs = 20;
const removalTimeoutMs = 10_000;

export type CgroupLimits = Pick<SandboxOpenRequest, "memoryBytes" | "diskBytes" | "maxProcesses">;

/**
 * The cgroup of one sandbox, with two leaves: `agent` for the guest agent and `commands` for all commands. The kernel bounds them together:
 * memory with files and shared memory, processes, processor time. When memory runs out, all commands are killed at once and the agent stays.
 */
export class SandboxCgroup {
  readonly folder: string;
  readonly #files: CgroupFiles;
  #endedByHost = 0;
  #endedAt = -Infinity;

  private constructor(folder: string, files: CgroupFiles) {
    this.folder = folder;
    this.#files = files;
  }

  /**
   * Makes the cgroup, with its limits, before a process is in it. Files are in memory, so the sum of memory and disk bounds both together;
   * `ResourceWatch` divides it. `cpus` is the number of processors. Throws the system's error, and then leaves nothing.
   */
  static make(folder: string, limits: CgroupLimits, cpus: number, files: CgroupFiles): SandboxCgroup {
    const cgroup = new SandboxCgroup(folder, files);
    files.makeFolder(folder);
    try {
      files.write(`${folder}/memory.max`, String(limits.memoryBytes + limits.diskBytes));
      // Absent where the kernel has no swap at all.
      if (files.exists(`${folder}/memory.swap.max`)) files.write(`${folder}/memory.swap.max`, "0");
      files.write(`${folder}/pids.max`, String(limits.maxProcesses));
      files.write(`${folder}/cpu.max`, `${String(Math.round(cpus * cpuPeriodMicros))} ${String(cpuPeriodMicros)}`);
      files.write(`${folder}/cgroup.subtree_control`, enableControllers);
      for (const leaf of ["agent", "commands"]) {
        files.makeFolder(`${folder}/${leaf}`);
        files.write(`${folder}/${leaf}/memory.oom.group`, "1");
      }
      return cgroup;
    } catch (error) {
      removeTree(folder, files);
      throw error;
    }
  }

  /**
   * Calls `use` with descriptors through which a process that writes `0` joins a leaf, whatever its user is; they are closed afterwards,
   * when a process that was started with them has its own. Throws the system's error.
   */
  withLeaves<T>(use: (leaves: { readonly agent: number; readonly commands: number }) => T): T {
    const agent = this.#files.open(`${this.folder}/agent/cgroup.procs`);
    try {
      const commands = this.#files.open(`${this.folder}/commands/cgroup.procs`);
      try {
        return use({ agent, commands });
      } finally {
        closeSync(commands);
      }
    } finally {
      closeSync(agent);
    }
  }

  /** Bytes of memory of processes and files together, and the number of processes. Throws the system's error. */
  usage(): { readonly memoryBytes: number; readonly processes: number } {
    const stat = this.#files.read(`${this.folder}/memory.stat`);
    const processes = ["agent", "commands"].map(
      (leaf) => this.#files.read(`${this.folder}/${leaf}/cgroup.procs`).split("\n").length - 1,
    );
    return {
      memoryBytes: numberOf(stat, "anon") + numberOf(stat, "shmem"),
      processes: processes.reduce((sum, count) => sum + count, 0),
    };
  }

  /** How often commands have been killed for their memory, by the kernel or by the host; it only grows. */
  memoryKills(): number {
    return this.#kernelKills("commands") + this.#endedByHost;
  }

  /** Whether the kernel has killed the agent for the sandbox's memory. */
  agentWasKilled(): boolean {
    return this.#kernelKills("agent") > 0;
  }

  /**
   * Kills every process of every command, because they hold too much memory. Within a second of the last time it does nothing: what was killed
   * still gives its memory back, and a command that has begun since is not to blame.
   */
  endCommands(): void {
    if (performance.now() - this.#endedAt < givingBackMs) return;
    this.#endedAt = performance.now();
    this.#endedByHost += 1;
    this.#kill(`${this.folder}/commands`);
  }

  /** Kills every process of the sandbox; `remove` waits for their end. */
  kill(): void {
    this.#kill(this.folder);
  }

  /** Kills what is left and removes the cgroup. One that can't be removed in time stays for the next start of a host. */
  async remove(): Promise<void> {
    await killAndRemove(this.folder, this.#files);
  }

  #kernelKills(leaf: string): number {
    try {
      return numberOf(this.#files.read(`${this.folder}/${leaf}/memory.events`), "oom_kill");
    } catch {
      return 0;
    }
  }

  #kill(folder: string): void {
    try {
      this.#files.write(`${folder}/cgroup.kill`, "1");
    } catch {
      // It is removed already.
    }
  }
}

/** Kills every process of a cgroup and those below it, and removes them all. False when some could not be removed in time. */
export async function killAndRemove(folder: string, files: CgroupFiles): Promise<boolean> {
  for (const end = performance.now() + removalTimeoutMs; ;) {
    if (!files.exists(folder)) return true;
    try {
      files.write(`${folder}/cgroup.kill`, "1");
    } catch {
      // It went meanwhile.
    }
    if (removeTree(folder, files)) return true;
    if (performance.now() > end) return false;
    // A killed process holds its cgroup until it is gone.
    await delay(removalPollMs);
  }
}

/** Removes a cgroup with those below it; false when one still holds a process. */
function removeTree(folder: string, files: CgroupFiles): boolean {
  try {
    for (const name of files.folders(folder)) if (!removeTree(`${folder}/${name}`, files)) return false;
    files.removeFolder(folder);
    return true;
  } catch (error) {
    return systemCode(error) === "ENOENT";
  }
}
