import * as z from "zod";
import { idSchema } from "./common.ts";

/** Runs that one request looks at, at most. */
export const maxRebuiltRuns = 100;

/** A page of the rebuild of run rows. The same page again does no harm. */
export const rebuildRunsSchema = z.strictObject({
  /** The last run that has been looked at; absent: from the first. */
  after: idSchema.optional(),
  limit: z.int().min(1).max(maxRebuiltRuns).default(25),
  /** False only checks. */
  write: z.boolean().default(true),
});
export type RebuildRuns = z.infer<typeof rebuildRunsSchema>;

/** Problems of a run's own storage, or of its row. Empty lists: no problem. */
export const runFindingSchema = z.object({
  runId: idSchema,
  /** Number of the object's newest event; 0 when it never started. */
  headSeq: z.int(),
  /** Where the object contradicts itself: numbers, fold, ledger. None of it is repaired. */
  problems: z.array(z.string()),
  /** Columns of the row that are not what the events fold to at the row's own number. */
  columns: z.array(z.string()),
  /** Events by which the row is behind the object. */
  behind: z.int(),
  written: z.boolean(),
});
export type RunFinding = z.infer<typeof runFindingSchema>;

export const rebuildReportSchema = z.object({
  checked: z.int(),
  /** Runs that differ or are broken; runs that are as they should be are only counted. */
  findings: z.array(runFindingSchema),
  /** `after` of the next page; null when this was the last one, behind which the search index was made anew. */
  next: idSchema.nullable(),
});
export type RebuildReport = z.infer<typeof rebuildReportSchema>;
