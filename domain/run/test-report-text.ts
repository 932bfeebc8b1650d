import type { TestCases, TestReport } from "../../contracts/test-report.ts";
import { suiteText } from "../../contracts/test-words.ts";
import { describeTests } from "./test-results.ts";

/** A test report as markdown. */
export function reportText({ after, before, cases, command, findings, held, regression }: TestReport): string {
  const lines =
    command === null
      ? ["The repository has no test command; nothing was run."]
      : [
          `- Command: \`${command}\``,
          `- Before the patch: ${suiteText(before)}`,
          `- After the patch: ${suiteText(after)}`,
          `- The base's own tests against the patch: ${suiteText(held)}`,
        ];
  if (held !== null && held.leftOut.length > 0)
    lines.push(`  - Run without the patch's changes to ${held.leftOut.map(quoted).join(", ")}`);
  if (cases !== null) lines.push(...casesText(cases));
  if (regression !== null)
    lines.push(
      `- New tests on the base: ${regression.failedOnBase ? "fail, as they must" : "do not fail"} (${regression.paths.join(", ")})`,
    );
  lines.push(
    ...findings.map(
      ({ line, message, path }) =>
        `- ${quoted(line === null ? path : `${path}:${line}`)}: ${message.replaceAll("`", "'")}`,
    ),
  );
  return lines.join("\n");
}

function quoted(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
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
      .map(([title, names]) => `  - ${title}: ${names.map(quoted).join(", ")}`),
  ];
}
