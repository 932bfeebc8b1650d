import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runningPid, takeLock } from "../../../local/stack/lock.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "stack-lock-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("a second start in one folder is refused with the pid, until the first gives it back", () => {
  const release = takeLock(dataDir);
  expect(() => takeLock(dataDir)).toThrow(new RegExp(`already running here \\(process ${process.pid}\\)`));
  expect(runningPid(dataDir)).toBe(process.pid);
  release();
  expect(runningPid(dataDir)).toBeUndefined();
  takeLock(dataDir)();
});

test("a lock of a process that has died is taken over", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  writeFileSync(path.join(dataDir, "stack.lock"), JSON.stringify({ pid: child.pid, born: "1" }));
  expect(runningPid(dataDir)).toBeUndefined();
  takeLock(dataDir)();
});

test("a lock whose pid now belongs to another process is taken over", () => {
  writeFileSync(path.join(dataDir, "stack.lock"), JSON.stringify({ pid: process.pid, born: "not this one" }));
  expect(runningPid(dataDir)).toBeUndefined();
});

test("a damaged lock doesn't stand in the way", () => {
  writeFileSync(path.join(dataDir, "stack.lock"), "{");
  const release = takeLock(dataDir);
  expect(JSON.parse(readFileSync(path.join(dataDir, "stack.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  release();
  expect(existsSync(path.join(dataDir, "stack.lock"))).toBe(false);
});
