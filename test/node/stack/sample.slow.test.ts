import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRename } from "../../../local/model/agent/rename/rename.ts";
import { bothRepositoriesTitle, sampleTickets } from "../../../local/stack/sample-tickets.ts";

const sample = path.resolve(import.meta.dirname, "../../../local/sample");
const sampleApp = path.resolve(import.meta.dirname, "../../../local/sample-app");
let root: string;
let copy: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "lime-samples-"));
  copy = path.join(root, "lime-units");
  cpSync(sample, copy, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Exit code and output of a folder's tests, without what this test runner puts into the environment. */
async function runTests(cwd = copy): Promise<{ readonly code: number; readonly output: string }> {
  const env = { PATH: `${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
  try {
    const { stdout } = await promisify(execFile)("npm", ["test"], { cwd, env });
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

const comparesRecorded = "lime-units answers as recorded";

test("the consumer is green beside the library, where its recorded answers are held against it", async () => {
  const app = path.join(root, "lime-report");
  cpSync(sampleApp, app, { recursive: true });
  const { code, output } = await runTests(app);
  expect(code).toBe(0);
  expect(output).toMatch(/skipped 0/);
  expect(output).toContain(comparesRecorded);
});

test("the consumer is green alone, as in CI, where it has no library to compare with", async () => {
  const alone = path.join(root, "alone", "lime-report");
  cpSync(sampleApp, alone, { recursive: true });
  const { code, output } = await runTests(alone);
  expect(code).toBe(0);
  expect(output).toMatch(/skipped 0/);
  expect(output).not.toContain(comparesRecorded);
});

test.each([
  [
    "a function that is renamed in the library alone",
    "src/index.js",
    "formatRelative",
    "formatRelative as formatDistance",
  ],
  ["a new major version that the range does not take", "package.json", '"version": "1.3.0"', '"version": "2.0.0"'],
])("beside the library, the consumer's tests show %s", async (_what, file, from, to) => {
  const app = path.join(root, "lime-report");
  cpSync(sampleApp, app, { recursive: true });
  const source = readFileSync(path.join(copy, file), "utf8");
  writeFileSync(path.join(copy, file), source.replace(from, to));
  expect((await runTests(app)).code).toBe(1);
});

test("the ticket for both repositories names a function that both have, and what it is renamed to", () => {
  const rename = readRename(bothRepositoriesTitle);
  expect(rename).toEqual({ from: "formatRelative", to: "formatDistance" });
  expect(readFileSync(path.join(sample, "src/index.js"), "utf8")).toContain("formatRelative");
  expect(readFileSync(path.join(sampleApp, "src/report.js"), "utf8")).toContain("formatRelative");
});
