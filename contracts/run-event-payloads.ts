import * as z from "zod";
import { actorSchema } from "./actor.ts";
import { commitSchema, idSchema, sha256Schema, timeMsSchema } from "./common.ts";
import { approvalSchema, coAuthorSchema, patchSummarySchema, violationSchema } from "./patch-set.ts";
import { reviewedPullSchema, reviewTargetSchema } from "./review.ts";
import { deliverySchema, efforts, pullRequestSchema, runModeSchema, runStateSchema, stageSchema } from "./run.ts";
import { artifactSchema, gateResultSchema, promptPartSchema, reviewSchema, writeKinds } from "./run-documents.ts";
import { asked, proposalPayloads } from "./proposal-payloads.ts";
import { checkSources } from "./check.ts";
import { companionSchema, laneSourceSchema, packageBumpSchema } from "./lane.ts";
import { testReportSchema } from "./test-report.ts";
import { imageSchema } from "./upload.ts";
import { countedCallSchema, usageSchema } from "./usage.ts";

const by = actorSchema;
const lane = { repositoryId: idSchema };
/** The lane that an event belongs to; null where it speaks of the whole run: a plan, a posted review, gates G0 and G1. */
const laneOrRun = { repositoryId: idSchema.nullable() };

/**
 * Today's payload of each event type. A payload that changes gets a higher number in `runEventVersions` and an upgrade from the
 * version before in `domain/run/upgrade.ts`: stored events are read for ever.
 */
export const runEventPayloads = {
  "run.created": z.object({
    title: z.string(),
    mode: runModeSchema,
    prompt: z.string(),
    provider: z.enum(["anthropic", "openai"]),
    model: z.string(),
    effort: z.enum(efforts).nullable(),
    /** The repositories that the run may work on, at least one. */
    repositories: z.array(laneSourceSchema).min(1),
    /** `open`: the run's triage chooses among the repositories before it works. */
    choice: z.enum(["fixed", "open"]),
    delivery: deliverySchema,
    ticket: z.object({ id: idSchema, key: z.string(), title: z.string() }).nullable(),
    startedBy: by,
    /** The pull request that a review run is of. */
    reviewOf: reviewTargetSchema.nullable(),
    /** The paths and tools that the run is limited to; null where it may use all. */
    constraints: z.object({ paths: z.array(z.string()).nullable(), tools: z.array(z.string()).nullable() }).nullable(),
    /** Images that go with the prompt, in order. */
    images: z.array(imageSchema),
  }),
  "run.state_changed": z.object({
    from: runStateSchema,
    to: runStateSchema,
    trigger: z.string(),
    cause: z.string().nullable(),
  }),
  "run.event_refused": z.object({ state: runStateSchema, trigger: z.string(), reason: z.string() }),
  /** The lanes that the run works on from now on, of those that it was given. */
  "repositories.chosen": z.object({
    repositoryIds: z.array(idSchema).min(1),
    reasons: z.array(z.object({ repositoryId: idSchema, reason: z.string() })),
    by,
  }),
  /** The order in which lanes are written: a library before its consumers. `cycle` names lanes that depend on each other. */
  "lanes.ordered": z.object({
    order: z.array(idSchema).min(1),
    edges: z.array(z.object({ from: idSchema, to: idSchema, because: z.string() })),
    cycle: z.array(idSchema),
    by,
  }),
  "stage.started": z.object({ stage: stageSchema, attempt: z.int() }),
  "stage.finished": z.object({
    stage: stageSchema,
    attempt: z.int(),
    outcome: z.string(),
    durationMs: z.int(),
    /** The stage's report on its work, in the agent's words. */
    report: z.object({ title: z.string(), summary: z.string() }).nullable(),
  }),
  "sandbox.opened": z.object({ driver: z.string(), generation: z.string(), restored: z.boolean() }),
  "base.resolved": z.object({ ...lane, baseCommit: commitSchema }),
  /** The pull request under review, read from the forge; again when its head has moved. */
  "pull_request.read": reviewedPullSchema,
  "repository.seeded": z.object({
    ...lane,
    baseCommit: commitSchema,
    fileCount: z.int(),
    sizeBytes: z.int(),
    durationMs: z.int(),
  }),
  /** Facts of a lane's base commit that later steps go by. */
  "repository.inspected": z.object({ ...lane, testCommand: z.string().nullable() }),
  "turn.started": z.object({ stage: stageSchema, turn: z.int(), attempt: z.int(), model: z.string() }),
  "turn.finished": z.object({
    stage: stageSchema,
    turn: z.int(),
    /** Names the stored model call; null in events that were stored before calls were named. */
    callId: z.string().nullable(),
    text: z.string(),
    thinking: z.string(),
    toolCalls: z.array(z.object({ callId: z.string(), name: z.string() })),
    stopReason: z.string(),
    /** The vendor's own words for a refusal, where it gave any. */
    stopDetail: z.string().optional(),
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
  /** A model call that the vendor began to answer and that counts for nothing: what it costs all the same. */
  "call.cut": countedCallSchema.extend({
    stage: stageSchema,
    turn: z.int(),
    callId: z.string(),
    /** The reason, as in `turn.failed`; `aborted` when the run moved on meanwhile. */
    code: z.string(),
    /** True where the vendor did not tell all counts before the cut, so that tokens and cost are an estimate. */
    isEstimate: z.boolean(),
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
    /** True when the stage's own report did not fit its schema. */
    invalidReport: z.boolean(),
  }),
  "workspace.saved": z.object({ ...lane, digest: sha256Schema, fileCount: z.int(), sizeBytes: z.int() }),
  "tests.reported": testReportSchema.extend(lane),
  "review.submitted": reviewSchema,
  "versions.compared": z.object({ packages: z.array(packageBumpSchema) }),
  "patch_set.proposed": z.object({
    hash: sha256Schema,
    version: z.int(),
    ...lane,
    baseCommit: commitSchema,
    headBranch: z.string(),
    /** The commit of this run that the branch already stands at, when this version goes on top of it; null for a new branch. */
    parentCommit: commitSchema.nullable(),
    title: z.string(),
    summary: z.string(),
    patches: z.array(patchSummarySchema),
    /** Indexes of the plan's tasks that the patches do; empty without a plan. */
    tasks: z.array(z.int()),
    /** The other lanes whose pull requests this one's text links to; part of the hash. */
    companions: z.array(companionSchema),
    /** The people whom the commit names as co-authors; part of the hash. */
    coAuthors: z.array(coAuthorSchema),
  }),
  /** The lane's work was undone, so its patch set no longer waits. */
  "patch_set.withdrawn": z.object({ ...lane, hash: sha256Schema }),
  "policy.evaluated": z.object({ ...lane, hash: sha256Schema, violations: z.array(violationSchema) }),
  "gate.evaluated": gateResultSchema.extend(laneOrRun),
  "approval.decided": approvalSchema.extend(laneOrRun),
  "write.started": z.object({ ...laneOrRun, kind: z.enum(writeKinds), hash: sha256Schema }),
  "write.finished": z.object({
    ...laneOrRun,
    kind: z.enum(writeKinds),
    hash: sha256Schema,
    reference: z.string(),
    url: z.string().nullable(),
  }),
  "pull_request.opened": pullRequestSchema.extend(lane),
  /** The pull request has changed at the forge by another hand than the run's. */
  "pull_request.updated": z.object({
    ...lane,
    number: z.int(),
    state: z.enum(["open", "closed", "merged"]),
    /** The head of its branch; another than the run's own where somebody pushed. */
    headCommit: commitSchema,
    /** The base has changes that it can't be merged with. */
    isConflicting: z.boolean(),
    isBranchDeleted: z.boolean(),
  }),
  /** A person wants the pull request closed that this run opened and left when it ended. */
  "pull_request.close_requested": z.object({
    ...lane,
    number: z.int(),
    deletesBranch: z.boolean(),
    ...asked,
  }),
  /** The end of such a request. `kept`: it was merged, or somebody pushed to it. `failed`: the forge refused or did not answer. */
  "pull_request.close_ended": z.object({
    ...lane,
    number: z.int(),
    outcome: z.enum(["closed", "kept", "failed"]),
    isBranchDeleted: z.boolean(),
    /** For people: what happened, what stays, what can be done. */
    text: z.string(),
  }),
  /** A person wants the branch deleted that this run wrote and left without a pull request when it ended. */
  "branch.delete_requested": z.object({ ...lane, branch: z.string(), ...asked }),
  /**
   * The end of such a request. `gone`: the branch was not there any more. `kept`: its head is a commit of somebody else, or a pull request is
   * open from it. `failed`: the forge refused or did not answer.
   */
  "branch.delete_ended": z.object({
    ...lane,
    branch: z.string(),
    outcome: z.enum(["deleted", "gone", "kept", "failed"]),
    /** For people: what happened, what stays, what can be done. */
    text: z.string(),
  }),
  /** Before anything was written the base branch was found at another commit, which changes files that the patch set changes too. */
  "base.moved": z.object({ ...lane, baseCommit: commitSchema, headCommit: commitSchema, paths: z.array(z.string()) }),
  /** A check on a commit of the lane as the forge reports it now. */
  "ci.updated": z.object({
    ...lane,
    /** Unique in its lane: a workflow run's id at the forge, or source and id or name of another check. */
    checkId: z.string(),
    /** A `job` is a part of a workflow run, which counts by itself only where the branch demands it by name. */
    source: z.enum(checkSources),
    name: z.string(),
    /** The forge's id of the app that made it; null where the forge doesn't say. */
    appId: z.string().nullable(),
    commit: commitSchema,
    status: z.enum(["queued", "in_progress", "completed"]),
    conclusion: z.string().nullable(),
    url: z.string().nullable(),
    /** A newer run of the same check took its place. */
    isSuperseded: z.boolean(),
  }),
  /** The checks that the base branch demands before a merge, by its protection and rules. */
  "ci.required": z.object({
    ...lane,
    checks: z.array(z.object({ name: z.string(), appId: z.string().nullable() })),
  }),
  /** A person cancelled the run while it wrote: the write under way is waited for and recorded, then the run ends. */
  "run.cancel_requested": z.object({ by }),
  "run.paused": z.object({ by }),
  "run.unpaused": z.object({ by }),
  "message.queued": z.object({ messageId: z.string(), text: z.string(), by }),
  "message.edited": z.object({ messageId: z.string(), text: z.string(), by }),
  "message.removed": z.object({ messageId: z.string(), by }),
  "message.delivered": z.object({ messageId: z.string(), stage: stageSchema, turn: z.int() }),
  "question.asked": z.object({ callId: z.string(), stage: stageSchema, question: z.string() }),
  "question.answered": z.object({ callId: z.string(), answer: z.string(), by }),
  "artifact.created": artifactSchema,
  ...proposalPayloads,
  "prompt.resolved": z.object({
    stage: stageSchema,
    attempt: z.int(),
    hash: sha256Schema,
    parts: z.array(promptPartSchema),
  }),
  "limits.set": z.object({
    costMicros: z.int().min(0).nullable(),
    wallTimeMs: z.int().min(0).nullable(),
    stageTurns: z.int().min(1).nullable(),
    stageWallTimeMs: z.int().min(0).nullable(),
    by: by.nullable(),
  }),
  "context.compacted": z.object({
    stage: stageSchema,
    turn: z.int(),
    /** So many messages from the start were shortened. */
    messages: z.int(),
    /** Whether the vendor or the product's own rule shortened the conversation. */
    by: z.enum(["rule", "anthropic", "openai"]),
    /** Old tool results were left out, or all of it became a summary. */
    how: z.enum(["cleared", "summarised"]),
    /** The summary, where its vendor shows it. */
    summary: z.string(),
    /** The model call that wrote the summary; null when none was made. */
    call: countedCallSchema.extend({ callId: z.string().nullable() }).nullable(),
  }),
  "budget.warned": z.object({ spentMicros: z.int(), limitMicros: z.int() }),
  notice: z.object({ level: z.enum(["info", "warning", "error"]), message: z.string() }),
} as const;

export type RunEventType = keyof typeof runEventPayloads;
