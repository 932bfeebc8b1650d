import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countCommand, countReport } from "../../../tools/count-tests.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "count-tests-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const passedFile = { status: "passed", assertionResults: [{ status: "passed" }] };

test("a command is one that passed or failed", () => {
  expect(countCommand(true)).toEqual({ passed: 1, failed: 0, failures: [] });
  expect(countCommand(false)).toEqual({ passed: 0, failed: 1, failures: [] });
});

test("tests are counted as the report says", async () => {
  const failed = { status: "failed", fullName: "adds", failureMessages: ["expected 3 to be 2"] };
  const failedFile = { name: "sum.test.ts", status: "failed", assertionResults: [failed, { status: "passed" }] };
  const path = await report("mixed", { numPassedTests: 7, numFailedTests: 1, testResults: [passedFile, failedFile] });
  expect(await countReport(path, false)).toEqual({
    passed: 7,
    failed: 1,
    failures: ["sum.test.ts > adds\nexpected 3 to be 2"],
  });
});

test("a file that could not be loaded is one failure", async () => {
  const path = await report("broken", {
    numPassedTests: 3,
    numFailedTests: 0,
    testResults: [
      passedFile,
      { name: "sum.test.ts", status: "failed", message: "no such module", assertionResults: [] },
    ],
  });
  expect(await countReport(path, false)).toEqual({
    passed: 3,
    failed: 1,
    failures: ["sum.test.ts\nno such module"],
  });
});

test("a run that failed as a whole is one failure, though every test passed", async () => {
  const path = await report("whole", { numPassedTests: 3, numFailedTests: 0, testResults: [passedFile] });
  expect(await countReport(path, true)).toEqual({ passed: 3, failed: 0, failures: [] });
  expect(await countReport(path, false)).toEqual({ passed: 3, failed: 1, failures: [] });
});

test("a run without a report, or without tests, is one failure", async () => {
  expect(await countReport(join(folder, "missing.json"), true)).toEqual({ passed: 0, failed: 1, failures: [] });
  const path = await report("empty", { numPassedTests: 0, numFailedTests: 0, testResults: [] });
  expect(await countReport(path, true)).toEqual({ passed: 0, failed: 1, failures: [] });
});

async function report(name: string, content: object): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(content));
  return path;
}
