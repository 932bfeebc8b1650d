import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

const guard = path.resolve(import.meta.dirname, "../../../local/stack/guard.ts");
// A command that has a child of its own, as wrangler has workerd.
const family = `const { spawn } = require("node:child_process");
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
console.log(process.pid + " " + child.pid);
setInterval(() => {}, 1000);`;

/** A process that has ended but is not yet collected by its parent is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function goneWithin(pids: readonly number[], ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    if (!pids.some(isAlive)) return true;
    await sleep(25);
  }
  return false;
}

async function startFamily(
  script = family,
): Promise<{ readonly child: ChildProcess; readonly pids: readonly number[] }> {
  const child = spawn(process.execPath, [guard, process.execPath, "-e", script], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, pids: String(line).trim().split(" ").map(Number) };
}

test("everything ends when the supervisor's end of the pipe closes, however it died", async () => {
  const { child, pids } = await startFamily();
  expect(pids.every(isAlive)).toBe(true);
  child.stdin?.destroy();
  expect(await goneWithin([...pids, child.pid ?? 0], 3000)).toBe(true);
});

test("everything ends when the command itself dies", async () => {
  const { child, pids } = await startFamily();
  process.kill(pids[0] ?? 0, "SIGKILL");
  expect(await goneWithin([...pids, child.pid ?? 0], 3000)).toBe(true);
});
