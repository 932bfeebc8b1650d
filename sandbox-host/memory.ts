import { readFileSync, statfsSync } from "node:fs";

/** The folders of a sandbox that are in memory. */
const memoryFolders = ["workspace", "home/agent", "tmp", "dev/shm"];

/**
 * Bytes of memory that a process holds, its part of what it shares with others included: an anonymous mapping that is shared counts as
 * shared memory. 0 for a process that has ended. See man proc_pid_smaps_rollup and proc_pid_status.
 */
export function memoryOfProcess(pid: number): number {
  const folder = `/proc/${String(pid)}`;
  const parts = kilobytes(`${folder}/smaps_rollup`, ["Pss_Anon", "Pss_Shmem"]);
  // Older kernels don't split it; a host that is not root may not read it.
  return parts ?? kilobytes(`${folder}/status`, ["RssAnon", "RssShmem"]) ?? 0;
}

/** Bytes of memory in the files of the sandbox whose first process is `initPid`. */
export function memoryOfFiles(initPid: number): number {
  let bytes = 0;
  for (const folder of memoryFolders) {
    try {
      const { bfree, blocks, bsize } = statfsSync(`/proc/${String(initPid)}/root/${folder}`);
      bytes += (blocks - bfree) * bsize;
    } catch {
      // The sandbox is ending.
    }
  }
  return bytes;
}

/** Bytes of memory that this machine can still give. https://docs.kernel.org/filesystems/proc.html#meminfo */
export function availableMemory(): number {
  return kilobytes("/proc/meminfo", ["MemAvailable"]) ?? Number.MAX_SAFE_INTEGER;
}

/** A sandbox's memory beyond its limits: `diskBytes` of files belong to its disk, all further ones to its memory. Negative when there is room. */
export function excessOf(
  used: { readonly processBytes: number; readonly fileBytes: number },
  limits: { readonly memoryBytes: number; readonly diskBytes: number },
): number {
  return used.processBytes + Math.max(0, used.fileBytes - limits.diskBytes) - limits.memoryBytes;
}

/** The sentence about a sandbox that needed more memory than `memoryBytes`. */
export function overMemory({ memoryBytes }: { readonly memoryBytes: number }): string {
  return `The sandbox used more memory than its limit of ${String(Math.round(memoryBytes / 1e6))} MB`;
}

/** The sum of a file's fields, in bytes; undefined when one is not there. */
function kilobytes(file: string, names: readonly string[]): number | undefined {
  try {
    const text = readFileSync(file, "latin1");
    let sum = 0;
    for (const name of names) {
      const found = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1];
      if (found === undefined) return undefined;
      sum += Number(found) * 1024;
    }
    return sum;
  } catch {
    return undefined;
  }
}
