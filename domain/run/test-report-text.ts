import type { TestCases, TestReport } from "../../contracts/run-events.ts";
import { describeTests } from "./test-results.ts";

/** A test report as markdown. */
export function reportText({ after, before, cases, command, regression }: TestReport): string {
  if (command === null) return "The repository has no test command; nothing was run.";
  const lines = [
    `- Command: \`${command}\``,
    `- Before the patch: ${outcome(before?.exitCode)}`,
    `- After the patch: ${outcome(after?.exitCode)}`,
  ];
  if (cases !== null) lines.push(...casesText(cases));
  if (regression !== null)
    lines.push(
      `- New tests on the base: ${regression.failedOnBase ? "fail, as they must" : "do not fail"} (${regression.paths.join(", ")})`,
    );
  return lines.join("\n");
}

function outcome(exitCode: number | undefined): string {
  if (exitCode === undefined) return "not run";
  return exitCode === 0 ? "pass" : `fail (exit code ${exitCode})`;
}

function casesText(cases: TestCases): readonly string[] {
  const lists = [
    ["Fixed", cases.fixed],
    ["Broken", cases.broken],
    ["New", cases.added],
    ["New and failing", cases.addedFailing],
    ["Failing as before", cases.stillFailing],
    ["Gone", cases.removed],
  ] as const;
  return [
    `- Tests that changed: ${describeTests(cases)}`,
    ...lists
      .filter(([, names]) => names.length > 0)
      .map(([title, names]) => `  - ${title}: ${names.map((name) => `\`${name.replaceAll("`", "'")}\``).join(", ")}`),
  ];
}
