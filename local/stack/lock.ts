import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { StackError } from "./errors.ts";

const lockSchema = z.object({ pid: z.int().min(1), born: z.string() });

/**
 * When a process was started, in the system's own ticks, so that a reused pid isn't taken for the old one; "dead" for one
 * that has ended and is only not yet collected; "" where the system doesn't tell. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "dead" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function lockFile(dataDir: string): string {
  return path.join(dataDir, "stack.lock");
}

/**
 * The process that runs a stack on this data folder.
 * @returns its pid, or undefined when none does (a lock left by a process that is gone counts as none)
 */
export function runningPid(dataDir: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(lockFile(dataDir), "utf8");
  } catch {
    return undefined;
  }
  const lock = lockSchema.safeParse(safeJson(text));
  if (!lock.success || !isAlive(lock.data.pid) || birthOf(lock.data.pid) !== lock.data.born) return undefined;
  return lock.data.pid;
}

/**
 * Takes the data folder for this process.
 * @returns a function that gives it back
 * @throws StackError when another process has it
 */
export function takeLock(dataDir: string): () => void {
  const file = lockFile(dataDir);
  const mine = JSON.stringify({ pid: process.pid, born: birthOf(process.pid) });
  const other = runningPid(dataDir);
  if (other !== undefined) {
    throw new StackError(
      `Assembly Lime is already running here (process ${other}): use that one, or end it with: kill ${other}`,
    );
  }
  rmSync(file, { force: true });
  try {
    writeFileSync(file, mine, { flag: "wx" });
  } catch {
    throw new StackError("Another start of Assembly Lime in this folder came first: use that one.");
  }
  return () => {
    try {
      if (readFileSync(file, "utf8") === mine) rmSync(file, { force: true });
    } catch {
      // Gone already: nothing to give back.
    }
  };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
