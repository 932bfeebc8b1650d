import { readdirSync, readFileSync } from "node:fs";

/** Memory, in bytes, that the processes of a group hold in RAM. Linux only; 0 elsewhere. */
export function residentBytes(processGroup: number): number {
  let total = 0;
  let names: readonly string[] = [];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  } catch {
    return 0;
  }
  for (const name of names) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [, , group = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(group) !== processGroup || !stat.includes("(workerd)")) continue;
      const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${name}/status`, "utf8")) ?? [];
      total += Number(kilobytes) * 1024;
    } catch {
      // The process has ended meanwhile.
    }
  }
  return total;
}
