import type { NewRunEvent, Usage } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import {
  steerMessage,
  systemPrompt,
  useToolsMessage,
  windDownMessage,
} from "../../../../../domain/instruction/prompts.ts";
import { retryBaseMs, retryDelayMs } from "../../../../../domain/run/backoff.ts";
import { compact, compactionPoint } from "../../../../../domain/run/compaction.ts";
import { normaliseConversation, unansweredCalls } from "../../../../../domain/run/conversation.ts";
import { nearsBudget, nextStep, type Step } from "../../../../../domain/run/next.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { LlmBlock, LlmMessage, LlmRequest, LlmTurn, LlmUsage } from "../../../../ports/llm.ts";
import { toolsOf } from "../../tools/catalogue.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { reserveCall } from "../spending.ts";

/** Most tool calls of one turn that are run; further ones are refused with a message. */
export const maxToolCallsPerTurn = 40;
const maxTextCharacters = 200_000;
const maxOutputTokens = 16_000;
/** The longest answer that counts. A model's own limit is far below; a row of the journal holds twice this. */
const maxAnswerCharacters = 1_000_000;

type TurnStep = Extract<Step, { kind: "turn" }>;

/** The conversation that a stage's attempt speaks in. Who makes things keeps theirs over all attempts; a review starts fresh. */
export function conversationOf(stage: Stage, attempt: number): string {
  return stage === "reviewer" ? `${stage}#${attempt}` : stage;
}

/**
 * One model call: reserved in the project's budget and journaled before, streamed to the watchers, journaled after. A failed call
 * counts for nothing.
 */
export async function turn(context: StepContext, step: TurnStep): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const before = journal.view();
  const { created, stage } = before;
  if (created === undefined || stage === undefined) throw new Error("a turn needs a stage");
  const llm = deps.llm(created.provider);
  if (llm === undefined) {
    const cause = `This deployment has no key for ${created.provider === "anthropic" ? "Claude (ANTHROPIC_API_KEY)" : "Codex (OPENAI_API_KEY)"}. Add it, then resume.`;
    journal.commit({ events: [move(before, "human_needed", cause).event] }, epoch);
    return "again";
  }
  const name = conversationOf(stage, before.stageAttempt);
  const callId = `run-${journal.spec.runId}:${stage}:${before.stageAttempt}:${step.turn}:${step.attempt}`;
  const told = journal.conversation(name);
  const system = systemPrompt(before.prompts[`${stage}#${before.stageAttempt}`] ?? before.prompts[`${stage}#1`] ?? []);
  const admitted = await reserveCall(context, {
    callId,
    model: created.model,
    parts: [
      sentConversation(context, name, told),
      system,
      toolsOf(stage),
      before.queue,
      useToolsMessage,
      windDownMessage(0),
    ],
    maxOutputTokens,
  });
  if (admitted !== "go") return admitted;
  const view = journal.view();
  const now = nextStep(view, deps.nowMs());
  // Messages and limits may have come, and time has passed, while the database was asked.
  if (now.kind !== "turn" || now.attempt !== step.attempt || view.queue !== before.queue) return "again";
  const open = unansweredCalls<LlmBlock>(told);
  // Vendors refuse a conversation in which the model spoke last.
  const isIdle = told.at(-1)?.role === "assistant" && open.length === 0;
  const prompts = [...extraPrompts(now, isIdle), ...view.queue.map(({ by, text }) => steerMessage(by.name, text))];
  // What was left open is answered for good, so that the next requests repeat these very bytes.
  const blocks: readonly LlmBlock[] = [
    ...open.map(notRun),
    ...(prompts.length > 0 ? [{ type: "text" as const, text: prompts.join("\n\n") }] : []),
  ];
  const delivered = view.queue.map(({ messageId }): NewRunEvent => ({
    type: "message.delivered",
    data: { messageId, stage, turn: step.turn },
  }));
  const warning: readonly NewRunEvent[] =
    nearsBudget(view) && !view.budgetWarned
      ? [
          {
            type: "budget.warned",
            data: { spentMicros: view.costMicros ?? 0, limitMicros: view.limits.costMicros ?? 0 },
          },
        ]
      : [];
  journal.commit(
    {
      events: [
        ...delivered,
        ...warning,
        { type: "turn.started", data: { stage, turn: step.turn, attempt: step.attempt, model: created.model } },
      ],
      ...(blocks.length > 0 ? { messages: [{ conversation: name, message: { role: "user", blocks } }] } : {}),
    },
    epoch,
  );
  const request: LlmRequest = {
    provider: created.provider,
    model: created.model,
    ...(created.effort === null ? {} : { effort: created.effort }),
    system,
    messages: fittingConversation(context, name, stage, step.turn),
    tools: toolsOf(stage),
    maxOutputTokens,
    callId,
    signal: context.signal,
    onDelta: (delta) => {
      if (delta.type !== "tool_use_start")
        journal.stream({ t: "delta", stage, turn: step.turn, kind: delta.type, text: delta.text });
    },
  };
  const startedAtMs = deps.nowMs();
  let answer: LlmTurn;
  try {
    answer = await llm.complete(request);
  } catch (error) {
    if (context.signal.aborted) return "again";
    return failed(context, { stage, turn: step.turn, attempt: step.attempt }, error);
  }
  // The clock may have been set back meanwhile.
  const latencyMs = Math.max(0, deps.nowMs() - startedAtMs);
  const { onDelta: _onDelta, signal: _signal, ...asked } = request;
  const requestJson = canonicalJson(asked);
  const answerJson = canonicalJson(answer.blocks);
  if (answerJson.length > maxAnswerCharacters) {
    const fault = new PortError("llm", "transient", "answer_too_large", `${answerJson.length} characters`);
    return failed(context, { stage, turn: step.turn, attempt: step.attempt }, fault);
  }
  const finished: NewRunEvent = {
    type: "turn.finished",
    data: {
      stage,
      turn: step.turn,
      text: textOf(answer.blocks, "text"),
      thinking: textOf(answer.blocks, "thinking"),
      toolCalls: answer.blocks.flatMap((block) =>
        block.type === "tool_use" ? [{ callId: block.id, name: block.name.slice(0, 100) }] : [],
      ),
      stopReason: answer.stopReason,
      usage: usageOf(answer.usage),
      costMicros: deps.costMicros(created.model, answer.usage),
      latencyMs,
      requestHash: sha256Hex(requestJson),
      answerHash: sha256Hex(answerJson),
    },
  };
  const said: readonly LlmBlock[] = answer.blocks.length > 0 ? answer.blocks : [{ type: "text", text: "(no answer)" }];
  journal.commit(
    {
      events: [finished],
      messages: [{ conversation: name, message: { role: "assistant", blocks: said } }],
      modelCall: {
        callId,
        stage,
        turn: step.turn,
        provider: created.provider,
        model: created.model,
        startedAtMs,
        latencyMs,
        requestJson,
        answerJson,
        vendorRequestId: answer.vendorRequestId,
      },
    },
    epoch,
  );
  return "again";
}

/** The conversation as far as it is to be sent now, shortened where it already was. */
function sentConversation(
  { journal }: StepContext,
  name: string,
  told: readonly LlmMessage[],
): readonly { readonly blocks: readonly LlmBlock[] }[] {
  const point = Number(journal.fact(`compacted:${name}`) ?? "0");
  const whole = normaliseConversation<LlmBlock>(told, notRun);
  return compact<LlmBlock>(whole, point, (block, content) => ({ ...block, content }));
}

/** The conversation as it is sent: well-formed, and shortened once it has grown too long. */
function fittingConversation(
  { epoch, journal }: StepContext,
  name: string,
  stage: Stage,
  turnNumber: number,
): readonly LlmMessage[] {
  const whole = normaliseConversation<LlmBlock>(journal.conversation(name), notRun);
  const present = Number(journal.fact(`compacted:${name}`) ?? "0");
  const point = compactionPoint(whole, present);
  if (point !== present) {
    journal.commit(
      {
        events: [{ type: "context.compacted", data: { stage, turn: turnNumber, messages: point } }],
        facts: { [`compacted:${name}`]: String(point) },
      },
      epoch,
    );
  }
  return compact<LlmBlock>(whole, point, (block, content) => ({ ...block, content }));
}

function failed(
  context: StepContext,
  at: { readonly stage: Stage; readonly turn: number; readonly attempt: number },
  error: unknown,
): StepOutcome {
  const { deps, epoch, journal } = context;
  const fault = error instanceof PortError ? error : new PortError("llm", "transient", "server_error", String(error));
  const base = fault.code === "overloaded" || fault.code === "rate_limited" ? retryBaseMs.overload : retryBaseMs.other;
  const retryAtMs =
    fault.kind === "transient"
      ? deps.nowMs() + retryDelayMs(journal.view().turnFailures, deps.random(), fault.retryAfterMs, base)
      : null;
  const event: NewRunEvent = {
    type: "turn.failed",
    data: { ...at, code: fault.code, message: modelFault(fault), retryAtMs },
  };
  deps.log("warn", "model call failed", {
    runId: journal.spec.runId,
    code: fault.code,
    status: fault.status,
    detail: fault.message,
  });
  journal.commit({ events: [event] }, epoch);
  if (retryAtMs === null) {
    journal.commit(
      { events: [move(journal.view(), "human_needed", `${modelFault(fault)} Mend it, then resume.`).event] },
      epoch,
    );
    return "again";
  }
  return { sleepUntilMs: retryAtMs };
}

function modelFault(fault: PortError): string {
  const known: Readonly<Record<string, string>> = {
    rate_limited: "The model's provider limits our rate; waiting.",
    overloaded: "The model's provider is overloaded; waiting.",
    answer_too_large: "The model's answer was too long to be taken; nothing of it was used.",
    timeout: "The model did not answer in time.",
    stream_cut: "The model's answer broke off; nothing of it was used.",
    unauthorized: "The model's provider refused the key.",
    not_found: "The provider does not know this model.",
    context_too_long: "The conversation is longer than the model can read.",
    bad_request: "The provider refused the request.",
  };
  return known[fault.code] ?? "The model's provider failed.";
}

function extraPrompts(step: TurnStep, isIdle: boolean): readonly string[] {
  return [
    ...(isIdle ? [useToolsMessage] : []),
    ...(step.windDown !== undefined && step.attempt === 1 ? [windDownMessage(step.windDown)] : []),
  ];
}

function notRun(toolUseId: string): LlmBlock {
  return {
    type: "tool_result",
    toolUseId,
    content:
      "Error: Not finished: the stage ended or was interrupted. If this call had begun, its effect is unknown: look before you go on.",
    isError: true,
  };
}

function textOf(blocks: readonly LlmBlock[], type: "text" | "thinking"): string {
  return blocks
    .flatMap((block) => (block.type === type ? [block.text] : []))
    .join("\n")
    .slice(0, maxTextCharacters)
    .toWellFormed();
}

function usageOf(usage: LlmUsage): Usage {
  return {
    inputTokens: usage.inputTokens ?? null,
    cacheReadTokens: usage.cacheReadTokens ?? null,
    cacheWriteTokens: usage.cacheWriteTokens ?? null,
    outputTokens: usage.outputTokens ?? null,
  };
}
