import type { RunEvent, RunEventData } from "../../contracts/run-events.ts";
import type { RunMode, RunState } from "../../contracts/run.ts";
import type { JournalWrite } from "../../worker/services/run/engine/journal.ts";
import type { Coverage } from "./coverage.ts";
import type { LaneOracle } from "./lane-oracle.ts";
import { hasEnded, isLawful, makesPatchSets, mostSendBacks, workingStage } from "./lawful-moves.ts";
import { must } from "./violation.ts";

/** Tools whose effects can't be done twice: a call that may have begun is never begun again. */
const onceTools: ReadonlySet<string> = new Set(["edit_file", "write_file", "shell"]);

interface CallSeen {
  readonly name: string;
  started: number;
  finished: number;
}

/** Follows a run's events one by one and checks, independently of the fold, that each is allowed. */
export class EventOracle {
  readonly #coverage: Coverage;
  readonly lanes: LaneOracle;
  mode: RunMode = "implement";
  state: RunState = "QUEUED";
  /** The state in which the step under way began; set before each step. */
  stepState: RunState = "QUEUED";
  paused = false;
  /** Whether the run was cancelled while it wrote and has still to end. */
  isCancelling = false;
  readonly queue = new Set<string>();
  readonly messageTexts = new Map<string, string>();
  readonly calls = new Map<string, CallSeen>();
  /** Calls that count for nothing but their cost. */
  readonly cutCalls = new Map<string, RunEventData<"call.cut">>();
  /** The plan or review that waits, and the decision on it; patch sets belong to lanes. */
  approval: RunEventData<"approval.decided"> | undefined;
  proposal: { readonly hash: string; readonly baseCommit: string } | undefined;
  /** The newest plan, by the agent or by a person who changed it. */
  plan: unknown;
  question: { readonly callId: string; answer: string | undefined } | undefined;
  finishedTurns = 0;
  failedTurns = 0;
  startedTurns = 0;
  /** Turns that a crash or a person's command ended: begun, and neither answered nor failed. */
  lostTurns = 0;
  /** Failed model calls since the last answer or the stage's beginning. */
  failuresInARow = 0;
  /** Texts of messages that were delivered since the last model call. */
  readonly deliveredNow: string[] = [];
  #seq = 0;
  returnTo: RunState | undefined;
  #turnOpen: string | undefined;
  #turn = 0;
  #ranInTurn = 0;
  #mostTurns = 50;
  #stageOpen = false;
  readonly #sendBacks = new Map<string, number>();
  readonly #attempts = new Map<string, number>();

  constructor(coverage: Coverage, lanes: LaneOracle) {
    this.#coverage = coverage;
    this.lanes = lanes;
  }

  /** The titles of the newest plan's items. */
  get titles(): readonly string[] {
    const { tasks } = this.plan as { readonly tasks: readonly { readonly title: string }[] };
    return tasks.map(({ title }) => title);
  }

  /** Takes the next event as it is stored. Throws a Violation when it may not come now. */
  take(event: RunEvent, write: JournalWrite): void {
    this.#seq += 1;
    must(event.seq === this.#seq, "dense-events", () => `event ${event.seq} where ${this.#seq} is next`);
    if (hasEnded(this.state))
      must(
        // A call that a cancel cut is billed all the same.
        event.type === "run.event_refused" || (event.type === "call.cut" && this.state === "CANCELLED"),
        "nothing-after-the-end",
        () => `${event.type} after ${this.state}`,
      );
    this.#coverage.see("event", event.type);
    switch (event.type) {
      case "run.created":
        this.mode = event.data.mode;
        break;
      case "run.state_changed":
        this.#moved(event.data, write);
        break;
      case "run.cancel_requested":
        this.isCancelling = true;
        break;
      case "run.paused":
      case "run.unpaused":
        this.paused = event.type === "run.paused";
        break;
      case "stage.started":
        this.#stageStarted(event.data);
        break;
      case "stage.finished":
        this.#working(event.type, event.data.stage);
        must(
          event.data.durationMs >= 0,
          "time-never-negative",
          () => `stage.finished took ${event.data.durationMs} ms`,
        );
        this.#stageOpen = false;
        break;
      case "turn.started":
        this.#working(event.type, event.data.stage);
        this.startedTurns += 1;
        if (this.#turnOpen !== undefined) this.lostTurns += 1;
        this.#turnOpen = `${event.data.turn}.${event.data.attempt}`;
        must(event.data.turn === this.#turn + 1, "turns-in-order", () => `turn ${event.data.turn} after ${this.#turn}`);
        must(
          event.data.turn <= this.#mostTurns,
          "keeps-its-turns",
          () => `turn ${event.data.turn} of ${event.data.stage}`,
        );
        break;
      case "turn.failed":
        must(this.#turnOpen !== undefined, "turn-ends-once", () => "turn.failed without an open turn");
        this.failedTurns += 1;
        this.failuresInARow += 1;
        this.#turnOpen = undefined;
        break;
      case "turn.finished":
        this.#turnFinished(event.data);
        break;
      case "call.cut":
        must(!this.cutCalls.has(event.data.callId), "call-is-cut-once", () => event.data.callId);
        this.cutCalls.set(event.data.callId, event.data);
        break;
      case "tool.started":
        this.#toolStarted(event.data);
        break;
      case "tool.finished":
        this.#toolFinished(event.data);
        break;
      case "artifact.created":
        if (event.data.kind === "plan") this.plan = event.data.data;
        break;
      case "plan.revised":
        must(
          this.state === "WAITING_APPROVAL" && this.proposal?.hash === event.data.hash && this.approval === undefined,
          "revises-what-waits",
          () => `plan.revised in ${this.state}`,
        );
        break;
      case "proposal.made":
        this.proposal = event.data;
        this.approval = undefined;
        break;
      case "approval.decided":
        if (event.data.repositoryId !== null) {
          this.lanes.take(event, write);
          break;
        }
        must(
          this.approval === undefined,
          "first-decision-counts",
          () => `a second decision on ${event.data.hash.slice(0, 8)}`,
        );
        this.approval = event.data;
        break;
      case "write.started":
        must(
          this.state === "APPLYING" && !this.paused && !this.isCancelling,
          "write-only-applying",
          () => `write.started in ${this.state}${this.isCancelling ? ", cancelled" : ""}`,
        );
        this.lanes.take(event, write);
        break;
      case "write.finished":
        // A pause ends the step under way: the write is done again, or looked for when the run ends.
        must(
          !this.paused || this.isCancelling,
          "paused-means-stopped",
          () => `the end of a ${event.data.kind} was stored while the run is paused`,
        );
        this.lanes.take(event, write);
        break;
      case "message.queued":
        this.queue.add(event.data.messageId);
        this.messageTexts.set(event.data.messageId, event.data.text);
        must(this.queue.size <= 10, "queue-of-ten", () => `${this.queue.size} messages wait`);
        break;
      case "message.edited":
        must(this.queue.has(event.data.messageId), "message-once", () => "edited, yet it does not wait");
        this.messageTexts.set(event.data.messageId, event.data.text);
        break;
      case "message.removed":
      case "message.delivered":
        must(this.queue.delete(event.data.messageId), "message-once", () => `${event.type}, yet it does not wait`);
        if (event.type === "message.delivered")
          this.deliveredNow.push(this.messageTexts.get(event.data.messageId) ?? "");
        break;
      case "limits.set":
        this.#mostTurns = event.data.stageTurns ?? 50;
        break;
      case "question.asked":
        this.question = { callId: event.data.callId, answer: undefined };
        break;
      case "question.answered":
        must(
          this.question?.callId === event.data.callId && this.question.answer === undefined,
          "one-answer",
          () => "an answer without an open question",
        );
        if (this.question !== undefined) this.question.answer = event.data.answer;
        break;
      default:
        this.lanes.take(event, write);
    }
  }

  #moved(change: RunEventData<"run.state_changed">, write: JournalWrite): void {
    const { from, to, trigger } = change;
    if (to === "APPLYING" || hasEnded(to)) this.queue.clear(); // No agent reads them any more.
    this.#coverage.see("state", to);
    this.#coverage.see("trigger", trigger);
    must(from === this.state, "moves-from-its-state", () => `${from} to ${to} while in ${this.state}`);
    must(
      isLawful(this.mode, from, trigger, to, this.returnTo),
      "lawful-moves",
      () => `${this.mode}: ${from} ${trigger} ${to} (came from ${this.returnTo ?? "nowhere"})`,
    );
    const most = mostSendBacks[trigger];
    if (most !== undefined) {
      const times = (this.#sendBacks.get(trigger) ?? 0) + 1;
      this.#sendBacks.set(trigger, times);
      must(times <= most, "bounded-send-backs", () => `${trigger} for the ${times}th time`);
      const told = (write.messages ?? []).some(
        ({ message }) => message.role === "user" && message.blocks.some((block) => block.type === "text"),
      );
      must(told, "told-why", () => `${trigger}, and the author was not told why`);
    }
    this.#checkMove(from, trigger, to);
    if (hasEnded(to)) this.isCancelling = false;
    if (to === "NEEDS_HUMAN") this.returnTo = trigger === "tests_given_up" ? "CODING" : from;
    // A question is answered within its attempt; any other stop ends the attempt.
    const asks = this.question !== undefined && (to === "NEEDS_HUMAN" || from === "NEEDS_HUMAN");
    if (!asks) {
      this.#stageOpen = false;
      if (this.#turnOpen !== undefined) this.lostTurns += 1;
      this.#turnOpen = undefined;
    }
    if (to !== "NEEDS_HUMAN" && !asks) this.question = undefined;
    this.state = to;
  }

  /** Checks the conditions of a change of state. */
  #checkMove(from: RunState, trigger: string, to: RunState): void {
    const { lanes } = this;
    if (to === "APPLYING" && from !== "NEEDS_HUMAN") {
      if (makesPatchSets(this.mode)) lanes.checkApplies();
      else
        must(
          this.approval?.decision === "approve" &&
            this.approval.hash === this.proposal?.hash &&
            this.approval.baseCommit === this.proposal.baseCommit,
          "applies-only-approved",
          () => `approval ${JSON.stringify(this.approval)} of ${JSON.stringify(this.proposal)}`,
        );
    }
    if (to === "PATCHES_PROPOSED" && from === "TESTING") lanes.checkTested();
    if (from === "PATCHES_PROPOSED" && trigger.startsWith("policy_")) lanes.checkProposed(trigger === "policy_blocked");
    if (trigger === "pull_request_opened") lanes.writes.checkDelivered();
    if (trigger === "ci_failed" || trigger === "ci_given_up") lanes.writes.checkRed();
    if (trigger === "ci_passed") lanes.writes.checkGreen();
  }

  #working(what: string, stage: string): void {
    must(
      workingStage[this.state] === stage && !this.paused,
      "works-only-in-its-state",
      () => `${what} of ${stage} in ${this.state}${this.paused ? ", paused" : ""}`,
    );
    must(this.#stageOpen, "works-only-in-its-state", () => `${what} of ${stage}, which has not begun`);
  }

  #stageStarted({ attempt, stage }: RunEventData<"stage.started">): void {
    must(!this.#stageOpen, "stage-begins-once", () => `${stage} has begun already`);
    this.#stageOpen = true;
    this.#working("stage.started", stage);
    const before = this.#attempts.get(stage) ?? 0;
    must(attempt === before + 1, "attempts-in-order", () => `attempt ${attempt} of ${stage} after ${before}`);
    this.#attempts.set(stage, attempt);
    if (stage === "tester") this.lanes.forgetTests();
    // A stage starts only with an order of the lanes: a cycle waits for a person.
    must(this.lanes.cycle.length === 0, "a-cycle-waits-for-a-person", () => this.lanes.cycle.join(", "));
    this.failuresInARow = 0;
    // Calls that an earlier attempt left open are not resumed.
    this.calls.clear();
    this.#turn = 0;
  }

  #turnFinished(turn: RunEventData<"turn.finished">): void {
    this.#working("turn.finished", turn.stage);
    must(this.#turnOpen !== undefined, "turn-ends-once", () => "turn.finished without an open turn");
    must(turn.latencyMs >= 0, "time-never-negative", () => `a turn took ${turn.latencyMs} ms`);
    this.#turnOpen = undefined;
    this.#turn = turn.turn;
    this.#ranInTurn = 0;
    this.finishedTurns += 1;
    this.failuresInARow = 0;
    for (const call of turn.toolCalls) this.calls.set(call.callId, { name: call.name, started: 0, finished: 0 });
  }

  #toolStarted({ callId, name, stage }: RunEventData<"tool.started">): void {
    this.#working("tool.started", stage);
    const call = this.calls.get(callId);
    must(call !== undefined, "calls-come-from-turns", () => `${name} ${callId} was never asked for`);
    call.started += 1;
    must(call.started === 1, "tool-starts-once", () => `${name} ${callId} started ${call.started} times`);
  }

  #toolFinished(done: RunEventData<"tool.finished">): void {
    const call = this.calls.get(done.callId);
    must(call !== undefined && call.finished === 0, "tool-ends-once", () => `${done.name} ${done.callId}`);
    must(done.durationMs >= 0, "time-never-negative", () => `${done.name} took ${done.durationMs} ms`);
    must(call.started === 1, "tool-starts-before-it-ends", () => `${done.name} ${done.callId} never started`);
    call.finished += 1;
    if (done.outcome !== "refused") this.#ranInTurn += 1;
    must(this.#ranInTurn <= 40, "forty-calls-a-turn", () => `${this.#ranInTurn} calls were run`);
    if (done.outcome === "interrupted")
      must(onceTools.has(done.name), "only-doubtful-calls-are-interrupted", () => done.name);
    if (done.name === "ask_person" && done.outcome === "ok") {
      const question = this.question;
      must(
        question?.callId === done.callId && question.answer === done.output,
        "answer-reaches-the-agent",
        () => `told ${done.output}, answered ${question?.answer}`,
      );
      this.question = undefined;
    }
  }
}
