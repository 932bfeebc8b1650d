import type { Approval, PatchSet } from "../../../../contracts/patch-set.ts";
import type {
  Artifact,
  GateResult,
  Review,
  RunEvent,
  RunEventData,
  TestReport,
} from "../../../../contracts/run-events.ts";
import type { ReviewDocument, ReviewedPull } from "../../../../contracts/review.ts";
import type { AllRunLimits, GateId, PullRequest, RunState } from "../../../../contracts/run.ts";
import { noLimits } from "../../../lib/limits.ts";

/** A stay of the run in one state; `untilMs` is null while it lasts. */
export interface Visit {
  readonly state: RunState;
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export interface Write {
  readonly kind: RunEventData<"write.started">["kind"];
  readonly hash: string;
  readonly startedAtMs: number;
  readonly finished: { readonly atMs: number; readonly reference: string; readonly url: string | null } | null;
}

/** A plan or a review that waits for a decision, or had one: no patch set, but approved by hash and commit like one. */
export interface Proposal {
  readonly hash: string;
  /** A plan's base, a review's head of the pull request. */
  readonly baseCommit: string;
  readonly approval: Approval | null;
  /** The review as it would be posted; null for a plan. */
  readonly review: ReviewDocument | null;
}

/** What a stage was told at its start, part by part. */
export type StagePrompt = RunEventData<"prompt.resolved"> & { readonly atMs: number };

/** What the events so far say about the run, apart from its transcript. Parts that an event doesn't touch keep their identity. */
export interface Facts {
  readonly created: RunEventData<"run.created"> | null;
  readonly state: RunState | null;
  readonly cause: string | null;
  readonly visits: readonly Visit[];
  readonly baseCommit: string | null;
  /** Millionths of a dollar; null until a turn with a known price. */
  readonly costMicros: number | null;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly turns: number;
  /** Turns whose cost isn't known: with one of them, {@link costMicros} is only a part. */
  readonly unpricedTurns: number;
  readonly limits: AllRunLimits;
  /** True once the run has said that its budget runs low, until the limit is changed. */
  readonly budgetWarned: boolean;
  /** The prompt of each attempt of each stage, oldest first. */
  readonly prompts: readonly StagePrompt[];
  /** All versions, oldest first. */
  readonly patchSets: readonly PatchSet[];
  readonly gates: Readonly<Partial<Record<GateId, GateResult>>>;
  readonly tests: readonly { readonly atMs: number; readonly report: TestReport }[];
  readonly reviews: readonly { readonly atMs: number; readonly review: Review }[];
  readonly writes: readonly Write[];
  readonly pullRequest: PullRequest | null;
  /** The pull request under review, as it was read last. */
  readonly reviewed: ReviewedPull | null;
  readonly ci: readonly RunEventData<"ci.updated">[];
  /** Who paused the run, while it is paused. */
  readonly pausedBy: string | null;
  /** What the agent asks, until somebody has answered. */
  readonly question: RunEventData<"question.asked"> | null;
  /** Messages that wait for the agent's next turn. */
  readonly queued: readonly RunEventData<"message.queued">[];
  /** The newest version of each document. */
  readonly artifacts: readonly Artifact[];
  readonly proposal: Proposal | null;
  readonly tickets: RunEventData<"tickets.created">["tickets"];
}

export const noFacts: Facts = {
  created: null,
  state: null,
  cause: null,
  visits: [],
  baseCommit: null,
  costMicros: null,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  turns: 0,
  unpricedTurns: 0,
  limits: noLimits,
  budgetWarned: false,
  prompts: [],
  patchSets: [],
  gates: {},
  tests: [],
  reviews: [],
  writes: [],
  pullRequest: null,
  reviewed: null,
  ci: [],
  pausedBy: null,
  question: null,
  queued: [],
  artifacts: [],
  proposal: null,
  tickets: [],
};

function changePatchSet(patchSets: readonly PatchSet[], hash: string, fields: Partial<PatchSet>): readonly PatchSet[] {
  return patchSets.map((each) => (each.hash === hash ? { ...each, ...fields } : each));
}

/** The facts after one more event. */
export function addToFacts(facts: Facts, event: RunEvent): Facts {
  switch (event.type) {
    case "run.created":
      return {
        ...facts,
        created: event.data,
        state: facts.state ?? "QUEUED",
        visits: [{ state: "QUEUED", fromMs: event.atMs, untilMs: null }],
      };
    case "run.state_changed": {
      const { to, cause } = event.data;
      const before = facts.visits.map((visit) => (visit.untilMs === null ? { ...visit, untilMs: event.atMs } : visit));
      return { ...facts, state: to, cause, visits: [...before, { state: to, fromMs: event.atMs, untilMs: null }] };
    }
    case "base.resolved":
    case "repository.seeded":
      return { ...facts, baseCommit: event.data.baseCommit };
    case "turn.finished":
      return { ...spend(facts, event.data), turns: facts.turns + 1 };
    case "patch_set.proposed": {
      const { data } = event;
      const older = facts.patchSets
        .filter((each) => each.hash !== data.hash)
        .map((each) => (each.repositoryId === data.repositoryId ? { ...each, superseded: true } : each));
      const made: PatchSet = { ...data, violations: [], approval: null, superseded: false, createdAtMs: event.atMs };
      return { ...facts, patchSets: [...older, made] };
    }
    case "policy.evaluated":
      return {
        ...facts,
        patchSets: changePatchSet(facts.patchSets, event.data.hash, { violations: event.data.violations }),
      };
    case "approval.decided":
      return {
        ...facts,
        patchSets: changePatchSet(facts.patchSets, event.data.hash, { approval: event.data }),
        proposal:
          facts.proposal?.hash === event.data.hash ? { ...facts.proposal, approval: event.data } : facts.proposal,
      };
    case "gate.evaluated":
      return { ...facts, gates: { ...facts.gates, [event.data.gate]: event.data } };
    case "tests.reported":
      return { ...facts, tests: [...facts.tests, { atMs: event.atMs, report: event.data }] };
    case "review.submitted":
      return { ...facts, reviews: [...facts.reviews, { atMs: event.atMs, review: event.data }] };
    case "write.started": {
      const { kind, hash } = event.data;
      const others = facts.writes.filter((write) => write.kind !== kind || write.hash !== hash);
      return { ...facts, writes: [...others, { kind, hash, startedAtMs: event.atMs, finished: null }] };
    }
    case "write.finished": {
      const { kind, hash, reference, url } = event.data;
      const finished = { atMs: event.atMs, reference, url };
      const known = facts.writes.some((write) => write.kind === kind && write.hash === hash);
      const writes = known ? facts.writes : [...facts.writes, { kind, hash, startedAtMs: event.atMs, finished: null }];
      return {
        ...facts,
        writes: writes.map((write) => (write.kind === kind && write.hash === hash ? { ...write, finished } : write)),
      };
    }
    case "pull_request.opened":
      return { ...facts, pullRequest: event.data };
    case "pull_request.read":
      return { ...facts, reviewed: event.data };
    case "ci.updated": {
      const { data } = event;
      const known = facts.ci.some((each) => each.workflowRunId === data.workflowRunId);
      return {
        ...facts,
        ci: known
          ? facts.ci.map((each) => (each.workflowRunId === data.workflowRunId ? data : each))
          : [...facts.ci, data],
      };
    }
    default:
      return addSteering(facts, event);
  }
}

/** Proposals from before there were reviews have no such field. */
function proposalOf({ baseCommit, hash, ...rest }: RunEventData<"proposal.made">): Proposal {
  return { hash, baseCommit, approval: null, review: rest.kind === "review" ? rest.review : null };
}

/** The part of the facts that people and documents make: pauses, messages, questions, budgets, prompts, artifacts, plans. */
function addSteering(facts: Facts, event: RunEvent): Facts {
  switch (event.type) {
    case "run.paused":
      return { ...facts, pausedBy: event.data.by.name };
    case "run.unpaused":
      return { ...facts, pausedBy: null };
    case "question.asked":
      return { ...facts, question: event.data };
    case "question.answered":
      return { ...facts, question: null };
    case "message.queued":
      return { ...facts, queued: [...facts.queued, event.data] };
    case "message.edited": {
      const { messageId, text } = event.data;
      return {
        ...facts,
        queued: facts.queued.map((each) => (each.messageId === messageId ? { ...each, text } : each)),
      };
    }
    case "message.removed":
    case "message.delivered":
      return { ...facts, queued: facts.queued.filter((each) => each.messageId !== event.data.messageId) };
    case "limits.set": {
      // Runs of before a stage had limits say nothing of them.
      const { by: _by, ...limits } = event.data;
      return { ...facts, limits: { ...noLimits, ...limits }, budgetWarned: false };
    }
    case "budget.warned":
      return { ...facts, budgetWarned: true };
    case "context.compacted":
      // Older runs have events without it.
      return event.data.call ? spend(facts, event.data.call) : facts;
    case "prompt.resolved": {
      const { stage, attempt } = event.data;
      const others = facts.prompts.filter((each) => each.stage !== stage || each.attempt !== attempt);
      return { ...facts, prompts: [...others, { ...event.data, atMs: event.atMs }] };
    }
    case "artifact.created":
      return { ...facts, artifacts: [...facts.artifacts.filter((each) => each.kind !== event.data.kind), event.data] };
    case "proposal.made":
      return { ...facts, proposal: proposalOf(event.data) };
    case "tickets.created":
      return { ...facts, tickets: event.data.tickets };
    default:
      return facts;
  }
}

/** With one more model call paid for. */
function spend(
  facts: Facts,
  { costMicros, usage }: Pick<RunEventData<"turn.finished">, "usage" | "costMicros">,
): Facts {
  const cached = usage.cacheReadTokens ?? 0;
  return {
    ...facts,
    unpricedTurns: facts.unpricedTurns + (costMicros === null ? 1 : 0),
    costMicros: costMicros === null ? facts.costMicros : (facts.costMicros ?? 0) + costMicros,
    inputTokens: facts.inputTokens + (usage.inputTokens ?? 0) + (usage.cacheWriteTokens ?? 0) + cached,
    cachedTokens: facts.cachedTokens + cached,
    outputTokens: facts.outputTokens + (usage.outputTokens ?? 0),
  };
}
