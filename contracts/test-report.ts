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

/** The tests that a run was seen to do. */
export const testsRanSchema = z.object({ passed: z.int(), failed: z.int(), skipped: z.int() });
export type TestsRan = z.infer<typeof testsRanSchema>;

const suiteSchema = z.object({
  exitCode: z.int(),
  durationMs: z.int(),
  outputTail: z.string(),
  /** Null when the output could not be read: nothing says that a test ran. */
  ran: testsRanSchema.nullable(),
});
export type TestSuite = z.infer<typeof suiteSchema>;

/** The ways in which a patch weakens the proof that tests give. */
export const testFindingKinds = [
  "test-deleted",
  "test-skipped",
  "test-changed",
  "test-command-changed",
  "test-runner-changed",
  "test-environment-changed",
  "test-special-case",
] as const;

export const testFindingSchema = z.object({
  kind: z.enum(testFindingKinds),
  path: z.string(),
  /** A line of the new file, or of the old one where the line is gone. */
  line: z.int().nullable(),
  message: z.string(),
});
export type TestFinding = z.infer<typeof testFindingSchema>;

export const testReportSchema = z.object({
  command: z.string().nullable(),
  before: suiteSchema.nullable(),
  after: suiteSchema.nullable(),
  /**
   * The base's own tests against the patch's code: test files, runner's settings and test scripts as the base has them. Null when they
   * were not run.
   */
  held: suiteSchema
    .extend({
      /** The patch's changes that this run left out; empty where the run after the patch has all of the base's own tests. */
      leftOut: z.array(z.string()),
      /** From the base to this run. */
      cases: testCasesSchema.nullable(),
    })
    .nullable(),
  /** Test files that the patch adds or changes, run alone against the base: a regression test must fail there. */
  regression: z.object({ paths: z.array(z.string()), failedOnBase: z.boolean(), outputTail: z.string() }).nullable(),
  /** From the base to the run after the patch. Null when the output could not be read test by test. */
  cases: testCasesSchema.nullable(),
  /** Places in which the patch changes the base's own tests, or how they are run. */
  findings: z.array(testFindingSchema),
});
export type TestReport = z.infer<typeof testReportSchema>;
