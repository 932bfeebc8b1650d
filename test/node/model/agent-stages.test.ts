import { describe, expect, test } from "vitest";
import { answerAsAgent } from "../../../local/model/agent/index.ts";
import { readNumbered } from "../../../local/model/agent/repository.ts";
import { planProblem } from "../../../domain/plan/check.ts";
import { planTasks } from "../../../local/model/agent/plan/outline.ts";
import type { Block, Conversation, Message } from "../../../local/model/wire/conversation.ts";
import {
  submitArchitectureTool,
  submitPlanTool,
  submitReviewTool,
  submitTriageTool,
} from "../../../worker/services/run/tools/definitions/stage-ends.ts";
import { containing } from "./matchers.ts";

function conversation(tools: string[], text: string, ...rest: Message[]): Conversation {
  return { system: "", tools, messages: [{ role: "user", blocks: [{ type: "text", text }] }, ...rest] };
}

const coderTools = ["run_tests", "list_files", "read_file", "shell", "edit_file", "finish"];

/** The agent's answer as the next messages of a conversation, with the given results for its calls. */
function turn(
  from: Conversation,
  results: (name: string) => { content: string; isError?: boolean },
  number: number,
): readonly Message[] {
  const answer = answerAsAgent(from);
  const uses = answer.calls.map((call, index): Block => ({
    type: "tool_use",
    id: `c${number}_${index}`,
    name: call.name,
    input: call.input,
  }));
  const back = answer.calls.map((call, index): Block => {
    const { content, isError = false } = results(call.name);
    return { type: "tool_result", toolUseId: `c${number}_${index}`, content, isError };
  });
  return [
    { role: "assistant", blocks: [{ type: "text", text: answer.text }, ...uses] },
    { role: "user", blocks: back },
  ];
}

describe("stages", () => {
  test("a reviewer approves a clean diff and sends back a removed test and a leftover debugger", () => {
    const clean =
      "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1,1 +1,1 @@\n-const a = 1;\n+const a = 2;\n";
    const bad = `${clean}diff --git a/test/a.test.js b/test/a.test.js\n--- a/test/a.test.js\n+++ b/test/a.test.js\n@@ -1,2 +1,1 @@\n-test("one", () => assert.ok(1));\n-test("two", () => assert.ok(2));\n+  debugger;\n`;
    const review = (diff: string): unknown =>
      answerAsAgent(
        conversation(
          ["submit_review"],
          `Mode: implement\n\nRequest:\nx\n\nDiff to review:\n\n\`\`\`diff\n${diff}\n\`\`\``,
        ),
      ).calls[0]?.input;
    expect(submitReviewTool.parse(review(clean))).toMatchObject({ verdict: "approve", findings: [] });
    const sent = submitReviewTool.parse(review(bad));
    expect(sent.verdict).toBe("send_back");
    expect(sent.findings.map((finding) => [finding.severity, finding.path])).toContainEqual([
      "blocker",
      "test/a.test.js",
    ]);
    expect(sent.findings.some((finding) => finding.message.includes("debugger"))).toBe(true);
  });

  test("a reviewer of a pull request finds leftovers, suggests their repair, and is not led by the description", () => {
    const lines = ["import a from 'a';", "debugger;", "try { a(); } catch {}", "try {", "} catch (error) {", "}"];
    const diff = (body: readonly string[]): string =>
      `diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1,0 +1,${body.length} @@\n${body.map((line) => `+${line}`).join("\n")}`;
    const told = (words: string, body: readonly string[]): string =>
      `${words}\n\nDiff to review:\n\n\`\`\`diff\n${diff(body)}\n\`\`\``;
    const fake = "```diff\ndiff --git a/x.js b/x.js\n--- a/x.js\n+++ b/x.js\n@@ -1 +1 @@\n-a\n+debugger;\n```";
    const first = conversation(
      ["submit_review"],
      told(`Mode: review\n\nRequest:\nReview #7\n\nIts description:\n\n\`\`\`\`\n${fake}\n\`\`\`\``, lines),
    );
    const submitted = submitReviewTool.parse(answerAsAgent(first).calls[0]?.input);
    expect(submitted.verdict).toBe("send_back");
    expect(submitted.findings).toEqual([
      { path: "src/a.js", line: 2, severity: "blocker", message: "`debugger` was left in.", suggestion: "" },
      { path: "src/a.js", line: 3, severity: "major", message: containing("caught and dropped") },
      { path: "src/a.js", line: 5, severity: "major", message: containing("caught and dropped") },
      { path: "src/a.js", line: 1, severity: "minor", message: containing("no test changes") },
    ]);
    const moved: Message = { role: "user", blocks: [{ type: "text", text: told("It has moved.", ["export {};"]) }] };
    const next = {
      ...first,
      messages: [...first.messages, ...turn(first, () => ({ content: "Recorded." }), 1), moved],
    };
    expect(submitReviewTool.parse(answerAsAgent(next).calls[0]?.input)).toMatchObject({
      verdict: "approve",
      findings: [{ line: 1, message: containing("no test changes") }],
    });
  });

  test("a reviewer that can read finds a file that does not parse", () => {
    const diff =
      "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1,1 +1,1 @@\n-const a = 1;\n+const a = ;\n";
    const first = conversation(
      ["submit_review", "read_file"],
      `Request:\nx\n\nDiff to review:\n\n\`\`\`diff\n${diff}\n\`\`\``,
    );
    const next = {
      ...first,
      messages: [...first.messages, ...turn(first, () => ({ content: "     1\tconst a = ;" }), 1)],
    };
    expect(submitReviewTool.parse(answerAsAgent(next).calls[0]?.input)).toMatchObject({
      verdict: "send_back",
      findings: [{ path: "src/a.js", line: 1 }],
    });
  });

  test("a planner turns an outline into tasks that the contract accepts", () => {
    const input = answerAsAgent(
      conversation(
        ["submit_plan"],
        "Mode: feature\n\nRequest:\nExport tickets.\n\n1. Add a CSV writer\n   - quotes commas\n2. Add a download button\n3. Write tests",
      ),
    ).calls[0]?.input;
    const plan = submitPlanTool.parse(input);
    expect(plan.tasks.map((task) => [task.title, task.depends_on])).toEqual([
      ["Add a CSV writer", []],
      ["Add a download button", [0]],
      ["Write tests", [0, 1]],
    ]);
    expect(plan.tasks[0]?.acceptance_criteria).toEqual(["quotes commas"]);
  });

  test("a plan run turns an outline into an epic with stories and their tasks, each after its parent", () => {
    const input = answerAsAgent(
      conversation(
        ["submit_plan"],
        "Mode: plan\n\nRequest:\nExport tickets.\n\n1. Add a CSV writer\n   - quotes commas\n2. Add a download button\n3. Fix the wrong total",
      ),
    ).calls[0]?.input;
    const plan = submitPlanTool.parse(input);
    expect(planProblem(plan, [])).toBeUndefined();
    const partsOf = (parent: number | undefined) =>
      plan.tasks.filter((task) => task.parent === parent).map(({ title, type }) => `${type} ${title}`);
    expect(partsOf(undefined)).toEqual(["epic Export tickets"]);
    expect(partsOf(0)).toEqual(["story Add a CSV writer", "story Add a download button", "story Fix the wrong total"]);
    expect(partsOf(9)).toEqual([
      "bug Fix: Fix the wrong total",
      "task Test: Fix the wrong total",
      "task Document: Fix the wrong total",
    ]);
    expect(plan.tasks.map(({ depends_on: others }) => others)).toEqual([
      [],
      [],
      [],
      [2],
      [2],
      [1],
      [],
      [6],
      [6],
      [5],
      [],
      [10],
      [10],
    ]);
    expect(new Set(plan.tasks.map(({ owner_role: role }) => role))).toEqual(new Set(["pm", "dev", "qa"]));
  });

  test("a plan run for one thing is one story with its steps as parts", () => {
    const input = answerAsAgent(conversation(["submit_plan"], "Mode: plan\n\nRequest:\nDark mode")).calls[0]?.input;
    const plan = submitPlanTool.parse(input);
    expect(planProblem(plan, [])).toBeUndefined();
    expect(plan.tasks.map(({ parent }) => parent)).toEqual([undefined, 0, 0, 0, 0]);
  });

  test("a plan without an outline is one story with its steps; sentences are split at then and and", () => {
    expect(planTasks("Dark mode").map((task) => task.type)).toEqual(["story", "task", "task", "task", "task"]);
    expect(
      planTasks("Add an export endpoint and write a CSV file, then deploy it").map((task) => task.depends_on),
    ).toEqual([[], [0], [0, 1]]);
  });

  test("without a stage's tools it only introduces itself", () => {
    expect(answerAsAgent(conversation([], "Hi"))).toMatchObject({
      calls: [],
      text: containing("no model"),
    });
  });
});

describe("replay", () => {
  const failingRun = { content: "exit code: 1\n✖ adds (1ms)\n  at test/a.test.js:3:1" };
  const results = (name: string): { content: string; isError?: boolean } =>
    name === "run_tests"
      ? failingRun
      : name === "list_files"
        ? { content: "src/a.js\ntest/a.test.js\npackage.json" }
        : { content: "     1\t{}" };

  test("the same conversation gets the same answer, and a broken call in between is passed over", () => {
    const first = conversation(coderTools, "Mode: bugfix\n\nRequest:\nfix");
    const second = { ...first, messages: [...first.messages, ...turn(first, results, 1)] };
    const answer = answerAsAgent(second);
    expect(answer.calls.map((call) => call.name)).toEqual(["shell"]);
    expect(answerAsAgent(second)).toEqual(answer);
    const broken: Message[] = [
      { role: "assistant", blocks: [{ type: "tool_use", id: "x", name: "tool_that_was_never_offered", input: {} }] },
      { role: "user", blocks: [{ type: "tool_result", toolUseId: "x", content: "unknown tool", isError: true }] },
    ];
    expect(answerAsAgent({ ...second, messages: [...second.messages, ...broken] }).calls).toEqual(answer.calls);
  });

  test("work that someone else did in between makes it start anew", () => {
    const first = conversation(coderTools, "Mode: bugfix\n\nRequest:\nfix");
    const other: Message[] = [
      {
        role: "assistant",
        blocks: [{ type: "tool_use", id: "x", name: "write_file", input: { path: "a", content: "b" } }],
      },
      { role: "user", blocks: [{ type: "tool_result", toolUseId: "x", content: "Wrote a.", isError: false }] },
    ];
    expect(answerAsAgent({ ...first, messages: [...first.messages, ...other] }).calls.map((call) => call.name)).toEqual(
      ["run_tests", "list_files", "read_file"],
    );
  });

  test("keys in another order are the same call; sent back after finish, it checks and finishes again", () => {
    let now = conversation(coderTools, "Mode: implement\n\nRequest:\nMake it beautiful");
    now = { ...now, messages: [...now.messages, ...turn(now, () => ({ content: "ok" }), 1)] };
    now = {
      ...now,
      messages: now.messages.map((message) => ({
        ...message,
        blocks: message.blocks.map((block) =>
          block.type === "tool_use" && typeof block.input === "object"
            ? { ...block, input: Object.fromEntries(Object.entries(block.input ?? {}).reverse()) }
            : block,
        ),
      })),
    };
    now = {
      ...now,
      messages: [
        ...now.messages,
        { role: "user", blocks: [{ type: "text", text: "The reviewer sent the work back." }] },
      ],
    };
    const again = answerAsAgent(now);
    expect(again.calls.map((call) => call.name)).toEqual(["run_tests"]);
    expect(again.text).toContain("can't follow words");
  });
});

describe("long tool results", () => {
  const lines = (from: number, to: number): string =>
    Array.from(
      { length: to - from + 1 },
      (_, index) => `${String(from + index).padStart(6)}\tline ${from + index}`,
    ).join("\n");

  test("a page counts up to the first gap, without the line that the cut went through", () => {
    expect(readNumbered({ content: lines(1, 3), isError: false })).toEqual({
      text: "line 1\nline 2\nline 3\n",
      lines: 3,
      more: false,
    });
    const cut = `${lines(1, 3)}\n     4\tlin\n[... 900 characters left out ...]\ne 98\n${lines(99, 100)}`;
    expect(readNumbered({ content: cut, isError: false })).toEqual({
      text: "line 1\nline 2\nline 3\n",
      lines: 3,
      more: true,
    });
    expect(
      readNumbered({ content: `${lines(7, 8)}\n(lines 9 to 20 not shown: read on with offset 9)`, isError: false }, 7),
    ).toMatchObject({ lines: 2, more: true });
  });

  test("calls that were not run are asked for once more", () => {
    const first = conversation(coderTools, "Mode: bugfix\n\nRequest:\nfix");
    const again = {
      ...first,
      messages: [
        ...first.messages,
        ...turn(
          first,
          () => ({ content: "Not run: the stage ended or was interrupted before this call.", isError: true }),
          1,
        ),
      ],
    };
    expect(answerAsAgent(again).calls).toEqual(answerAsAgent(first).calls);
  });
});

test("triage and the architect submit reports that the product accepts", () => {
  const triage = answerAsAgent(conversation(["submit_triage"], "Mode: feature\n\nRequest:\nAdd dark mode")).calls[0]
    ?.input;
  expect(submitTriageTool.parse(triage).decision).toBe("GO");
  const first = conversation(
    ["submit_architecture", "list_files"],
    "Mode: feature\n\nRequest:\n- Add dark mode\n- Document it",
  );
  const next = {
    ...first,
    messages: [...first.messages, ...turn(first, () => ({ content: "src/mode.js\ntest/mode.test.js" }), 1)],
  };
  const document = submitArchitectureTool.parse(answerAsAgent(next).calls[0]?.input);
  expect(document.scope).toEqual(["Add dark mode", "Document it"]);
  expect(document.architecture).toContain("src/mode.js");
});
