import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { systemCgroupFiles, systemCode, type CgroupFiles } from "./cgroup-files.ts";
import { enableControllers, findCgroup, hostLeaf, planCgroup, type BaseFacts } from "./cgroup-plan.ts";
import { startedInCgroup } from "./guest/join-cgroup.ts";
import { killAndRemove, SandboxCgroup, type CgroupLimits } from "./sandbox-cgroup.ts";
import { unprivileged } from "./unprivileged.ts";

const treePrefix = "assembly-lime-sandboxes-";
const mebibyte = 1024 * 1024;
const trialLimits: CgroupLimits = { memoryBytes: 64 * mebibyte, diskBytes: mebibyte, maxProcesses: 16 };

export interface CgroupOptions {
  /** Processors that each sandbox may use; all but one, and at least one, when absent. */
  readonly cpus?: number;
  readonly files?: CgroupFiles;
  readonly pid?: number;
  /** Resolves with the reason when a process can't be started inside a sandbox's cgroup; tried on one at the start. */
  readonly trial?: (cgroup: SandboxCgroup) => Promise<string | undefined>;
}

export type CgroupCheck =
  | { readonly ok: true; readonly tree: CgroupTree }
  | { readonly ok: false; readonly reason: string };

/** The cgroups of one host's sandboxes. */
export class CgroupTree {
  readonly folder: string;
  readonly cpus: number;
  readonly #files: CgroupFiles;
  #made = 0;

  constructor(folder: string, cpus: number, files: CgroupFiles) {
    this.folder = folder;
    this.cpus = cpus;
    this.#files = files;
  }

  /** A new sandbox's cgroup, still empty. Throws the system's error. */
  make(limits: CgroupLimits): SandboxCgroup {
    this.#made += 1;
    return SandboxCgroup.make(`${this.folder}/sandbox-${String(this.#made)}`, limits, this.cpus, this.#files);
  }

  /** Ends whatever is left in it and removes it. */
  async close(): Promise<void> {
    await killAndRemove(this.folder, this.#files);
  }
}

/**
 * Prepares cgroups for sandboxes below this process's own cgroup, where that is a cgroup v2 of its own with the controllers memory, pids and
 * cpu: moves this process and those that started it to a leaf, turns the controllers on, removes what hosts that were killed left, and tries a
 * process in one. Otherwise the reason, with this process where it was.
 */
export async function prepareCgroups(options: CgroupOptions = {}): Promise<CgroupCheck> {
  const { files = systemCgroupFiles, pid = process.pid, trial = tryToStart } = options;
  const refused = (reason: string): CgroupCheck => ({ ok: false, reason });
  const found = findCgroup({
    mountinfo: readOr(files, "/proc/self/mountinfo", ""),
    ownCgroup: readOr(files, "/proc/self/cgroup", ""),
  });
  if ("reason" in found) return refused(found.reason);
  const plan = planCgroup(readBase(found.folder, pid, files));
  if ("reason" in plan) return refused(plan.reason);
  const { folder, move } = plan;
  const moved: number[] = [];
  let tree: CgroupTree | undefined;
  const undo = async (reason: string): Promise<CgroupCheck> => {
    await tree?.close();
    if (move.length > 0) moveBack(folder, moved, files);
    return refused(reason);
  };
  try {
    if (move.length > 0) files.makeFolder(`${folder}/${hostLeaf}`);
    for (const process of move) if (moveTo(`${folder}/${hostLeaf}`, process, files)) moved.push(process);
    files.write(`${folder}/cgroup.subtree_control`, enableControllers);
    await removeLeftovers(folder, pid, files);
    tree = new CgroupTree(
      `${folder}/${treePrefix}${String(pid)}-${startOf(pid, files)}`,
      options.cpus ?? Math.max(1, availableParallelism() - 1),
      files,
    );
    files.makeFolder(tree.folder);
    files.write(`${tree.folder}/cgroup.subtree_control`, enableControllers);
    const cgroup = tree.make(trialLimits);
    if (!files.exists(`${cgroup.folder}/cgroup.kill`))
      return await undo("the kernel has no cgroup.kill: Linux 5.14 has");
    const failure = await trial(cgroup);
    await cgroup.remove();
    return failure === undefined ? { ok: true, tree } : await undo(failure);
  } catch (error) {
    return undo(`the cgroup ${folder} could not be prepared (${systemCode(error) || String(error)})`);
  }
}

function readBase(folder: string, pid: number, files: CgroupFiles): BaseFacts {
  const controllers = readOr(files, `${folder}/cgroup.controllers`, undefined);
  const written = ["", "/cgroup.procs", "/cgroup.subtree_control"];
  return {
    folder,
    controllers,
    isWritable: written.every((name) => files.canWrite(folder + name)),
    isRoot: controllers !== undefined && !files.exists(`${folder}/cgroup.type`),
    processes: readOr(files, `${folder}/cgroup.procs`, "").split("\n").filter(Boolean).map(Number),
    lineage: lineageOf(pid, files),
  };
}

/** Ids of a process and its ancestors. */
function lineageOf(pid: number, files: CgroupFiles): readonly number[] {
  const found: number[] = [];
  for (let id = pid; id > 0 && !found.includes(id); id = Number(statOf(id, files)[1] ?? 0)) found.push(id);
  return found;
}

/** Clock ticks since boot at which a process started; with the id it names a process for good. Empty when there is none. */
function startOf(pid: number, files: CgroupFiles): string {
  return statOf(pid, files)[19] ?? "";
}

/** Fields of /proc/<pid>/stat after the name, which is in parentheses and may hold anything (man proc_pid_stat). */
function statOf(pid: number, files: CgroupFiles): readonly string[] {
  const text = readOr(files, `/proc/${String(pid)}/stat`, "");
  return text === "" ? [] : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function readOr<T>(files: CgroupFiles, path: string, fallback: T): string | T {
  try {
    return files.read(path);
  } catch {
    return fallback;
  }
}

/** False for a process that has ended. */
function moveTo(folder: string, pid: number, files: CgroupFiles): boolean {
  try {
    files.write(`${folder}/cgroup.procs`, String(pid));
    return true;
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    throw error;
  }
}

/** Brings processes back from the leaf: controllers off first, since a cgroup whose children have some takes no process. */
function moveBack(folder: string, processes: readonly number[], files: CgroupFiles): void {
  const steps = [
    () => files.write(`${folder}/cgroup.subtree_control`, enableControllers.replaceAll("+", "-")),
    ...processes.map((pid) => () => moveTo(folder, pid, files)),
    () => files.removeFolder(`${folder}/${hostLeaf}`),
  ];
  for (const step of steps) {
    try {
      step();
    } catch {
      // One that stays in the leaf is not bounded there.
    }
  }
}

/** Removes the cgroups of hosts that no longer run, with all that is still in them. */
async function removeLeftovers(folder: string, pid: number, files: CgroupFiles): Promise<void> {
  for (const name of files.folders(folder)) {
    const [, owner, start] = new RegExp(`^${treePrefix}(\\d+)-(\\d*)$`).exec(name) ?? [];
    if (owner === undefined) continue;
    const runs = Number(owner) !== pid && startOf(Number(owner), files) === start && start !== "";
    if (!runs) await killAndRemove(`${folder}/${name}`, files);
  }
}

/** Starts a process in both leaves, as sandboxes are started, and lets it say where it is. */
async function tryToStart(cgroup: SandboxCgroup): Promise<string | undefined> {
  const [shell, inCommands] = startedInCgroup(4, "cat", ["/proc/self/cgroup"]);
  const [program, args] = startedInCgroup(3, shell, inCommands);
  const options = { ...unprivileged(), cwd: "/", env: { PATH: "/usr/bin:/bin" } };
  const child = cgroup.withLeaves(({ agent, commands }) =>
    spawn(program, [...args], { ...options, stdio: ["ignore", "pipe", "pipe", agent, commands] }),
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output = (output + chunk.toString("utf8")).slice(0, 1000)));
  await new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  const isInside = output.includes(`${cgroup.folder.slice(cgroup.folder.lastIndexOf("/"))}/commands`);
  return isInside ? undefined : `a process can't be started in a cgroup of its own here: ${output.trim()}`;
}
