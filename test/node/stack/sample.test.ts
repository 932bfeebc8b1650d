import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleTickets } from "../../../local/stack/sample-tickets.ts";

const sample = path.resolve(import.meta.dirname, "../../../local/sample");
let copy: string;
beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), "lime-units-"));
  cpSync(sample, copy, { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** Exit code and output of `node --test` in the copy, without what this test runner puts into the environment. */
async function runTests(): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--test"], {
      cwd: copy,
      env: { PATH: process.env["PATH"] ?? "" },
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const output = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    return { code: 1, output };
  }
}

function example(): string {
  const code = /```js\n([\s\S]*?)```/.exec(sampleTickets[0]?.description ?? "")?.[1];
  if (code === undefined) throw new Error("the bug ticket has no example");
  return code;
}

test("the sample is green as it is, with some thirty tests", async () => {
  const { code, output } = await runTests();
  expect(code).toBe(0);
  expect(Number(/tests (\d+)/.exec(output)?.[1])).toBeGreaterThanOrEqual(30);
});

test("the bug ticket's example fails as it says, and one changed comparison makes all green", async () => {
  writeFileSync(path.join(copy, "test/ticket.test.js"), example());
  const before = await runTests();
  expect(before.code).toBe(1);
  expect(before.output).toMatch(/actual: 3600000,\s+expected: 5400000/);
  const file = path.join(copy, "src/duration.js");
  const source = readFileSync(file, "utf8");
  const fixed = source.replace("index < parts.length - 1", "index <= parts.length - 1");
  expect(fixed).not.toBe(source);
  writeFileSync(file, fixed);
  expect((await runTests()).code).toBe(0);
});

test("the feature ticket's name occurs in source, tests and README", () => {
  for (const file of ["src/bytes.js", "src/index.js", "test/bytes.test.js", "README.md"])
    expect(readFileSync(path.join(sample, file), "utf8")).toContain("formatBytes");
});
