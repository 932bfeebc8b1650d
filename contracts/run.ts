import * as z from "zod";
import { actorSchema } from "./actor.ts";
import { commitSchema, idSchema, sha256Schema, timeMsSchema } from "./common.ts";
import { maxRunRepositories, runLaneSchema } from "./lane.ts";
import { modeRequests } from "./modes.ts";
import { pullRequestSchema } from "./pull-request.ts";
import {
  constrainableTools,
  deliveries,
  efforts,
  gateIds,
  maxPromptCharacters,
  maxStageTurns,
  runModes,
  runStates,
  stages,
  startableModes,
  type RunMode,
} from "./run-names.ts";
import { maxImages } from "./upload.ts";

export { pullRequestSchema, type PullRequest } from "./pull-request.ts";
export * from "./run-names.ts";

export const runModeSchema = z.enum(runModes);

export const runStateSchema = z.enum(runStates);

export const stageSchema = z.enum(stages);

export const gateIdSchema = z.enum(gateIds);
export const deliverySchema = z.enum(deliveries);

/** The limits of a run. Absent: as the project has it, or as it was. Null: no limit; for turns, the default. */
export const runLimitsSchema = z.strictObject({
  /** Millionths of a US dollar. Reached: the run stops before the next model call, resumable by raising it. */
  costMicros: z.int().min(0).max(10_000_000_000).nullable().optional(),
  /** From the first stage's start, waiting included. */
  wallTimeMs: z
    .int()
    .min(0)
    .max(30 * 24 * 3_600_000)
    .nullable()
    .optional(),
  /** Turns of one attempt of a stage. Reached: the run stops; resuming begins another attempt with as many again. */
  stageTurns: z.int().min(1).max(maxStageTurns).nullable().optional(),
  /** From a stage's start, or from when it last went on after waiting for a person. */
  stageWallTimeMs: z
    .int()
    .min(10_000, "must be at least 10 seconds")
    .max(7 * 24 * 3_600_000)
    .nullable()
    .optional(),
});
/** Every limit of a run, none left open. */
export type AllRunLimits = { readonly [name in keyof RunLimits]-?: number | null };
export type RunLimits = z.infer<typeof runLimitsSchema>;

/** The paths that a run may change and the tools that it may use, enforced outside the model. Absent or null: all. */
export const runConstraintsSchema = z.strictObject({
  /** Patterns of paths that may change: `src`, `src/*.ts`, `**` for any folders. */
  paths: z
    .array(z.string().min(1).max(200, "A path pattern may have at most 200 characters."))
    .min(1, "Name at least one path, or leave paths out.")
    .max(50, "At most 50 path patterns.")
    .nullable()
    .optional(),
  tools: z
    .array(z.enum(constrainableTools))
    .min(1, "Name at least one tool, or leave tools out.")
    .nullable()
    .optional(),
});
export type RunConstraints = z.infer<typeof runConstraintsSchema>;

/** Messages that may wait for a run's next turn. */
export const maxQueuedMessages = 10;

export const messageTextSchema = z.string().trim().min(1, "Say something.").max(20_000);
/** A text for the agent: the answer to its question, or the new text of a message that waits. */
export const answerSchema = z.strictObject({ text: messageTextSchema }).meta({ id: "MessageText" });
export const sendMessageSchema = z
  .strictObject({
    text: messageTextSchema,
    /** The client's own key: the same key again answers with the message that it queued, and queues nothing. */
    idempotencyKey: z.string().min(8).max(100).optional(),
  })
  .meta({ id: "SendMessage" });

/** A stored model call of a run: its model, cost and duration. Bodies are read one by one. */
export const modelCallSchema = z
  .object({
    callId: z.string(),
    stage: stageSchema,
    turn: z.int(),
    provider: z.string(),
    model: z.string(),
    startedAtMs: timeMsSchema,
    latencyMs: z.int(),
    inputTokens: z.int().nullable(),
    cacheReadTokens: z.int().nullable(),
    cacheWriteTokens: z.int().nullable(),
    outputTokens: z.int().nullable(),
    costMicros: z.int().nullable(),
    /** True for a call that was cut before its vendor told all counts: tokens and cost are an estimate. */
    isEstimate: z.boolean(),
    vendorRequestId: z.string().nullable(),
  })
  .meta({ id: "ModelCall" });
export type ModelCall = z.infer<typeof modelCallSchema>;

interface NamedRepositories {
  readonly repositoryId?: string | undefined;
  readonly repositoryIds?: readonly string[] | undefined;
  readonly chooseRepositories?: boolean | undefined;
  readonly baseBranch?: string | undefined;
  readonly mode: RunMode;
}

/** Contradictions in how a start names its repositories, each with the field that it is shown at. */
function repositoryProblems(input: NamedRepositories): readonly (readonly [string, string])[] {
  const { baseBranch, chooseRepositories = false, mode, repositoryId, repositoryIds } = input;
  const problems: [string, string][] = [];
  if (repositoryId !== undefined && repositoryIds !== undefined)
    problems.push(["repositoryIds", "Name the repositories by repositoryIds alone, or one by repositoryId."]);
  if (repositoryId === undefined && repositoryIds === undefined && !chooseRepositories)
    problems.push(["repositoryId", "Name at least one repository, or let the run choose among the project's."]);
  const isSeveral = chooseRepositories || (repositoryIds?.length ?? 0) > 1;
  if (isSeveral && !modeRequests[mode].severalRepositories)
    problems.push(["repositoryIds", "A review is of one pull request: name its repository alone."]);
  if (isSeveral && baseBranch !== undefined)
    problems.push([
      "baseBranch",
      "Several repositories start from their own default branches: leave the base branch out.",
    ]);
  return problems;
}

export const startRunSchema = z
  .strictObject({
    projectId: idSchema,
    /** The one repository of the run; several are named by `repositoryIds`. */
    repositoryId: idSchema.optional(),
    repositoryIds: z
      .array(idSchema)
      .min(1, "Name at least one repository.")
      .max(maxRunRepositories, `A run works on at most ${maxRunRepositories} repositories.`)
      .refine((ids) => new Set(ids).size === ids.length, "A repository is named twice.")
      .optional(),
    /** True: the run chooses among `repositoryIds`, or among all repositories of the project when none are named. */
    chooseRepositories: z.boolean().optional(),
    mode: z.enum(startableModes, { error: "mode must be plan, implement, bugfix, review or feature" }),
    model: z.string().min(1).max(100),
    effort: z.enum(efforts).optional(),
    prompt: z
      .string()
      .max(maxPromptCharacters, `The prompt may have at most ${maxPromptCharacters.toLocaleString("en")} characters.`)
      .refine((text) => text.trim() !== "", "Say what should be done: the prompt is empty."),
    ticketId: idSchema.optional(),
    baseBranch: z.string().min(1).max(255).optional(),
    /** The pull request that a review is of; no other mode has one. */
    pullRequestNumber: z.int().min(1, "Give the pull request's number.").max(2_147_483_647).optional(),
    /** The client's own key: the same key again answers with the run that it started. */
    idempotencyKey: z.string().min(8).max(100).optional(),
    limits: runLimitsSchema.optional(),
    constraints: runConstraintsSchema.optional(),
    /** Ids of uploaded images that go with the prompt, in this order. */
    images: z.array(sha256Schema).max(maxImages, `At most ${maxImages} images go with a prompt.`).optional(),
  })
  .superRefine((input, context) => {
    const { baseBranch, constraints, mode, pullRequestNumber } = input;
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: path.split("."), message });
    const writes: readonly string[] = ["edit_file", "write_file", "shell"];
    const request = modeRequests[mode];
    if (request.changesFiles && constraints?.tools != null && !constraints.tools.some((tool) => writes.includes(tool)))
      refuse("constraints.tools", "The coder needs a tool to change files: edit_file, write_file or shell.");
    for (const [path, message] of repositoryProblems(input)) refuse(path, message);
    if (request.pullRequest && pullRequestNumber === undefined)
      refuse("pullRequestNumber", "Say which pull request to review: give its number.");
    if (!request.pullRequest && pullRequestNumber !== undefined)
      refuse("pullRequestNumber", `Only a review takes a pull request; the mode is ${mode}.`);
    if (!request.baseBranch && baseBranch !== undefined)
      refuse("baseBranch", "A review takes its base from the pull request: leave the base branch out.");
  })
  .meta({ id: "StartRun" });
export type StartRun = z.infer<typeof startRunSchema>;

export const runRepositorySchema = z.object({
  id: idSchema,
  owner: z.string(),
  name: z.string(),
  baseBranch: z.string(),
  baseCommit: commitSchema.nullable(),
});

/** A run as lists and headers show it: the read model. Its event log is the truth. */
export const runSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    ticketId: idSchema.nullable(),
    title: z.string(),
    mode: runModeSchema,
    state: runStateSchema,
    stage: stageSchema.nullable(),
    prompt: z.string(),
    provider: z.enum(["anthropic", "openai"]),
    model: z.string(),
    effort: z.enum(efforts).nullable(),
    /** The first of the run's repositories in their order. */
    repository: runRepositorySchema,
    /** Every repository of the run, in the order in which they are written. */
    repositories: z.array(runLaneSchema),
    startedBy: actorSchema,
    createdAtMs: timeMsSchema,
    updatedAtMs: timeMsSchema,
    finishedAtMs: timeMsSchema.nullable(),
    /** Why it ended or waits, in one sentence. */
    cause: z.string().nullable(),
    pullRequest: pullRequestSchema.nullable(),
    /** Millionths of a US dollar; null when the model's price isn't known. */
    costMicros: z.int().nullable(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    /** Number of the newest event that this row has seen. */
    headSeq: z.int(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;
