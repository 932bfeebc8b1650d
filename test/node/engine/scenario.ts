import { firstLane } from "../../../domain/run/lanes.ts";
import { expect } from "vitest";
import { decidePatchSet } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import type { EngineHarness } from "./harness.ts";

/** A package whose `sum` subtracts, with a test that does not notice. */
export const files = {
  "package.json": JSON.stringify({ name: "sum", type: "module", scripts: { test: "node --test" } }),
  "sum.js": "export const sum = (a, b) => a - b;\n",
  "test/zero.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "../sum.js";\ntest("zero", () => assert.equal(sum(0, 0), 0));\n',
};

/** A test that fails until `sum` adds. */
export const regression =
  'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "../sum.js";\ntest("two", () => assert.equal(sum(1, 1), 2));\n';

/** A tool call of the scripted model. */
export const use = (id: string, name: string, input: unknown) => ({ type: "tool_use" as const, id, name, input });

/** Makes `sum` add. */
export const fix = (id: string) => use(id, "edit_file", { path: "sum.js", old_string: "a - b", new_string: "a + b" });

export const addTest = (id: string) => use(id, "write_file", { path: "test/two.test.js", content: regression });

export const finish = (id: string) => use(id, "finish", { title: "Add, not subtract", summary: "It subtracted." });

export const review = (id: string, verdict: "approve" | "send_back" = "approve") =>
  use(id, "submit_review", {
    verdict,
    summary: "Read it.",
    findings: verdict === "approve" ? [] : [{ path: "sum.js", line: 1, severity: "blocker", message: "Look again." }],
  });

/** Approves the proposed patch set as Ada. */
export function approve(harness: EngineHarness): void {
  const { patchSet } = firstLane(harness.journal.view());
  if (patchSet === undefined) throw new Error("no patch set");
  expect(
    decidePatchSet(
      harness.journal,
      { hash: patchSet.hash, baseCommit: patchSet.baseCommit, decision: "approve", comment: "", by: ada },
      harness.nowMs,
    ),
  ).toEqual({ ok: true });
}

/** The states that the run entered, in order. */
export function states(harness: EngineHarness): readonly string[] {
  return harness.events().flatMap((event) => (event.type === "run.state_changed" ? [event.data.to] : []));
}
