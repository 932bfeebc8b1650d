import { readFile } from "node:fs/promises";
import * as z from "zod";

/** The numbers of a suite's passed and failed tests. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** A command without tests of its own is one that passed or failed. */
export function countCommand(ok: boolean): Count {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Counts by the JSON report of a vitest run. A file that could not be loaded counts as one failed; so does a run that failed
 * as a whole, ran nothing or left no report, when no single test says so.
 *
 * @param path the report's file
 * @param ok whether vitest ended with exit code 0
 */
export async function countReport(path: string, ok: boolean): Promise<Count> {
  const { passed, failed } = await readCount(path);
  const isSilent = failed === 0 && (!ok || passed === 0);
  return { passed, failed: isSilent ? 1 : failed };
}

async function readCount(path: string): Promise<Count> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return { passed: 0, failed: 0 };
  }
  const report = reportSchema.parse(JSON.parse(text));
  const broken = report.testResults.filter(
    ({ assertionResults, status }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}
