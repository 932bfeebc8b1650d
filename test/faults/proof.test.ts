import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { PatchSet } from "../../contracts/patch-set.ts";
import type { Run, RunMode } from "../../contracts/run.ts";
import type { GateResult, RunEvent } from "../../contracts/run-events.ts";
import { ofType, settle, startFixture, type Fixture, type ScriptTurn } from "../stack-fixture.ts";

/*
 * Gate G4 on real processes: repositories whose tests can't tell, one whose tests prove a bug fix under another package manager's
 * habits, and coders that sabotage the proof.
 */
const pullSchema = z.object({ body: z.string() });
const imports = 'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "../sum.js";\n';
const zero = `${imports}test("zero", () => assert.equal(sum(0, 0), 0));\n`;
const two = `${imports}test("two", () => assert.equal(sum(1, 1), 2));\n`;
const nine = `${imports}test("old", () => assert.equal(sum(1, 1), 9));\n`;
const subtracts = "export const sum = (a, b) => a - b;\n";
const adds = "export const sum = (a, b) => a + b;\n";
let fixture: Fixture;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "lime-proof-"));
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Call = NonNullable<ScriptTurn["toolCalls"]>[number];

const manifest = (testScript: string, more: object = {}): string =>
  JSON.stringify({ name: "sum", type: "module", scripts: { test: testScript }, ...more });
const write = (name: string, content: string): Call => ({ name: "write_file", input: { path: name, content } });
const fix = [write("sum.js", adds), write("test/two.test.js", two)];

interface Walk {
  readonly name: string;
  readonly mode: RunMode;
  readonly base: Readonly<Record<string, string>>;
  readonly calls: readonly Call[];
}

interface Proposed {
  readonly run: Run;
  readonly repository: string;
  readonly events: readonly RunEvent[];
  readonly patchSet: PatchSet;
  readonly g4: GateResult;
}

/** A run in a repository of its own whose coder makes these calls and finishes, up to the decision that it waits for. */
async function propose({ base, calls, mode, name }: Walk): Promise<Proposed> {
  const dir = path.join(folder, name);
  for (const [file, content] of Object.entries({ "sum.js": subtracts, "test/zero.test.js": zero, ...base })) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), content);
  }
  const key = name.replaceAll("-", "").toUpperCase().slice(0, 6);
  const target = await fixture.project(key, name, { kind: "directory", path: dir });
  const finish = { name: "finish", input: { title: "Add, not subtract", summary: "It subtracted.", outcome: "done" } };
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script(`walk-${name}`, [{ toolCalls: calls }, { toolCalls: [finish] }]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const started = await fixture.client.startRun({ ...target, mode, prompt: `walk-${name}` });
  const { events, run } = await settle(fixture.client, started);
  expect({ state: run.state, cause: run.cause }, name).toEqual({ state: "WAITING_APPROVAL", cause: null });
  const [patchSet] = await fixture.client.patchSets(run.id);
  const g4 = ofType(events, "gate.evaluated").findLast(({ data }) => data.gate === "G4")?.data;
  if (patchSet === undefined || g4 === undefined) throw new Error("no patch set, or no gate");
  return { run, repository: `lime-labs/${name}`, events, patchSet, g4 };
}

/** The person's approval, and the row of gate G4 in the text of the pull request that follows. */
async function deliver({ patchSet, repository, run }: Proposed): Promise<string> {
  await fixture.client.decide(run.id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  let number = 0;
  for await (const event of fixture.client.followEvents(run.id)) {
    if (event.type === "pull_request.opened") ({ number } = event.data);
    if (number > 0) break;
  }
  const { forge } = fixture.stack;
  const token = (await forge?.createUserToken("lime-dev")) ?? "";
  const response = await fetch(`${forge?.apiUrl ?? ""}/repos/${repository}/pulls/${number}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { body } = pullSchema.parse(await response.json());
  return body.split("\n").find((line) => line.startsWith("| G4 ")) ?? "";
}

const evidenceOf = ({ evidence }: GateResult, label: string): string =>
  evidence.flatMap((each) => (each.label === label ? [each.value] : [])).join(" ");

test.each([
  {
    name: "echo",
    base: { "package.json": manifest("echo ok") },
    label: "Not run",
    reason: "nothing in its output says that a test ran",
  },
  {
    name: "missing",
    base: { "package.json": manifest("no-such-runner --all") },
    label: "Not proven",
    reason: "can't be started here (exit code 127)",
  },
  {
    name: "red",
    base: { "package.json": manifest("node --test"), "test/old.test.js": nine },
    label: "Not proven",
    reason: "fail with the patch as they do without it",
  },
])("over the repository $name no gate is green, a person decides, and the pull request says so", async (walk) => {
  const proposed = await propose({ ...walk, mode: "implement", calls: fix });
  expect(proposed.g4.status).toBe("skipped");
  expect(evidenceOf(proposed.g4, walk.label)).toContain(walk.reason);
  expect(evidenceOf(proposed.g4, "Decision")).toContain("A person decides");
  const row = await deliver(proposed);
  expect(row).toContain("| skipped |");
  expect(row).toContain(`${walk.label}: `);
  expect(row).toContain(walk.reason);
});

test("a new test file of a repository with another package manager's lockfile proves a bug fix", async () => {
  const base = {
    "package.json": manifest("node --test", { packageManager: "pnpm" }),
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
  };
  const proposed = await propose({ name: "pnpm", mode: "bugfix", base, calls: fix });
  const report = ofType(proposed.events, "tests.reported").at(-1)?.data;
  expect(report?.command).toMatch(/^(?:pnpm test|npm test --)$/);
  expect(report?.regression).toMatchObject({ paths: ["test/two.test.js"], failedOnBase: true });
  expect(report?.cases?.added).toEqual(["two"]);
  expect(proposed.g4.status).toBe("pass");
  const row = await deliver(proposed);
  expect(row).toContain("| pass |");
  expect(row).toContain("fails, as it must");
});

test.each([
  {
    name: "deletes-the-failing-test",
    base: { "package.json": manifest("node --test"), "test/two.test.js": two },
    calls: [{ name: "shell", input: { command: "rm test/two.test.js" } }],
    label: "Not proven",
    rule: "test-deleted",
    file: "test/two.test.js",
    message: 'Tests that were there are deleted: "two".',
  },
  {
    name: "sets-the-test-script-to-true",
    base: { "package.json": manifest("node --test"), "sum.js": adds, "test/two.test.js": two },
    calls: [write("sum.js", subtracts), write("package.json", manifest("true"))],
    label: "Not run",
    rule: "test-command-changed",
    file: "package.json",
    message: "The patch changes how tests are run",
  },
])("a coder that $name gets no green gate, and gate and policy name it", async (saboteur) => {
  const { file, label, message, rule } = saboteur;
  const { events, g4, patchSet, run } = await propose({ ...saboteur, mode: "implement" });
  const all = ofType(events, "gate.evaluated").filter(({ data }) => data.gate === "G4");
  expect(all.map(({ data }) => data.status)).not.toContain("pass");
  expect(evidenceOf(g4, label)).toContain(`${file}: ${message}`);
  expect(patchSet.violations).toContainEqual(
    expect.objectContaining({ rule, path: file, message: expect.stringContaining(message) }),
  );
  expect(await fixture.client.run(run.id)).toMatchObject({ state: "WAITING_APPROVAL", pullRequest: null });
});
