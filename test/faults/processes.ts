import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProcessInfo {
  readonly pid: number;
  readonly group: number;
  readonly command: string;
}

/** All living processes of this machine, from /proc. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function livingProcesses(): readonly ProcessInfo[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return [];
      return [
        {
          pid: Number(name),
          group: Number(fields[2]),
          command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " "),
        },
      ];
    } catch {
      return [];
    }
  });
}

/** Living processes that hold the data folder's path on their command line or belong to one's group that does. */
export function processesOf(dataDir: string): readonly ProcessInfo[] {
  const all = livingProcesses();
  const groups = new Set(all.filter((info) => info.command.includes(dataDir)).map((info) => info.group));
  return all.filter((info) => info.pid !== process.pid && groups.has(info.group));
}

/** Waits until none is left; the ones that are, after `withinMs`. */
export async function leftAfter(dataDir: string, withinMs: number): Promise<readonly ProcessInfo[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const left = processesOf(dataDir);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}
