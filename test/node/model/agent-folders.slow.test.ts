import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { answerAsAgent } from "../../../local/model/agent/index.ts";
import type { Block, Message } from "../../../local/model/wire/conversation.ts";
import { makeWorkspace, workOver } from "./agent-support.ts";
import type { Workspace } from "./agent-support.ts";
import { matching } from "./matchers.ts";

// Each runs real test suites; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const local = resolve(import.meta.dirname, "../../../local");
const library = join(local, "sample");
const consumer = join(local, "sample-app");
const rename = "Rename formatRelative to formatDistance everywhere, in the library and in the report";

/** A copy of a sample with some files changed. */
function changed(source: string, files: Readonly<Record<string, string>>): string {
  const copy = mkdtempSync(join(tmpdir(), "agent-source-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(source, copy, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  return copy;
}

function samples(): Workspace {
  return makeWorkspace({ "lime-units": library, "lime-report": consumer });
}

describe("a rename over a library and its consumer", () => {
  test("follows the name through both, raises the library's version and lets the consumer's range follow", async () => {
    const workspace = samples();
    const run = await workOver(workspace, "implement", rename);
    expect(run.outcome).toBe("done");
    expect(run.changed).toEqual([
      "lime-report/README.md",
      "lime-report/package.json",
      "lime-report/src/report.js",
      "lime-report/test/report.test.js",
      "lime-report/test/support/recorded-units.js",
      "lime-units/CHANGELOG.md",
      "lime-units/README.md",
      "lime-units/package.json",
      "lime-units/src/index.js",
      "lime-units/src/relative-time.js",
      "lime-units/test/relative-time.test.js",
    ]);
    for (const path of run.changed.filter((one) => !one.endsWith("CHANGELOG.md")))
      expect(run.read(path), path).not.toContain("formatRelative");
    expect(run.read("lime-units/package.json")).toContain('"version": "2.0.0"');
    expect(run.read("lime-report/package.json")).toContain('"lime-units": "^2.0.0"');
    expect(run.read("lime-units/CHANGELOG.md")).toMatch(
      /^# Changelog\n\n## 2\.0\.0\n\n- Breaking: `formatRelative` is now called `formatDistance`\.\n\n## 1\.3\.0\n/u,
    );
    expect(run.summary).toContain("`lime-units` goes from 1.3.0 to 2.0.0");
    expect(run.summary).toContain("All tests of `lime-report` passed before and pass now.");
    expect(run.says[0]).toContain("I am the offline demo agent, no model");
  });

  test("runs the tests of each repository before and after, and shows each diff by its folder", async () => {
    const workspace = samples();
    await workOver(workspace, "implement", rename);
    const inputs = (name: string): unknown[] =>
      workspace.calls.filter((call) => call.name === name).map(({ input }) => input);
    const both = [{ repository: "lime-units" }, { repository: "lime-report" }];
    expect(inputs("run_tests")).toEqual([...both, ...both]);
    expect(inputs("git_diff")).toEqual([{ path: "lime-units" }, { path: "lime-report" }]);
    expect(workspace.calls.filter(({ result }) => result.isError)).toEqual([]);
  });

  test("of a library before 1.0 raises the minor part", async () => {
    const young = changed(library, {
      "package.json": '{ "name": "lime-units", "version": "0.4.2", "type": "module" }\n',
    });
    const user = changed(consumer, {
      "package.json":
        '{ "name": "lime-report", "type": "module", "scripts": { "test": "true" }, "devDependencies": { "lime-units": "~0.4.2" } }\n',
    });
    const run = await workOver(makeWorkspace({ "lime-units": young, "lime-report": user }), "implement", rename);
    expect(run.read("lime-units/package.json")).toContain('"version": "0.5.0"');
    expect(run.read("lime-report/package.json")).toContain('"lime-units": "~0.5.0"');
  });

  test("says so where a range can't follow, and leaves it", async () => {
    const user = changed(consumer, {
      "package.json":
        '{ "name": "lime-report", "type": "module", "scripts": { "test": "true" }, "dependencies": { "lime-units": "1.x" } }\n',
    });
    const run = await workOver(makeWorkspace({ "lime-units": library, "lime-report": user }), "implement", rename);
    expect(run.read("lime-report/package.json")).toContain('"lime-units": "1.x"');
    expect(run.summary).toContain("`lime-report/package.json` asks for `lime-units` `1.x`: please look.");
  });

  test("of what no package exports leaves versions alone", async () => {
    const run = await workOver(samples(), "implement", "Rename alignColumns to padColumns");
    expect(run.changed).toEqual([
      "lime-report/src/report.js",
      "lime-report/src/table.js",
      "lime-report/test/table.test.js",
    ]);
  });

  test("that breaks one repository's tests is taken back in both", async () => {
    const byName = changed(consumer, {
      "test/name.test.js":
        'import assert from "node:assert";\nimport { test } from "node:test";\nimport * as units from "lime-units";\ntest("by name", () => assert.ok(units["formatRelative"]));\n',
    });
    const run = await workOver(makeWorkspace({ "lime-units": library, "lime-report": byName }), "implement", rename);
    expect(run).toMatchObject({ outcome: "declined", changed: [], summary: matching(/took it all back/u) });
  });
});

test("a bug is repaired in the repository that declares what the request names, though it is the second", async () => {
  const workspace = makeWorkspace({ "lime-report": consumer, "lime-units": library });
  const run = await workOver(workspace, "bugfix", "`parseDuration('1h 30m')` should return `5400000`");
  expect(run.outcome).toBe("done");
  expect(run.changed).toHaveLength(2);
  expect(run.changed.every((path) => path.startsWith("lime-units/"))).toBe(true);
  expect(run.read("lime-units/src/duration.js")).not.toContain("index < parts.length - 1");
});

describe("triage that chooses repositories", () => {
  const question =
    "Which of these repositories the request needs is open: name them in submit_triage, each with a reason.";
  const first = (prompt: string, isOpen: boolean): string =>
    [
      "Mode: implement",
      "Repository: a/lime-units (base branch main) in lime-units/",
      "Test command of lime-units: npm test",
      "Repository: a/lime-report (base branch main) in lime-report/",
      "Test command of lime-report: npm test",
      ...(isOpen ? [question] : []),
      "",
      "Request:",
      prompt,
    ].join("\n");

  async function choose(prompt: string, isOpen = true): Promise<unknown> {
    const workspace = samples();
    const messages: Message[] = [{ role: "user", blocks: [{ type: "text", text: first(prompt, isOpen) }] }];
    for (let turn = 0; turn < 5; turn += 1) {
      const { calls } = answerAsAgent({ system: "", messages, tools: ["grep", "submit_triage"] });
      const submitted = calls.find(({ name }) => name === "submit_triage");
      if (submitted !== undefined) return submitted.input;
      const uses = calls.map(({ name, input }, index): Block => ({
        type: "tool_use",
        id: `${turn}-${index}`,
        name,
        input,
      }));
      messages.push({ role: "assistant", blocks: uses });
      const results: Block[] = [];
      for (const [index, { name, input }] of calls.entries())
        results.push({ type: "tool_result", toolUseId: `${turn}-${index}`, ...(await workspace.call(name, input)) });
      messages.push({ role: "user", blocks: results });
    }
    throw new Error("nothing was submitted");
  }

  test("takes those in which the name occurs, with the place as the reason", async () => {
    expect(await choose(rename)).toMatchObject({
      decision: "GO",
      repositories: [
        { repository: "lime-units", reason: matching(/^`formatRelative` occurs in 4 files, first at lime-units\//u) },
        {
          repository: "lime-report",
          reason: matching(/^`formatRelative` occurs in \d files, first at lime-report\//u),
        },
      ],
    });
  });

  test("leaves out the repository without the name", async () => {
    expect(await choose("Rename parseBytes to parseSize")).toMatchObject({
      repositories: [{ repository: "lime-units" }],
    });
  });

  test("takes all when nothing points to one", async () => {
    expect(await choose("Make it faster, please")).toMatchObject({
      repositories: [{ repository: "lime-units" }, { repository: "lime-report", reason: matching(/leave none/u) }],
    });
  });

  test("names none when it is not asked to", async () => {
    expect(await choose(rename, false)).not.toHaveProperty("repositories");
  });
});

test("a reviewer looks for documentation in the repository whose export went", () => {
  const change = (path: string, from: string, to: string): string =>
    `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
  const review = (...changes: readonly string[]): unknown => {
    const header = ["lime-units", "lime-report"].map(
      (name) => `Repository: a/${name} (base branch main) in ${name}/\n`,
    );
    const text = `Mode: implement\n${header.join("")}\nRequest:\nx\n\nDiff to review:\n\n\`\`\`diff\n${changes.join("")}\`\`\``;
    const messages: Message[] = [{ role: "user", blocks: [{ type: "text", text }] }];
    return answerAsAgent({ system: "", messages, tools: ["submit_review"] }).calls[0]?.input;
  };
  const code = change("lime-units/src/a.js", "export const a = 1;", "export const b = 1;");
  const finding = { path: "lime-units/src/a.js", message: matching(/`a` is no longer exported/u) };
  expect(review(code, change("lime-report/README.md", "a", "b"))).toMatchObject({ findings: [finding, {}] });
  expect(review(code, change("lime-units/README.md", "a", "b"))).toMatchObject({ findings: [] });
});

test("a line in the person's own words is no folder", () => {
  const text =
    "Mode: implement\nRepository: a/b (base branch main)\n\nRequest:\nRename a to b\nRepository: a/x (base branch main) in x/";
  const { calls } = answerAsAgent({
    system: "",
    messages: [{ role: "user", blocks: [{ type: "text", text }] }],
    tools: ["run_tests", "finish"],
  });
  expect(calls[0]).toEqual({ name: "run_tests", input: {} });
});
