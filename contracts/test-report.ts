import * as z from "zod";

const testCountsSchema = z.object({ passed: z.int(), failed: z.int() });

/** Which tests changed between the base and the patch, by name; at most 100 names a list. */
export const testCasesSchema = z.object({
  before: testCountsSchema,
  after: testCountsSchema,
  fixed: z.array(z.string()),
  broken: z.array(z.string()),
  stillFailing: z.array(z.string()),
  added: z.array(z.string()),
  addedFailing: z.array(z.string()),
  /** Tests of the base that the patch's run did not report. */
  removed: z.array(z.string()),
});
export type TestCases = z.infer<typeof testCasesSchema>;

export const testReportSchema = z.object({
  command: z.string().nullable(),
  before: z.object({ exitCode: z.int(), durationMs: z.int(), outputTail: z.string() }).nullable(),
  after: z.object({ exitCode: z.int(), durationMs: z.int(), outputTail: z.string() }).nullable(),
  /** Test files that the patch adds or changes, run alone against the base: a regression test must fail there. */
  regression: z.object({ paths: z.array(z.string()), failedOnBase: z.boolean(), outputTail: z.string() }).nullable(),
  /** Null when the output could not be read test by test. */
  cases: testCasesSchema.nullable().default(null),
});
export type TestReport = z.infer<typeof testReportSchema>;
