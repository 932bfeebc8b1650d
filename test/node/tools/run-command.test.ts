import { expect, test } from "vitest";
import { duration, runCommand } from "../../../tools/run-command.ts";

const node = process.execPath;
const here = import.meta.dirname;

test("exit code and both outputs are kept", async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3";
  const result = await runCommand([node, "-e", script], { cwd: here, timeoutMs: 20_000 });
  expect(result.exitCode).toBe(3);
  expect(result.output).toContain("out\n");
  expect(result.output).toContain("err\n");
});

test("a program that is not there is a result, not an exception", async () => {
  const result = await runCommand(["no-such-program-here"], { cwd: here, timeoutMs: 20_000 });
  expect(result.exitCode).toBeUndefined();
  expect(result.output).toContain("no-such-program-here");
});

test("after its time the whole group is gone, children too", async () => {
  const script = "sleep 600 & echo pid $!; wait";
  const result = await runCommand(["sh", "-c", script], { cwd: here, timeoutMs: 500 });
  expect(result).toMatchObject({ exitCode: undefined, timedOut: true });
  const pid = Number(/pid (\d+)/.exec(result.output)?.[1]);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});

test("durations are readable", () => {
  expect([duration(849.6), duration(12_340), duration(250_000)]).toEqual(["850 ms", "12.3 s", "4 min 10 s"]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
