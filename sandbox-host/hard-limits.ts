import { readFileSync } from "node:fs";

/** A limit of processes that a sandbox gets, and that can't be higher than the one of the host's own process. */
interface RuledLimit {
  /** Its name in `/proc/self/limits`. */
  readonly name: string;
  /** The value that a sandbox usually gets. */
  readonly usual: number;
  /** Below this no sandbox can work. */
  readonly least: number;
  /** The ways to raise it: of a unit, of a container and of a shell. */
  readonly raise: string;
}

const mebibyte = 1024 * 1024;

const ruled = {
  openFiles: {
    ...{ name: "Max open files", usual: 8192, least: 256 },
    raise: "LimitNOFILE=8192 in a unit of systemd, --ulimit nofile=8192 for a container, ulimit -n 8192 in a shell",
  },
  processes: {
    ...{ name: "Max processes", usual: 512, least: 64 },
    raise: "LimitNPROC=4096 in a unit of systemd, --ulimit nproc=4096 for a container, ulimit -u 4096 in a shell",
  },
  dataBytes: {
    ...{ name: "Max data size", usual: 2560 * mebibyte, least: 1024 * mebibyte },
    raise: "LimitDATA=infinity in a unit of systemd, --ulimit data=-1 for a container, ulimit -d unlimited in a shell",
  },
} as const satisfies Readonly<Record<string, RuledLimit>>;

type LimitName = keyof typeof ruled;

/** The hard limits of this process: no process that it starts can have more. Infinity where there is none. */
export type HardLimits = Readonly<Record<LimitName, number>>;

/** The files that a process of a sandbox may hold open, unless the host may hold fewer. */
export const sandboxOpenFiles = ruled.openFiles.usual;

/**
 * The hard limits of this process now.
 *
 * @param text of `/proc/self/limits` (https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html)
 */
export function hardLimits(text: string = readFileSync("/proc/self/limits", "utf8")): HardLimits {
  const hard = ({ name }: RuledLimit): number => {
    const found = new RegExp(`^${name} +\\S+ +(\\d+|unlimited)`, "m").exec(text)?.[1];
    return found === undefined || found === "unlimited" ? Number.POSITIVE_INFINITY : Number(found);
  };
  return { openFiles: hard(ruled.openFiles), processes: hard(ruled.processes), dataBytes: hard(ruled.dataBytes) };
}

/** Why no sandbox can work under these limits, with the fix; undefined where it can. */
export function tooLowLimit(limits: HardLimits): { readonly reason: string; readonly fix: string } | undefined {
  for (const [key, { least, name, raise }] of entries)
    if (limits[key] < least)
      return {
        reason: `the hard limit "${name}" of this process is ${limits[key]}, and a sandbox needs ${least} at least`,
        fix: `raise it: ${raise}`,
      };
  return undefined;
}

/** A line for each limit that gives sandboxes less than they usually get. */
export function loweredLimits(limits: HardLimits): readonly string[] {
  return entries
    .filter(([key, { usual }]) => limits[key] < usual)
    .map(
      ([key, { name, raise, usual }]) =>
        `a sandbox gets ${limits[key]} and not ${usual} for "${name}", which is the hard limit of this process; ${raise} lifts it`,
    );
}

const entries = Object.entries(ruled) as readonly (readonly [LimitName, RuledLimit])[];
