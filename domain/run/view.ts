import type { Actor } from "../../contracts/actor.ts";
import type { PackageBump } from "../../contracts/lane.ts";
import type { Artifact, GateResult, PromptPart, Review, RunEventData, WriteKind } from "../../contracts/run-events.ts";
import type { AllRunLimits, GateId, RunState, Stage } from "../../contracts/run.ts";
import type { LaneView } from "./lane-view.ts";
import type { MachineContext } from "./machine.ts";

export interface OpenToolCall {
  readonly callId: string;
  readonly name: string;
  /** True once `tool.started` was written: after a crash the call may have had effects. */
  readonly started: boolean;
}

/** A message that waits for the next turn. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly text: string;
  readonly by: Actor;
}

/** A message that no agent reads any more, and why. */
export interface PassedOverMessage extends QueuedMessage {
  readonly reason: string;
}

/** A question of the agent that the run waits for; `answer` once a person gave it. */
export interface OpenQuestion {
  readonly callId: string;
  readonly question: string;
  readonly answer: string | undefined;
}

/** The known cost of a day's calls in millionths of a dollar, and how many calls have no known cost. */
export interface DaySpend {
  readonly micros: number;
  readonly unpricedCalls: number;
}

/** Everything that decisions need to know of a run: a fold over its events, never stored by itself. */
export interface RunView extends MachineContext {
  readonly created: RunEventData<"run.created"> | undefined;
  readonly cause: string | null;
  /** UTC milliseconds at which the run ended; null before. Its pull requests may change after it. */
  readonly endedAtMs: number | null;
  /** One lane a repository, in the order in which lanes are written. */
  readonly lanes: readonly LaneView[];
  /** Whether triage has chosen among the repositories, where the run began with an open choice. */
  readonly isChoiceMade: boolean;
  /** Lanes that depend on each other, so that a person has to order them; empty when there are none. */
  readonly laneCycle: readonly string[];
  /** True once the lanes were put into order. */
  readonly isOrdered: boolean;
  readonly packages: readonly PackageBump[];
  readonly stage: Stage | undefined;
  readonly stageAttempt: number;
  readonly stageStarted: boolean;
  readonly stageStartedAtMs: number;
  /** From when the stage's time counts: its start, or when it last went on after waiting for a person. */
  readonly stageClockAtMs: number;
  /** Turns finished in the present attempt of the stage, and over the run. */
  readonly turns: number;
  readonly totalTurns: number;
  readonly turnOpen: { readonly turn: number; readonly attempt: number } | undefined;
  /** The times that the present turn was begun: failed and lost calls count, so that no two calls have one id. */
  readonly turnAttempts: number;
  readonly turnFailures: number;
  /** Why the last model call failed, in a sentence. */
  readonly lastTurnError: string | undefined;
  readonly retryAtMs: number | null;
  readonly lastStopReason: string | undefined;
  /** The reports of this attempt that did not fit their schema. */
  readonly invalidReports: number;
  /** Turns in a row that called no tool. */
  readonly idleTurns: number;
  /** Answers in a row that were cut at the output limit. */
  readonly cutTurns: number;
  /** Answers in a row that the vendor refused to give, and its words for the last one. */
  readonly refusedTurns: number;
  readonly refusal: string | undefined;
  readonly openToolCalls: readonly OpenToolCall[];
  /** Tool calls that the last turn asked for. */
  readonly turnToolCalls: number;
  /** The coder's report of its work when it finished last. */
  readonly report: { readonly title: string; readonly summary: string } | undefined;
  readonly review: Review | undefined;
  /** Gates of the whole run: G0 and G1. The others belong to lanes. */
  readonly gates: Readonly<Partial<Record<GateId, GateResult>>>;
  /** The decision on the proposal; those on patch sets belong to lanes. */
  readonly approval: RunEventData<"approval.decided"> | undefined;
  /** Writes of the proposal: the posted review. */
  readonly writes: Readonly<Partial<Record<WriteKind, string>>>;
  /** The pull request under review, as it was read last. */
  readonly reviewed: RunEventData<"pull_request.read"> | undefined;
  readonly paused: boolean;
  /** The actor who cancelled the run while it wrote; undefined for a run that was not cancelled then. */
  readonly cancelledBy: Actor | undefined;
  readonly queue: readonly QueuedMessage[];
  /** Messages that waited when the work was approved or the run ended. */
  readonly passedOver: readonly PassedOverMessage[];
  readonly question: OpenQuestion | undefined;
  /** Newest version of each kind of artifact. */
  readonly artifacts: Readonly<Partial<Record<Artifact["kind"], Artifact>>>;
  /** The plan or review that waits for approval. */
  readonly proposal: RunEventData<"proposal.made"> | undefined;
  /** The person's change that made the plan which waits; undefined where it is the agent's own. */
  readonly planRevision: RunEventData<"plan.revised"> | undefined;
  readonly prompts: Readonly<Record<string, readonly PromptPart[]>>;
  readonly limits: AllRunLimits;
  /** Turns of the present attempt that were finished when the limits were last set; 0 when that was before it. */
  readonly turnsAtLimits: number;
  readonly budgetWarned: boolean;
  readonly firstStageAtMs: number | undefined;
  readonly costMicros: number | null;
  /** The cost of the calls that ended on each UTC day (`2026-11-05`): the project's month is charged with it. */
  readonly spendByDay: Readonly<Record<string, DaySpend>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A run before its first event. */
export const emptyView: RunView = {
  mode: "implement",
  state: "QUEUED",
  returnTo: undefined,
  sendBacks: { sent_back: 0, tests_failed: 0, changes_requested: 0, ci_failed: 0 },
  created: undefined,
  cause: null,
  endedAtMs: null,
  lanes: [],
  isChoiceMade: false,
  laneCycle: [],
  isOrdered: false,
  packages: [],
  stage: undefined,
  stageAttempt: 0,
  stageStarted: false,
  stageStartedAtMs: 0,
  stageClockAtMs: 0,
  turns: 0,
  totalTurns: 0,
  turnOpen: undefined,
  turnAttempts: 0,
  turnFailures: 0,
  lastTurnError: undefined,
  retryAtMs: null,
  lastStopReason: undefined,
  invalidReports: 0,
  idleTurns: 0,
  cutTurns: 0,
  refusedTurns: 0,
  refusal: undefined,
  openToolCalls: [],
  turnToolCalls: 0,
  report: undefined,
  review: undefined,
  gates: {},
  approval: undefined,
  writes: {},
  reviewed: undefined,
  paused: false,
  cancelledBy: undefined,
  queue: [],
  passedOver: [],
  question: undefined,
  artifacts: {},
  proposal: undefined,
  planRevision: undefined,
  prompts: {},
  limits: { costMicros: null, wallTimeMs: null, stageTurns: null, stageWallTimeMs: null },
  turnsAtLimits: 0,
  budgetWarned: false,
  firstStageAtMs: undefined,
  costMicros: 0,
  spendByDay: {},
  inputTokens: 0,
  outputTokens: 0,
};

/** True when nothing runs and the run waits for a person. */
export function isWaiting(state: RunState): boolean {
  return state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY" || state === "NEEDS_HUMAN";
}
