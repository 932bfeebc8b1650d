import * as z from "zod";
import { personActorSchema } from "./actor.ts";
import { commitSchema, idSchema, roleSchema, sha256Schema, timeMsSchema } from "./common.ts";
import { companionSchema } from "./lane.ts";

export const fileModeSchema = z.enum(["100644", "100755", "120000"]);

/** A patch set's change of one path, without the content. */
export const patchSummarySchema = z.object({
  path: z.string(),
  status: z.enum(["added", "modified", "deleted"]),
  beforeMode: fileModeSchema.nullable(),
  afterMode: fileModeSchema.nullable(),
  beforeBlob: z.string().nullable(),
  afterBlob: z.string().nullable(),
  isBinary: z.boolean(),
  sizeBytes: z.int(),
  additions: z.int(),
  deletions: z.int(),
});
export type PatchSummary = z.infer<typeof patchSummarySchema>;

export const severitySchema = z.enum(["WARN", "BLOCK"]);

export const violationSchema = z.object({
  rule: z.string(),
  severity: severitySchema,
  path: z.string().nullable(),
  line: z.int().nullable(),
  message: z.string(),
});

export const decisionSchema = z.enum(["approve", "reject", "request_changes"]);
export type ApprovalVerb = z.infer<typeof decisionSchema>;

/** A decision on a patch set, a plan or a review. Only a person decides, and with which right is recorded beside it. */
export const approvalSchema = z.object({
  hash: sha256Schema,
  baseCommit: commitSchema,
  decision: decisionSchema,
  comment: z.string(),
  by: personActorSchema,
  /** The person's role at that time; null in decisions that were stored before roles were. */
  role: roleSchema.nullable(),
  /** The session that decided; null likewise. */
  sessionId: idSchema.nullable(),
  atMs: timeMsSchema,
});
export type Approval = z.infer<typeof approvalSchema>;

export const patchSetSchema = z
  .object({
    hash: sha256Schema,
    version: z.int(),
    repositoryId: idSchema,
    baseCommit: commitSchema,
    headBranch: z.string(),
    title: z.string(),
    summary: z.string(),
    patches: z.array(patchSummarySchema),
    companions: z.array(companionSchema),
    violations: z.array(violationSchema),
    approval: approvalSchema.nullable(),
    /** True when a newer version has replaced it. */
    superseded: z.boolean(),
    createdAtMs: timeMsSchema,
  })
  .meta({ id: "PatchSet" });
export type PatchSet = z.infer<typeof patchSetSchema>;

/** Both sides of one path for a diff viewer; text only, null where absent or binary. */
export const patchContentSchema = z
  .object({
    path: z.string(),
    before: z.string().nullable(),
    after: z.string().nullable(),
    isBinary: z.boolean(),
    truncated: z.boolean(),
  })
  .meta({ id: "PatchContent" });
export type PatchContent = z.infer<typeof patchContentSchema>;

export const decidePatchSetSchema = z
  .strictObject({
    decision: decisionSchema,
    /** The base commit that the person saw, so that an approval binds both hash and base. */
    baseCommit: commitSchema,
    comment: z.string().max(20_000).default(""),
  })
  .refine((body) => body.decision !== "request_changes" || body.comment.trim() !== "", {
    path: ["comment"],
    message: "Say what should change.",
  })
  .meta({ id: "DecidePatchSet" });
export type DecidePatchSet = z.infer<typeof decidePatchSetSchema>;
