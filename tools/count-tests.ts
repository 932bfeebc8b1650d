import { readFile } from "node:fs/promises";
import * as z from "zod";

/** The numbers of a suite's passed and failed tests, and for each failed one its file, name and message. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

/** The longest message of a failure, in characters. */
const longestMessage = 1_500;

const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string().default("a file"),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string().default("a test"),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** A command without tests of its own is one that passed or failed. */
export function countCommand(ok: boolean): Count {
  return ok ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [] };
}

/**
 * Counts by the JSON report of a vitest run. A file that could not be loaded counts as one failed; so does a run that failed
 * as a whole, ran nothing or left no report, when no single test says so.
 *
 * @param path the report's file
 * @param ok whether vitest ended with exit code 0
 */
export async function countReport(path: string, ok: boolean): Promise<Count> {
  const { passed, failed, failures } = await readCount(path);
  const isSilent = failed === 0 && (!ok || passed === 0);
  return { passed, failed: isSilent ? 1 : failed, failures };
}

async function readCount(path: string): Promise<Count> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return { passed: 0, failed: 0, failures: [] };
  }
  const report = reportSchema.parse(JSON.parse(text));
  const broken = report.testResults.filter(
    ({ assertionResults, status }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const failedTests = report.testResults.flatMap(({ assertionResults, name }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ failureMessages, fullName }) => failure(`${name} > ${fullName}`, (failureMessages ?? []).join("\n"))),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    failures: [...failedTests, ...broken.map(({ message, name }) => failure(name, message))],
  };
}

function failure(name: string, message: string): string {
  return `${name}\n${message.slice(0, longestMessage)}`;
}
