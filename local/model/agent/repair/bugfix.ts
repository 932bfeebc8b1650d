import { editCalls } from "../edits.ts";
import type { AgentRequest } from "../request.ts";
import { runTests, survey } from "../survey.ts";
import type { Survey, TestRun } from "../survey.ts";
import { readExamples } from "../testing/examples.ts";
import { writeTest } from "../testing/regression.ts";
import type { WrittenTest } from "../testing/regression.ts";
import { callOne, decline, finish, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { keyOf, search } from "./search.ts";
import type { Found, SearchReport } from "./search.ts";

/**
 * Repairs a bug that a test shows. When the suite is green, the request's examples become a regression test first.
 * Finishes with the repair, or declines with everything put back as it was.
 */
export function* fixBug(request: AgentRequest): Work {
  const seen = yield* survey("I run the tests first and look around.");
  let run = seen.tests;
  let files = seen.files;
  let test: WrittenTest | undefined;
  if (run.code === undefined || run.code === 0) {
    const examples = readExamples(request.prompt);
    if (examples.length === 0) return yield* decline("Nothing that I can check", nothingToCheck(run));
    const command = request.testCommand ?? seen.manifest.scripts?.["test"] ?? "node --test";
    const written = yield* writeTest(examples, seen, command);
    if (typeof written === "string")
      return yield* decline(
        "No test for the bug",
        `The suite is green and I could not write a test that shows the bug. ${written}`,
      );
    test = written;
    files = files.includes(test.path) ? files : [...files, test.path];
    run = yield* runTests("I run the tests to see the new one fail.");
    if (run.code === undefined || run.code === 0) {
      yield* test.undo();
      return yield* decline(
        "The bug does not show",
        `I wrote the examples of the request as a test, and it ${run.code === 0 ? "passes" : "could not be run"}: there is nothing that I could repair. I took the test back.`,
      );
    }
  }
  yield* repair({ ...seen, files }, run, request, test);
}

function* repair(seen: Survey, run: TestRun, request: AgentRequest, test: WrittenTest | undefined): Work {
  const failed = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const report = yield* search(seen, run, request.testCommand, failed);
    if (report.found === undefined) {
      if (test) yield* test.undo();
      return yield* decline("No repair found", notFound(report));
    }
    const { candidate, text } = report.found;
    const edited = yield* applyFound(report.found);
    const after = edited ? yield* runTests("I run the whole suite in the repository itself.") : { code: 1, output: "" };
    if (after.code === 0) {
      yield* callOne("All tests pass. This is the change:", tool("git_diff", {}));
      return yield* finish("Done.", describe(report, report.found, test));
    }
    failed.add(keyOf(candidate));
    if (edited) {
      const changed = text.slice(0, candidate.start) + candidate.text + text.slice(candidate.end);
      const back = {
        start: candidate.start,
        end: candidate.start + candidate.text.length,
        text: text.slice(candidate.start, candidate.end),
      };
      yield {
        text: "The suite does not pass with it after all. I take it back and go on.",
        calls: editCalls(candidate.path, changed, [back]),
      };
    }
  }
  if (test) yield* test.undo();
  yield* decline(
    "No repair found",
    "Edits that passed in a copy of the repository did not pass in the repository itself. Everything is as it was.",
  );
}

function* applyFound(found: Found): Work<boolean> {
  const { candidate, text, tried } = found;
  const results = yield {
    text: `Candidate ${tried} makes every test pass: ${candidate.operator} at \`${candidate.path}:${candidate.line}\`. I make that edit.`,
    calls: editCalls(candidate.path, text, [candidate]),
  };
  return results.every((result) => !result.isError);
}

function describe(
  report: SearchReport,
  found: Found,
  test: WrittenTest | undefined,
): { title: string; summary: string; outcome: "done" } {
  const { candidate, text, tried } = found;
  const before = text.slice(candidate.start, candidate.end);
  const lineStart = text.lastIndexOf("\n", candidate.start - 1) + 1;
  const lineEnd = text.indexOf("\n", candidate.end);
  const oldLine = text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd);
  const newLine =
    text.slice(lineStart, candidate.start) +
    candidate.text +
    text.slice(candidate.end, lineEnd === -1 ? text.length : lineEnd);
  const names = report.failures.names.slice(0, 10).map((name) => `- ${name}`);
  const summary = [
    "### What was wrong",
    `${capital(candidate.operator)} at \`${candidate.path}:${candidate.line}\`${before.length <= 60 && before !== "" && candidate.text.length <= 60 && candidate.text !== "" ? `: \`${before.trim()}\` became \`${candidate.text.trim()}\`` : ""}.`,
    [
      "```diff",
      ...oldLine.split("\n").map((line) => `-${line}`),
      ...newLine.split("\n").map((line) => `+${line}`),
      "```",
    ].join("\n"),
    "### Evidence",
    names.length > 0 ? `Failed before, pass now:\n\n${names.join("\n")}` : "The test run failed before and passes now.",
    `The whole suite passes with the change. ${tried} of ${report.ranked} candidate edits were tried, in order of likelihood, until all tests passed.${test ? ` The regression test is \`${test.path}\`.` : ""}`,
    "The tests are the only judge here: another edit may satisfy them too, so please look at whether this one says what is meant.",
    signature,
  ].join("\n\n");
  const file = candidate.path.split("/").at(-1) ?? candidate.path;
  return { title: `Fix ${candidate.operator} in ${file}`, summary, outcome: "done" };
}

function notFound(report: SearchReport): string {
  const names = report.failures.names.slice(0, 10).map((name) => `- ${name}`);
  return [
    report.reason ??
      `I tried ${report.tried} of ${report.ranked} small edits in ${report.files.map((path) => `\`${path}\``).join(", ")} and none made the whole suite pass. This bug needs more than one small edit, or one of a kind that I don't know.`,
    ...(names.length > 0 ? [`Failing tests:\n\n${names.join("\n")}`] : []),
    "Nothing in the repository was changed.",
  ].join("\n\n");
}

function nothingToCheck(run: TestRun): string {
  const state = run.code === 0 ? "All tests pass" : "I could not run the tests";
  return [
    `${state}, and the request holds no example that I could turn into a failing test.`,
    "Give me one, such as: `parseDuration('1h 30m')` should return `5400000`. Or a fenced `js` block with assertions.",
  ].join("\n\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
