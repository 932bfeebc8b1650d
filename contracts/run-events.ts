import * as z from "zod";
import { commitSchema, idSchema, personSchema, sha256Schema, timeMsSchema } from "./common.ts";
import { approvalSchema, patchSummarySchema, violationSchema } from "./patch-set.ts";
import { reviewDocumentSchema, reviewedPullSchema, reviewTargetSchema } from "./review.ts";
import {
  efforts,
  gateIdSchema,
  pullRequestSchema,
  runModeSchema,
  runRepositorySchema,
  runStateSchema,
  stageSchema,
} from "./run.ts";
import { countedCallSchema, usageSchema } from "./usage.ts";
import { testReportSchema } from "./test-report.ts";
import { imageSchema } from "./upload.ts";

export type { TestCases, TestReport } from "./test-report.ts";
export type { Usage } from "./usage.ts";

export const gateResultSchema = z.object({
  gate: gateIdSchema,
  status: z.enum(["pass", "fail", "skipped"]),
  evidence: z.array(z.object({ label: z.string(), value: z.string(), url: z.string().nullable() })),
});
export type GateResult = z.infer<typeof gateResultSchema>;

export const reviewSchema = z.object({
  verdict: z.enum(["approve", "send_back"]),
  summary: z.string(),
  findings: z.array(
    z.object({
      path: z.string(),
      line: z.int().nullable(),
      severity: z.enum(["blocker", "major", "minor", "note"]),
      message: z.string(),
      /** Last line of a range that begins at `line`. */
      endLine: z.int().nullable().default(null),
      /** Text that would replace the line or the range. */
      suggestion: z.string().nullable().default(null),
    }),
  ),
});
export type Review = z.infer<typeof reviewSchema>;

export const writeKinds = ["commit", "branch", "pull_request", "review"] as const;
export type WriteKind = (typeof writeKinds)[number];

export const artifactKinds = ["decision", "architecture", "scope", "plan", "review", "test_report"] as const;

/** A document that a stage made. A newer version stands beside the older ones. `data` is what its schema checked. */
export const artifactSchema = z.object({
  kind: z.enum(artifactKinds),
  version: z.int().min(1),
  title: z.string(),
  markdown: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const instructionLayers = ["default", "tenant", "project", "repository", "ticket", "prompt"] as const;

/** One part of a resolved prompt and the layer that it came from. */
export const promptPartSchema = z.object({ layer: z.enum(instructionLayers), source: z.string(), text: z.string() });
export type PromptPart = z.infer<typeof promptPartSchema>;

/**
 * Payload of each event type, version 1. A payload that must change gets a new version beside the old one: stored events
 * are read for ever.
 */
export const runEventPayloads = {
  "run.created": z.object({
    title: z.string(),
    mode: runModeSchema,
    prompt: z.string(),
    provider: z.enum(["anthropic", "openai"]),
    model: z.string(),
    effort: z.enum(efforts).nullable(),
    repository: runRepositorySchema,
    ticket: z.object({ id: idSchema, key: z.string(), title: z.string() }).nullable(),
    startedBy: personSchema,
    /** The pull request that a review run is of. */
    reviewOf: reviewTargetSchema.nullable().default(null),
    /** What the run may change and use; null where it may all. */
    constraints: z
      .object({ paths: z.array(z.string()).nullable(), tools: z.array(z.string()).nullable() })
      .nullable()
      .default(null),
    /** What goes with the prompt, in order. */
    images: z.array(imageSchema).default([]),
  }),
  "run.state_changed": z.object({
    from: runStateSchema,
    to: runStateSchema,
    trigger: z.string(),
    cause: z.string().nullable(),
  }),
  "run.event_refused": z.object({ state: runStateSchema, trigger: z.string(), reason: z.string() }),
  "stage.started": z.object({ stage: stageSchema, attempt: z.int() }),
  "stage.finished": z.object({
    stage: stageSchema,
    attempt: z.int(),
    outcome: z.string(),
    durationMs: z.int(),
    /** What the stage says of its work, in the agent's words. */
    report: z.object({ title: z.string(), summary: z.string() }).nullable().default(null),
  }),
  "sandbox.opened": z.object({ driver: z.string(), generation: z.string(), restored: z.boolean() }),
  "base.resolved": z.object({ repositoryId: idSchema, baseCommit: commitSchema }),
  /** The pull request under review, read from the forge; again when its head has moved. */
  "pull_request.read": reviewedPullSchema,
  "repository.seeded": z.object({
    repositoryId: idSchema,
    baseCommit: commitSchema,
    fileCount: z.int(),
    sizeBytes: z.int(),
    durationMs: z.int(),
  }),
  "turn.started": z.object({ stage: stageSchema, turn: z.int(), attempt: z.int(), model: z.string() }),
  "turn.finished": z.object({
    stage: stageSchema,
    turn: z.int(),
    text: z.string(),
    thinking: z.string(),
    toolCalls: z.array(z.object({ callId: z.string(), name: z.string() })),
    stopReason: z.string(),
    usage: usageSchema,
    costMicros: z.int().nullable(),
    latencyMs: z.int(),
    /** SHA-256 of the request and of the answer as canonical JSON. */
    requestHash: sha256Schema,
    answerHash: sha256Schema,
  }),
  "turn.failed": z.object({
    stage: stageSchema,
    turn: z.int(),
    attempt: z.int(),
    code: z.string(),
    message: z.string(),
    retryAtMs: timeMsSchema.nullable(),
  }),
  "tool.started": z.object({
    stage: stageSchema,
    turn: z.int(),
    callId: z.string(),
    name: z.string(),
    input: z.unknown(),
  }),
  "tool.finished": z.object({
    callId: z.string(),
    name: z.string(),
    outcome: z.enum(["ok", "error", "interrupted", "refused"]),
    output: z.string(),
    truncated: z.boolean(),
    durationMs: z.int(),
    /** The stage's own report did not fit its schema. */
    misfit: z.boolean().default(false),
  }),
  "workspace.saved": z.object({ digest: sha256Schema, fileCount: z.int(), sizeBytes: z.int() }),
  "tests.reported": testReportSchema,
  "review.submitted": reviewSchema,
  "patch_set.proposed": z.object({
    hash: sha256Schema,
    version: z.int(),
    repositoryId: idSchema,
    baseCommit: commitSchema,
    headBranch: z.string(),
    /** The commit of this run that the branch already stands at, when this version goes on top of it; null for a new branch. */
    parentCommit: commitSchema.nullable().default(null),
    title: z.string(),
    summary: z.string(),
    patches: z.array(patchSummarySchema),
    /** Indexes of the plan's tasks that the patches do; empty without a plan. */
    tasks: z.array(z.int()).default([]),
  }),
  "policy.evaluated": z.object({ hash: sha256Schema, violations: z.array(violationSchema) }),
  "gate.evaluated": gateResultSchema,
  "approval.decided": approvalSchema,
  "write.started": z.object({ kind: z.enum(writeKinds), hash: sha256Schema }),
  "write.finished": z.object({
    kind: z.enum(writeKinds),
    hash: sha256Schema,
    reference: z.string(),
    url: z.string().nullable(),
  }),
  "pull_request.opened": pullRequestSchema,
  "ci.updated": z.object({
    workflowRunId: z.string(),
    name: z.string(),
    commit: commitSchema,
    status: z.enum(["queued", "in_progress", "completed"]),
    conclusion: z.string().nullable(),
    url: z.string(),
  }),
  "run.paused": z.object({ by: personSchema }),
  "run.unpaused": z.object({ by: personSchema }),
  "message.queued": z.object({ messageId: z.string(), text: z.string(), by: personSchema }),
  "message.edited": z.object({ messageId: z.string(), text: z.string(), by: personSchema }),
  "message.removed": z.object({ messageId: z.string(), by: personSchema }),
  "message.delivered": z.object({ messageId: z.string(), stage: stageSchema, turn: z.int() }),
  "question.asked": z.object({ callId: z.string(), stage: stageSchema, question: z.string() }),
  "question.answered": z.object({ callId: z.string(), answer: z.string(), by: personSchema }),
  "artifact.created": artifactSchema,
  /** `baseCommit` is what the proposal speaks of: a plan's base, the reviewed head of a pull request. */
  "proposal.made": z.object({
    kind: z.enum(["plan", "review"]),
    hash: sha256Schema,
    baseCommit: commitSchema,
    /** A review as it would be posted. */
    review: reviewDocumentSchema.nullable().default(null),
  }),
  "tickets.created": z.object({
    hash: sha256Schema,
    tickets: z.array(z.object({ id: idSchema, key: z.string(), title: z.string() })),
  }),
  "prompt.resolved": z.object({
    stage: stageSchema,
    attempt: z.int(),
    hash: sha256Schema,
    parts: z.array(promptPartSchema),
  }),
  "limits.set": z.object({
    costMicros: z.int().min(0).nullable(),
    wallTimeMs: z.int().min(0).nullable(),
    stageTurns: z.int().min(1).nullable().default(null),
    stageWallTimeMs: z.int().min(0).nullable().default(null),
    by: personSchema.nullable(),
  }),
  "context.compacted": z.object({
    stage: stageSchema,
    turn: z.int(),
    /** So many messages from the start were shortened. */
    messages: z.int(),
    /** Who shortened the conversation: the vendor or our own rule. */
    by: z.enum(["rule", "anthropic", "openai"]).default("rule"),
    /** Old tool results were left out, or all of it became a summary. */
    how: z.enum(["cleared", "summarised"]).default("cleared"),
    /** The summary, where its vendor shows it. */
    summary: z.string().default(""),
    /** The model call that wrote the summary; null when none was made. */
    call: countedCallSchema.nullable().default(null),
  }),
  "budget.warned": z.object({ spentMicros: z.int(), limitMicros: z.int() }),
  notice: z.object({ level: z.enum(["info", "warning", "error"]), message: z.string() }),
} as const;

export type RunEventType = keyof typeof runEventPayloads;
export type RunEventData<T extends RunEventType> = z.infer<(typeof runEventPayloads)[T]>;
export const runEventTypes = Object.keys(runEventPayloads) as readonly RunEventType[];

/** One thing that happened in a run. `seq` is dense from 1. */
export type RunEvent = {
  [T in RunEventType]: {
    readonly seq: number;
    readonly atMs: number;
    readonly v: 1;
    readonly type: T;
    readonly data: RunEventData<T>;
  };
}[RunEventType];

/** An event before it is numbered. */
export type NewRunEvent = { [T in RunEventType]: { readonly type: T; readonly data: RunEventData<T> } }[RunEventType];

/** An event of any type whose payload is still to be read, by `runEventPayloads[type]`. */
export const runEventSchema = z.object({
  seq: z.int(),
  atMs: timeMsSchema,
  v: z.literal(1),
  type: z.enum(runEventTypes as [RunEventType, ...RunEventType[]]),
  data: z.unknown(),
});

/**
 * Frames of a run's socket, server to browser. Numbered events arrive in order without a gap from `since` + 1; `delta`
 * frames have no number and are superseded by the next event of their turn. A browser sends only `ping` (answered `pong`).
 */
export type RunFrame =
  | { readonly t: "events"; readonly events: readonly RunEvent[] }
  | { readonly t: "live"; readonly headSeq: number }
  | {
      readonly t: "delta";
      readonly stage: string;
      readonly turn: number;
      readonly kind: "text" | "thinking";
      readonly text: string;
    }
  | { readonly t: "output"; readonly callId: string; readonly text: string };

/** Close codes of sockets. */
export const socketClose = { signedOut: 4401, forbidden: 4403, notFound: 4404, tooSlow: 4408 } as const;
