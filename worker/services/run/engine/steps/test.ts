import type { NewRunEvent, TestCases, TestReport } from "../../../../../contracts/run-events.ts";
import { testVerdict } from "../../../../../domain/gates/evaluate.ts";
import { testsFailedMessage } from "../../../../../domain/instruction/prompts.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import { isTestPath } from "../../../../../domain/run/test-command.ts";
import { compareTests, describeTests, readTestResults } from "../../../../../domain/run/test-results.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { testTimeoutMs } from "../../tools/definitions/commands.ts";
import { artifactEvent } from "../artifacts.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { stageFinished } from "../stage-finished.ts";
import { baseDir, checkDir, ensureWorkspace, layChanges, sandboxId, seedBase } from "../workspace.ts";

const outputTailCharacters = 8_000;

/**
 * The tester: runs the repository's own tests on fresh checkouts of the base, without and with the patch set's bytes, and
 * for a bug fix also the patch's tests alone on the base, where they must fail. No model takes part.
 */
export async function test(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const view = journal.view();
  const command = journal.fact("test_command") ?? null;
  const changes = journal.workspace();
  const report =
    command === null
      ? { command: null, before: null, after: null, regression: null, cases: null }
      : await measure(context, command, changes);
  if (context.signal.aborted) return "again";

  const reported: NewRunEvent = { type: "tests.reported", data: report };
  const document = artifactEvent(view, {
    kind: "test_report",
    title: "Test report",
    markdown: reportText(report),
    data: { ...report },
  });
  const verdict = testVerdict(view.mode, report);
  const finished = stageFinished(context, "tester", verdict, null);
  const after = applyEvent(applyEvent(view, { ...reported, atMs: 0 }), { ...finished, atMs: 0 });
  if (verdict !== "fail") {
    journal.commit({ events: [reported, document, finished, move(after, "stage_passed").event] }, epoch);
    return "again";
  }
  const back = move(after, "tests_failed", "The tests do not prove the change.");
  const messages = [
    {
      conversation: "coder",
      message: { role: "user" as const, blocks: [{ type: "text" as const, text: testsFailedMessage(report) }] },
    },
  ];
  if (!back.ok) {
    const cause =
      "The tests still fail after the work went back to the coder. Look at the test report; resume gives the coder another try.";
    journal.commit(
      { events: [reported, document, finished, back.event, move(after, "tests_given_up", cause).event], messages },
      epoch,
    );
    return "again";
  }
  journal.commit({ events: [reported, document, finished, back.event], messages }, epoch);
  deps.log("info", "tests failed; back to the coder", { runId: journal.spec.runId });
  return "again";
}

function reportText({ after, before, cases, command, regression }: TestReport): string {
  if (command === null) return "The repository has no test command; nothing was run.";
  const said = (exitCode: number | undefined): string =>
    exitCode === undefined ? "not run" : exitCode === 0 ? "pass" : `fail (exit code ${exitCode})`;
  const lines = [
    `- Command: \`${command}\``,
    `- Before the patch: ${said(before?.exitCode)}`,
    `- After the patch: ${said(after?.exitCode)}`,
  ];
  if (cases !== null) lines.push(...casesText(cases));
  if (regression !== null)
    lines.push(
      `- New tests on the base: ${regression.failedOnBase ? "fail, as they must" : "do not fail"} (${regression.paths.join(", ")})`,
    );
  return lines.join("\n");
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

async function measure(context: StepContext, command: string, changes: readonly TreeChange[]): Promise<TestReport> {
  const { deps, journal } = context;
  const id = sandboxId(journal.spec.runId);
  await ensureWorkspace(context);
  await seedBase(context, baseDir);
  const { output: outputBefore, ...before } = await runSuite(context, baseDir, command);
  await seedBase(context, checkDir);
  await layChanges(deps.sandbox, id, checkDir, changes);
  const { output: outputAfter, ...after } = await runSuite(context, checkDir, command);
  const cases = compareTests(readTestResults(outputBefore), readTestResults(outputAfter));
  const tests = changes.filter((change) => change.status !== "deleted" && isTestPath(change.path));
  if (!modes[journal.view().mode].needsRegressionTest || tests.length === 0)
    return { command, before, after, regression: null, cases };
  await seedBase(context, baseDir);
  await layChanges(deps.sandbox, id, baseDir, tests);
  const regression = await runSuite(context, baseDir, command);
  return {
    command,
    before,
    after,
    cases,
    regression: {
      paths: tests.map((change) => change.path),
      failedOnBase: regression.exitCode !== 0,
      outputTail: regression.outputTail,
    },
  };
}

async function runSuite(
  { deps, journal, signal }: StepContext,
  cwd: string,
  command: string,
): Promise<{ exitCode: number; durationMs: number; outputTail: string; output: string }> {
  const result = await deps.sandbox.exec(sandboxId(journal.spec.runId), ["sh", "-c", command], {
    cwd,
    timeoutMs: testTimeoutMs,
    maxOutputBytes: 200_000,
    execId: `tester-${cwd}`,
    signal,
  });
  const output = redactSecrets(
    `${result.stdout}${result.stderr}${result.timedOut ? `\n(ended after ${testTimeoutMs / 1000} s)` : ""}`,
  );
  return {
    exitCode: result.exitCode,
    durationMs: Math.round(result.durationMs),
    outputTail: output.slice(-outputTailCharacters).toWellFormed(),
    output,
  };
}
