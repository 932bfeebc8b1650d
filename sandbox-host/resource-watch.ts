import { readFileSync, readdirSync } from "node:fs";
import { excessOf, memoryOfFiles, memoryOfProcess } from "./memory.ts";
import type { Sandbox } from "./sandbox.ts";

const intervalMs = 250;

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot at which it started; with the pid it names a process for good. */
  readonly startedAt: string;
}

interface Usage {
  /** Of all processes, with the memory that they share, and of the files, which are in memory too. */
  readonly memoryBytes: number;
  readonly processes: number;
}

/**
 * Watches how much memory the processes and files of each sandbox hold together. `prlimit` bounds one process's own memory; this bounds
 * the sum: over the limit, the largest process is killed, as the kernel would. Where files alone are over it, the sandbox is ended.
 * The kernel bounds the sum of a sandbox with a cgroup; there it is asked for the figures, and over the limit all commands are ended.
 */
export class ResourceWatch {
  readonly #sandboxes = new Set<Sandbox>();
  readonly #usage = new WeakMap<Sandbox, Usage>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#check(), intervalMs);
    this.#timer.unref();
  }

  add(sandbox: Sandbox): void {
    this.#sandboxes.add(sandbox);
  }

  remove(sandbox: Sandbox): void {
    this.#sandboxes.delete(sandbox);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** As of the last look; zero for a sandbox that has not run a command yet. */
  usageOf(sandbox: Sandbox): Usage {
    return this.#usage.get(sandbox) ?? { memoryBytes: 0, processes: 0 };
  }

  #check(): void {
    const busy = [...this.#sandboxes].filter((sandbox) => sandbox.runningCommands > 0);
    const bare = busy.filter((sandbox) => !this.#checkCgroup(sandbox));
    if (bare.length === 0) return;
    const children = processTree();
    for (const sandbox of bare) this.#checkOne(sandbox, children);
  }

  /** False when the sandbox has no cgroup. */
  #checkCgroup(sandbox: Sandbox): boolean {
    const { cgroup, initPid } = sandbox.process;
    if (cgroup === undefined) return false;
    try {
      const usage = cgroup.usage();
      this.#usage.set(sandbox, usage);
      const fileBytes = memoryOfFiles(initPid);
      this.#enforce(sandbox, { processBytes: Math.max(0, usage.memoryBytes - fileBytes), fileBytes }, () =>
        cgroup.endCommands(),
      );
    } catch {
      // The sandbox is ending.
    }
    return true;
  }

  #checkOne(sandbox: Sandbox, children: ReadonlyMap<number, readonly ProcessInfo[]>): void {
    const members = descendants(sandbox.process.initPid, children);
    const agent = children.get(sandbox.process.initPid)?.[0]?.pid;
    let processBytes = 0;
    let largest: { readonly info: ProcessInfo; readonly bytes: number } | undefined;
    for (const info of members) {
      const bytes = memoryOfProcess(info.pid);
      processBytes += bytes;
      if (info.pid !== agent && bytes > (largest?.bytes ?? 0)) largest = { info, bytes };
    }
    const fileBytes = memoryOfFiles(sandbox.process.initPid);
    this.#usage.set(sandbox, { memoryBytes: processBytes + fileBytes, processes: members.length });
    this.#enforce(sandbox, { processBytes, fileBytes }, () => {
      if (largest !== undefined) killSame(largest.info);
    });
  }

  /** Frees memory where the sandbox holds too much: by `endProcesses`, or where those hold less than that by its end. */
  #enforce(
    sandbox: Sandbox,
    used: { readonly processBytes: number; readonly fileBytes: number },
    endProcesses: () => void,
  ): void {
    const excess = excessOf(used, sandbox.spec);
    if (excess <= 0) return;
    if (used.processBytes < excess)
      void sandbox.process.kill("the sandbox was ended: its files need more memory than it may use");
    else endProcesses();
  }
}

/** Every process of the machine by its parent's id. */
function processTree(): ReadonlyMap<number, readonly ProcessInfo[]> {
  const children = new Map<number, ProcessInfo[]>();
  for (const name of readdirSync("/proc")) {
    const info = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (info === undefined) continue;
    const siblings = children.get(info.parent) ?? [];
    siblings.push(info);
    children.set(info.parent, siblings);
  }
  return children;
}

function descendants(root: number, children: ReadonlyMap<number, readonly ProcessInfo[]>): readonly ProcessInfo[] {
  const found: ProcessInfo[] = [];
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      pending.push(child.pid);
    }
  }
  return found;
}

/** Fields of /proc/<pid>/stat after the name, which is in parentheses and may hold anything (man proc_pid_stat). */
function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(fields[1]), startedAt: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function killSame(info: ProcessInfo): void {
  if (readProcess(info.pid)?.startedAt !== info.startedAt) return;
  try {
    process.kill(info.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
