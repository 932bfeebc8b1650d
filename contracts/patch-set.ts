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
  /** Whether one of its sides can't be shown as text. */
  isBinary: z.boolean(),
  sizeBytes: z.int(),
  additions: z.int(),
  deletions: z.int(),
});
export type PatchSummary = z.infer<typeof patchSummarySchema>;

/** A person who is named in a commit beside its author, under the address that the forge gives them for it. */
export const coAuthorSchema = z.object({ name: z.string(), email: z.string() });
export type CoAuthor = z.infer<typeof coAuthorSchema>;

export const severitySchema = z.enum(["WARN", "BLOCK"]);

export const violationSchema = z.object({
  rule: z.string(),
  severity: severitySchema,
  path: z.string().nullable(),
  line: z.int().nullable(),
  message: z.string(),
});

/** How a content was read as text. `mixed`: UTF-8 in which other bytes or NULs stand. `binary`: it can't be shown. */
export const encodingSchema = z.enum(["utf-8", "utf-16le", "utf-16be", "mixed", "binary"]);
export type Encoding = z.infer<typeof encodingSchema>;

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
  /** Paths that the person approved although no page could show them; absent where all could be shown. */
  unseen: z.array(z.string()).optional(),
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
    /** The people whom the commit names as co-authors; part of the hash. */
    coAuthors: z.array(coAuthorSchema),
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
    /** How each side was read as text; null where it is absent. Other encodings than UTF-8 are shown decoded. */
    beforeEncoding: encodingSchema.nullable(),
    afterEncoding: encodingSchema.nullable(),
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
    /** True to approve although some of the files can't be shown, without having seen them. */
    acceptsUnseen: z.boolean().optional(),
  })
  .refine((body) => body.decision !== "request_changes" || body.comment.trim() !== "", {
    path: ["comment"],
    message: "Say what should change.",
  })
  .meta({ id: "DecidePatchSet" });
export type DecidePatchSet = z.infer<typeof decidePatchSetSchema>;
