import type { TestsRan } from "../../contracts/test-report.ts";
import { countReported, readStructured } from "./structured-tests.ts";
import { readTestResults, type TestResults } from "./test-results.ts";
import { testsRan } from "./tests-ran.ts";

/** The tests of one run, by name and by number; null where its output does not say. */
export interface ReadSuite {
  readonly results: TestResults | null;
  readonly ran: TestsRan | null;
}

/**
 * Reads the tests of a run: from the report that its runner wrote for programs, else from a report that its output is, else from what the
 * output says to people. Names are left out (null) where the output lists only a part of the tests: those that are missing would count
 * as gone. `isCut`: the middle of the output was dropped.
 */
export function readSuite(output: string, report: string | undefined, isCut: boolean): ReadSuite {
  const reported = (report === undefined ? undefined : readStructured(report)) ?? readStructured(output);
  if (reported !== undefined && reported.length > 0) {
    const results = new Map<string, boolean>();
    for (const { name, outcome } of reported)
      if (outcome !== "skipped") results.set(name, (results.get(name) ?? true) && outcome === "passed");
    return { results, ran: countReported(reported) };
  }
  const ran = testsRan(output);
  const results = readTestResults(output);
  return { results: isCut || !isWhole(results, ran) ? null : results, ran };
}

/** Whether the listed tests are about as many as ran: some reporters name those that fail only. */
function isWhole(results: TestResults, ran: TestsRan | null): boolean {
  return ran === null || results.size * 2 > ran.passed + ran.failed || results.size >= ran.passed + ran.failed;
}
