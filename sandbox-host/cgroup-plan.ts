/** The controllers that a sandbox's limits need. */
const neededControllers = ["cpu", "memory", "pids"] as const;

/** The leaf that the host's own processes are moved to: a cgroup whose children have controllers may hold no process itself. */
export const hostLeaf = "assembly-lime-host";

/** The text that turns the needed controllers on for a cgroup's children. */
export const enableControllers = neededControllers.map((name) => `+${name}`).join(" ");

/** The texts of /proc/self/mountinfo and /proc/self/cgroup. */
export interface OwnCgroupFacts {
  readonly mountinfo: string;
  readonly ownCgroup: string;
}

/** As read from the folder of the cgroup below which sandboxes would get theirs. */
export interface BaseFacts {
  readonly folder: string;
  /** The text of `cgroup.controllers`; undefined when it could not be read. */
  readonly controllers: string | undefined;
  /** Whether folders may be made in it, and processes and controllers written to it. */
  readonly isWritable: boolean;
  /** The kernel's first cgroup, which alone may hold processes beside children with controllers. */
  readonly isRoot: boolean;
  /** Ids of the processes in it; 0 for one outside of this process namespace. */
  readonly processes: readonly number[];
  /** Ids of this process and its ancestors. */
  readonly lineage: readonly number[];
}

export type CgroupFolder = { readonly folder: string } | { readonly reason: string };

/** The processes to move to the leaf before controllers are turned on, or why sandboxes can't have cgroups. */
export type CgroupPlan = { readonly folder: string; readonly move: readonly number[] } | { readonly reason: string };

/**
 * The folder of the cgroup below which sandboxes would get theirs: this process's own, or the one above where this process is
 * already in the host's leaf. See man 7 cgroups and man proc_pid_mountinfo.
 */
export function findCgroup({ mountinfo, ownCgroup }: OwnCgroupFacts): CgroupFolder {
  const own = /^0::(\/.*)$/m.exec(ownCgroup)?.[1];
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    const fields = before.split(" ");
    return after.startsWith("cgroup2 ") ? [{ root: unescape(fields[3]), folder: unescape(fields[4]) }] : [];
  });
  if (own === undefined || mounts.length === 0) return { reason: "this machine has no cgroup v2" };
  for (const { root, folder } of mounts) {
    const prefix = root === "/" ? "" : root;
    if (own !== root && !own.startsWith(`${prefix}/`)) continue;
    const below = own.slice(prefix.length).replace(/\/$/, "");
    if (below.split("/").includes("..")) continue;
    const leaf = `/${hostLeaf}`;
    return { folder: folder + (below.endsWith(leaf) ? below.slice(0, -leaf.length) : below) };
  }
  return { reason: `the host's cgroup ${own} is not below a mounted cgroup v2` };
}

/** Whether each sandbox can get a cgroup below this one, by what was read from the file system. */
export function planCgroup(base: BaseFacts): CgroupPlan {
  const { folder } = base;
  const present = (base.controllers ?? "").trim().split(/\s+/);
  const missing = neededControllers.filter((name) => !present.includes(name));
  if (missing.length > 0)
    return {
      reason: `the cgroup v2 at ${folder} lacks the controllers ${missing.join(", ")}: they belong to cgroup v1 or are not delegated`,
    };
  if (!base.isWritable) return { reason: `the cgroup ${folder} is not delegated to this process: it can't be written` };
  if (base.isRoot) return { folder, move: [] };
  const strangers = base.processes.filter((pid) => !base.lineage.includes(pid));
  if (strangers.length > 0)
    return {
      reason: `the cgroup ${folder} holds ${String(strangers.length)} processes beside this one and those that started it: give the host a cgroup of its own`,
    };
  return { folder, move: base.processes };
}

/** A path of mountinfo, where blanks are written in octal. */
function unescape(text = ""): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}
