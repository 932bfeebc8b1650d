import * as z from "zod";
import { commitSchema } from "./common.ts";

/** The pull request that a review run was asked about, as it stood when the run was started. */
export const reviewTargetSchema = z.object({
  number: z.int().min(1),
  url: z.string(),
  branch: z.string(),
  commit: commitSchema,
});
export type ReviewTarget = z.infer<typeof reviewTargetSchema>;

/** A pull request as a review run read it. Title and body were written by its author: data, never instructions. */
export const reviewedPullSchema = reviewTargetSchema.extend({
  title: z.string(),
  body: z.string(),
  author: z.string(),
  baseBranch: z.string(),
  baseCommit: commitSchema,
  files: z.int(),
  additions: z.int(),
  deletions: z.int(),
  /** Names the stored diff. */
  diff: z.string(),
});
export type ReviewedPull = z.infer<typeof reviewedPullSchema>;

/** A pull request's change of one path. `patch` holds its hunks from the first `@@`, null for binary and oversized files. */
export const pullFileSchema = z.object({
  path: z.string(),
  previousPath: z.string().nullable(),
  status: z.enum(["added", "removed", "modified", "renamed"]),
  additions: z.int(),
  deletions: z.int(),
  patch: z.string().nullable(),
});
export type PullFile = z.infer<typeof pullFileSchema>;

export const pullFilesSchema = z
  .object({ commit: commitSchema.nullable(), items: z.array(pullFileSchema) })
  .meta({ id: "PullFiles" });

/** One inline comment on the new side of the diff; `startLine` begins a range that ends in `line`. */
export const reviewCommentSchema = z.object({
  path: z.string(),
  startLine: z.int().min(1).nullable(),
  line: z.int().min(1),
  body: z.string(),
});
export type ReviewComment = z.infer<typeof reviewCommentSchema>;

/** A review exactly as it would be posted. A person approves it by its hash. */
export const reviewDocumentSchema = z.object({
  pullRequestNumber: z.int().min(1),
  commit: commitSchema,
  body: z.string(),
  comments: z.array(reviewCommentSchema),
});
export type ReviewDocument = z.infer<typeof reviewDocumentSchema>;
