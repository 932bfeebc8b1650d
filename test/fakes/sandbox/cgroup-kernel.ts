import { openSync } from "node:fs";
import type { CgroupFiles } from "../../../sandbox-host/cgroup-files.ts";

interface Group {
  readonly processes: Set<number>;
  /** Controllers that its children have. */
  readonly enabled: Set<string>;
  readonly values: Map<string, string>;
}

export interface FakeProcess {
  readonly parent: number;
  readonly startedAt: number;
}

/** The files that a controller brings to a cgroup. */
const filesOf: Readonly<Record<string, readonly string[]>> = {
  memory: ["memory.max", "memory.swap.max", "memory.oom.group", "memory.events", "memory.stat"],
  pids: ["pids.max"],
  cpu: ["cpu.max"],
};
const alwaysThere = ["cgroup.procs", "cgroup.subtree_control", "cgroup.controllers", "cgroup.kill", "cgroup.type"];

/** The kernel's cgroups as far as the sandbox host uses them, in memory, with the kernel's refusals (man 7 cgroups). */
export class FakeCgroups implements CgroupFiles {
  /** Every change in order: `mkdir a`, `rmdir a`, `a/memory.max = 1`. Paths are below the mount. */
  readonly changes: string[] = [];
  readonly processes = new Map<number, FakeProcess>();
  readonly groups = new Map<string, Group>();
  /** Paths below the mount, or their ends, that can't be written. */
  readonly readOnly = new Set<string>();
  /** Names of files that this kernel does not have. */
  readonly absent = new Set<string>();
  mountinfo: string;
  ownCgroup: string;
  /** A killed process stays so many attempts of removing its cgroup. */
  deathTakes = 0;
  readonly #mount: string;
  readonly #controllers: readonly string[];
  readonly #dying = new Set<number>();

  /** Mounted at `mount`, with the process `pid` in the cgroup `own`; the machine's first cgroup has the controllers. */
  constructor(
    mount: string,
    own: string,
    pid: number,
    controllers: readonly string[] = ["cpu", "io", "memory", "pids"],
  ) {
    this.#mount = mount;
    this.#controllers = controllers;
    this.mountinfo = `24 1 0:20 / /proc rw - proc proc rw\n29 24 0:26 / ${mount} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n`;
    this.ownCgroup = `0::${own}\n`;
    this.groups.set("", emptyGroup());
    let path = "";
    for (const name of own.split("/").filter(Boolean)) {
      this.#group(path).enabled.add("cpu").add("memory").add("pids");
      path = `${path}/${name}`;
      this.groups.set(path, emptyGroup());
    }
    this.processes.set(1, { parent: 0, startedAt: 1 });
    this.start(pid, 1, path);
  }

  /** A process in a cgroup, given below the mount. */
  start(pid: number, parent: number, group: string): void {
    this.processes.set(pid, { parent, startedAt: pid * 10 });
    this.#group(group).processes.add(pid);
  }

  read(path: string): string {
    if (path === "/proc/self/mountinfo") return this.mountinfo;
    if (path === "/proc/self/cgroup") return this.ownCgroup;
    const pid = /^\/proc\/(\d+)\/stat$/.exec(path)?.[1];
    if (pid !== undefined) {
      const process = this.processes.get(Number(pid));
      if (process === undefined) throw systemError("ENOENT");
      return `${pid} (a (b) c) S ${String(process.parent)} ${"0 ".repeat(17)}${String(process.startedAt)} 0`;
    }
    const { group, name, key } = this.#file(path);
    if (name === "cgroup.procs") return [...group.processes].map((id) => `${String(id)}\n`).join("");
    if (name === "cgroup.controllers") return `${this.#controllersOf(key).join(" ")}\n`;
    return group.values.get(name) ?? "";
  }

  write(path: string, text: string): void {
    const { group, name, key } = this.#file(path);
    if (!this.canWrite(path)) throw systemError("EACCES");
    if (name === "cgroup.procs") this.#move(Number(text), group, key);
    else if (name === "cgroup.subtree_control") this.#enable(text.split(" "), group, key);
    else if (name === "cgroup.kill") this.#kill(key);
    else group.values.set(name, text);
    this.changes.push(`${key}/${name} = ${text}`);
  }

  exists(path: string): boolean {
    try {
      if (this.groups.has(this.#key(path))) return true;
      this.#file(path);
      return true;
    } catch {
      return false;
    }
  }

  canWrite(path: string): boolean {
    return ![...this.readOnly].some((end) => this.#key(path).endsWith(end));
  }

  folders(path: string): readonly string[] {
    const prefix = `${this.#key(path)}/`;
    this.#group(this.#key(path));
    return [...this.groups.keys()]
      .filter((key) => key.startsWith(prefix) && !key.slice(prefix.length).includes("/"))
      .map((key) => key.slice(prefix.length));
  }

  makeFolder(path: string): void {
    const key = this.#key(path);
    if (this.groups.has(key)) return;
    this.#group(key.slice(0, key.lastIndexOf("/")));
    this.groups.set(key, emptyGroup());
    this.changes.push(`mkdir ${key}`);
  }

  removeFolder(path: string): void {
    const key = this.#key(path);
    const group = this.#group(key);
    this.#bury(group);
    if (this.folders(path).length > 0 || group.processes.size > 0) throw systemError("EBUSY");
    this.groups.delete(key);
    this.changes.push(`rmdir ${key}`);
  }

  open(path: string): number {
    this.#file(path);
    return openSync("/dev/null", "w");
  }

  #key(path: string): string {
    if (!path.startsWith(this.#mount)) throw systemError("ENOENT");
    return path.slice(this.#mount.length);
  }

  #group(key: string): Group {
    const group = this.groups.get(key);
    if (group === undefined) throw systemError("ENOENT");
    return group;
  }

  #file(path: string): { readonly group: Group; readonly name: string; readonly key: string } {
    const full = this.#key(path);
    const name = full.slice(full.lastIndexOf("/") + 1);
    const key = full.slice(0, full.lastIndexOf("/"));
    const group = this.#group(key);
    const controllerFiles = this.#controllersOf(key).flatMap((controller) => filesOf[controller] ?? []);
    const notOfRoot = key === "" && ["cgroup.type", "cgroup.kill", ...controllerFiles].includes(name);
    if (notOfRoot || this.absent.has(name) || ![...alwaysThere, ...controllerFiles].includes(name))
      throw systemError("ENOENT");
    return { group, name, key };
  }

  #controllersOf(key: string): readonly string[] {
    return key === "" ? this.#controllers : [...this.#group(key.slice(0, key.lastIndexOf("/"))).enabled];
  }

  #move(pid: number, group: Group, key: string): void {
    if (!this.processes.has(pid)) throw systemError("ESRCH");
    if (group.enabled.size > 0 && key !== "") throw systemError("EBUSY");
    for (const other of this.groups.values()) other.processes.delete(pid);
    group.processes.add(pid);
  }

  #enable(words: readonly string[], group: Group, key: string): void {
    const known = this.#controllersOf(key);
    if (words.some((word) => !known.includes(word.slice(1)))) throw systemError("ENOENT");
    if (group.processes.size > 0 && key !== "") throw systemError("EBUSY");
    for (const word of words) {
      if (word.startsWith("+")) group.enabled.add(word.slice(1));
      else group.enabled.delete(word.slice(1));
    }
  }

  #kill(key: string): void {
    for (const [path, group] of this.groups) {
      if (path !== key && !path.startsWith(`${key}/`)) continue;
      for (const pid of group.processes) this.#dying.add(pid);
    }
  }

  #bury(group: Group): void {
    if (this.deathTakes > 0) {
      this.deathTakes -= 1;
      return;
    }
    for (const pid of group.processes) {
      if (!this.#dying.has(pid)) continue;
      group.processes.delete(pid);
      this.processes.delete(pid);
    }
  }
}

function emptyGroup(): Group {
  return { processes: new Set(), enabled: new Set(), values: new Map() };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}
