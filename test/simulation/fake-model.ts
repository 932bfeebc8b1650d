import { costMicros } from "../../domain/budget/cost.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { LlmPort, LlmRequest, LlmTurn, LlmUsage } from "../../worker/ports/llm.ts";
import type { FakeBudget } from "./fake-budget.ts";
import { ConversationOracle } from "./conversation-oracle.ts";
import { hasEnded, workingStage } from "./lawful-moves.ts";
import type { EventOracle } from "./event-oracle.ts";
import { Agent } from "./agent.ts";
import { MemoryModel, type Asked } from "../fakes/model/memory-model.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";
import type { MemoryJournal } from "./memory-journal.ts";
import { modeLaws } from "./lawful-moves.ts";

export const modelId = "claude-opus-5-5";
type Kind = PortError["kind"];

const failures: readonly [
  readonly [string, Kind, number, number | undefined],
  ...(readonly [string, Kind, number, number | undefined])[],
] = [
  ["overloaded", "transient", 529, undefined],
  ["rate_limited", "transient", 429, 30_000],
  ["rate_limited", "transient", 429, 86_400_000],
  ["timeout", "transient", 0, undefined],
  ["server_error", "transient", 500, undefined],
  ["unauthorized", "permanent", 401, undefined],
  ["bad_request", "permanent", 400, undefined],
  ["context_too_long", "permanent", 400, undefined],
];

interface AskedInProcess extends Asked {
  readonly request: LlmRequest;
}

/** The model provider with the simulation's faults, and its own record of every call and its charge. */
export class FakeModel {
  readonly #world: World;
  readonly #oracle: EventOracle;
  readonly #budget: FakeBudget;
  readonly agent: Agent;
  readonly #model: MemoryModel<AskedInProcess>;
  readonly #conversations = new ConversationOracle();
  readonly callIds = new Set<string>();
  /** The cost of each answered call, null when its usage is unknown; also of calls whose answer never arrived. */
  readonly charged = new Map<string, number | null>();
  /** The cost by what was told of calls that were cut. */
  readonly toldCost = new Map<string, number | null>();
  readonly #reported: { readonly callId: string; readonly process: Process }[] = [];
  calls = 0;
  /** Overloaded for hours: no call is answered. */
  isStormy = false;
  #failuresInARow = 0;

  constructor(world: World, oracle: EventOracle, budget: FakeBudget) {
    this.#budget = budget;
    this.#world = world;
    this.#oracle = oracle;
    this.agent = new Agent(world);
    this.#model = new MemoryModel(
      ({ request }) => this.agent.answer(this.#oracle, request),
      () => this.#usage(),
    );
  }

  /** The port as one process sees it. */
  port(process: Process, journal: MemoryJournal): LlmPort {
    return {
      complete: async (request) => {
        this.#admit(request, journal);
        await this.#world.moment(process, "before the model");
        if (request.signal.aborted) throw new PortError("llm", "permanent", "aborted", "aborted");
        this.#maybeFail();
        this.#failuresInARow = 0;
        const turn = this.#answer(request);
        const cost = costMicros(modelId, turn.usage);
        this.charged.set(request.callId, cost);
        this.#budget.called(request.callId, cost);
        await this.#world.moment(process, "after the model");
        this.#reported.push({ callId: request.callId, process });
        this.#world.maybe(this.#world.troubles.model, "model stream cut", () =>
          this.#cut(request.callId, turn.usage, "transient", "stream_cut"),
        );
        if (request.signal.aborted && this.#world.chance.happens(0.5))
          throw this.#cut(request.callId, turn.usage, "permanent", "aborted");
        return turn;
      },
    };
  }

  /** The calls whose answer or cut the engine was told since the last time, of processes that lived on. */
  takeReported(): readonly string[] {
    return this.#reported.splice(0).flatMap(({ callId, process }) => (process.alive ? [callId] : []));
  }

  /** An answer that is on the bill and broke off: with all of its counts, or with those of its beginning alone. */
  #cut(callId: string, usage: LlmUsage, kind: Kind, code: string): PortError {
    const isFinal = this.#world.chance.happens(0.3);
    const told = isFinal ? usage : { ...usage, outputTokens: 1 };
    this.toldCost.set(callId, costMicros(modelId, told));
    return new PortError("llm", kind, code, code, { spent: { told, isFinal, receivedBytes: 40 } });
  }

  #admit(request: LlmRequest, journal: MemoryJournal): void {
    const { oracle, view } = { oracle: this.#oracle, view: journal.view() };
    this.calls += 1;
    must(
      !hasEnded(oracle.state) && !oracle.paused,
      "no-call-after-a-stop",
      () => `a model call in ${oracle.state}${oracle.paused ? ", paused" : ""}`,
    );
    must(workingStage[oracle.state] !== undefined, "no-call-after-a-stop", () => `a model call in ${oracle.state}`);
    must(!this.callIds.has(request.callId), "call-ids-are-unique", () => request.callId);
    this.callIds.add(request.callId);
    this.#budget.mayCall(request.callId);
    const { costMicros: limit, wallTimeMs } = view.limits;
    if (limit !== null) {
      must(
        view.costMicros !== null && view.costMicros < limit,
        "overspends-by-one-call-at-most",
        () => `${view.costMicros} of ${limit} are spent`,
      );
      const near = limit > 0 && view.costMicros >= limit * 0.8;
      must(
        !near || view.budgetWarned,
        "warned-before-the-end",
        () => `${view.costMicros} of ${limit} without a warning`,
      );
    }
    if (wallTimeMs !== null) {
      must(
        this.#world.nowMs - (view.firstStageAtMs ?? 0) < wallTimeMs,
        "keeps-its-time",
        () => `${this.#world.nowMs - (view.firstStageAtMs ?? 0)} of ${wallTimeMs} ms`,
      );
    }
    must(
      oracle.failuresInARow < 14,
      "asks-after-fourteen-failures",
      () => `${oracle.failuresInARow} failures in a row`,
    );
    const most = view.limits.stageTurns ?? 50;
    must(view.turns < most, "keeps-its-turns", () => `${view.turns} of ${most} turns`);
    // Limits that change within the attempt may move the mark: then only that there is an end is sure.
    if (view.turnsAtLimits === 0 && view.turns + 1 === Math.max(1, most - 5)) {
      must(
        /You have \d+ turns? left/.test(JSON.stringify(request.messages)),
        "winds-down",
        () => `turn ${view.turns + 1} of ${most} without a word`,
      );
    }
    const { stageWallTimeMs } = view.limits;
    if (stageWallTimeMs !== null) {
      must(
        this.#world.nowMs - view.stageClockAtMs < stageWallTimeMs,
        "keeps-its-time",
        () => `${this.#world.nowMs - view.stageClockAtMs} of a stage's ${stageWallTimeMs} ms`,
      );
    }
    if (view.reviewed !== undefined)
      must(
        JSON.stringify(request.messages).includes(view.reviewed.commit),
        "reviews-what-it-was-told",
        () => `the head ${view.reviewed?.commit} was never told`,
      );
    const stage = view.stage ?? "none";
    const name =
      stage === "reviewer" && modeLaws[oracle.mode].product !== "review" ? `reviewer#${view.stageAttempt}` : stage;
    this.#conversations.check(name, request);
    this.#checkMessages(name, journal);
  }

  /** Every message of a person that counts as delivered is in a conversation. */
  #checkMessages(name: string, journal: MemoryJournal): void {
    must(
      this.#oracle.queue.size === 0,
      "messages-enter-before-the-turn",
      () => `${this.#oracle.queue.size} wait while a turn is asked for`,
    );
    if (this.#oracle.deliveredNow.length === 0) return;
    const said = JSON.stringify(journal.conversation(name));
    for (const text of this.#oracle.deliveredNow) {
      must(
        said.split(text).length === 2,
        "delivered-messages-are-read-once",
        () => `${text} is in the conversation ${said.split(text).length - 1} times`,
      );
    }
    this.#oracle.deliveredNow.length = 0;
  }

  #maybeFail(): void {
    if (this.isStormy) {
      this.#world.fault("model storm");
      throw new PortError("llm", "transient", "overloaded", "overloaded", { status: 529 });
    }
    const { model } = this.#world.troubles;
    if (
      model === 0 ||
      !(this.#failuresInARow > 0 ? this.#world.chance.happens(0.75) : this.#world.chance.happens(model))
    )
      return;
    const [code, kind, status, retryAfterMs] = this.#world.chance.pick(failures);
    this.#world.fault(`model ${status === 0 ? code : status}`);
    this.#failuresInARow += 1;
    throw new PortError("llm", kind, code, code, { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  #answer(request: LlmRequest): LlmTurn {
    const { callId, messages, model } = request;
    const { bill, blocks } = this.#model.answer({ callId, messages, model, request, tools: [] });
    const stopReason = blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn";
    return { blocks, stopReason, usage: bill.usage, model: modelId, vendorRequestId: undefined };
  }

  #usage(): LlmUsage {
    const { chance, troubles } = this.#world;
    const usage = {
      inputTokens: 100 + chance.int(1000),
      cacheReadTokens: chance.int(500),
      cacheWriteTokens: 0,
      outputTokens: 10 + chance.int(200),
    };
    if (troubles.mischief === 0 || !chance.happens(troubles.mischief / 4)) return usage;
    this.#world.fault("model usage missing or negative");
    return chance.happens(0.5) ? { ...usage, outputTokens: undefined } : { ...usage, inputTokens: -5 };
  }
}
