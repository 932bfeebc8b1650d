import { readFileSync, readdirSync } from "node:fs";
import type { Sandbox } from "./sandbox.ts";

const intervalMs = 250;

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot at which it started; with the pid it names a process for good. */
  readonly startedAt: string;
}

interface Usage {
  readonly memoryBytes: number;
  readonly processes: number;
}

/**
 * Watches how much memory the processes of each sandbox hold together. `prlimit` bounds one process; this bounds their sum:
 * over the limit, the largest process is killed, as the kernel would.
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
    if (busy.length === 0) return;
    const children = processTree();
    for (const sandbox of busy) this.#checkOne(sandbox, children);
  }

  #checkOne(sandbox: Sandbox, children: ReadonlyMap<number, readonly ProcessInfo[]>): void {
    const members = descendants(sandbox.process.initPid, children);
    const agent = children.get(sandbox.process.initPid)?.[0]?.pid;
    let memoryBytes = 0;
    let largest: { readonly info: ProcessInfo; readonly bytes: number } | undefined;
    for (const info of members) {
      const bytes = ownMemory(info.pid);
      memoryBytes += bytes;
      if (info.pid !== agent && bytes > (largest?.bytes ?? 0)) largest = { info, bytes };
    }
    this.#usage.set(sandbox, { memoryBytes, processes: members.length });
    if (memoryBytes > sandbox.spec.memoryBytes && largest !== undefined) killSame(largest.info);
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

/** Resident memory of its own (man proc_pid_status), so that a program's code is not counted for each process. */
function ownMemory(pid: number): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/status`, "latin1");
    return Number(/^RssAnon:\s*(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
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
