import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { RunMode, Stage } from "../../../../../contracts/run.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import {
  steerMessage,
  systemPrompt,
  useToolsMessage,
  windDownMessage,
} from "../../../../../domain/instruction/prompts.ts";
import { retryBaseMs, retryDelayMs } from "../../../../../domain/run/backoff.ts";
import { unansweredCalls } from "../../../../../domain/run/conversation.ts";
import { authorStage } from "../../../../../domain/run/table.ts";
import { requestText, wholeRequest } from "../../../../../domain/run/request-text.ts";
import { maxTurns, nearsBudget, type Step } from "../../../../../domain/run/next.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { LlmBlock, LlmRequest, LlmTurn } from "../../../../ports/llm.ts";
import { toolsOf } from "../../tools/catalogue.ts";
import { allowedTools } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { loadImages, withImages } from "../images.ts";
import type { StoredBlock, StoredMessage } from "../journal.ts";
import { move } from "../move.ts";
import { notRun } from "../not-run.ts";
import {
  type Asked,
  maxAnswerCharacters,
  sentConversation,
  shortenConversation,
  usageOf,
  vendorCannotShorten,
} from "./shorten.ts";

/** Most tool calls of one turn that are run; further ones are refused with a message. */
export const maxToolCallsPerTurn = 40;
const maxTextCharacters = 200_000;

/** The conversation that a stage's attempt speaks in. Who makes things keeps theirs over all attempts; a review starts fresh. */
export function conversationOf(stage: Stage, mode: RunMode, attempt: number): string {
  return stage === "reviewer" && authorStage(mode) !== stage ? `${stage}#${attempt}` : stage;
}

/** One model call: journaled before, streamed to the watchers, journaled after. A failed call counts for nothing. */
export async function turn(context: StepContext, step: Extract<Step, { kind: "turn" }>): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const { created, mode, stage, stageAttempt } = journal.view();
  if (created === undefined || stage === undefined) throw new Error("a turn needs a stage");
  const llm = deps.llm(created.provider);
  if (llm === undefined) {
    const cause = `This deployment has no key for ${created.provider === "anthropic" ? "Claude (ANTHROPIC_API_KEY)" : "Codex (OPENAI_API_KEY)"}. Add it, then resume.`;
    journal.commit({ events: [move(journal.view(), "human_needed", cause).event] }, epoch);
    return "again";
  }
  const name = conversationOf(stage, mode, stageAttempt);
  const images = created.images.length === 0 ? undefined : await loadImages(context, name);
  // People may have spoken while the images came.
  const view = journal.view();
  const at = { stage, turn: step.turn, attempt: step.attempt };
  const askFor = (messages: readonly StoredMessage[], call: string): Asked => ({
    provider: created.provider,
    model: created.model,
    ...(created.effort === null ? {} : { effort: created.effort }),
    system: systemPrompt(view.prompts[`${stage}#${view.stageAttempt}`] ?? view.prompts[`${stage}#1`] ?? []),
    messages,
    tools: toolsOf(stage, view.mode, allowedTools(view)),
    maxOutputTokens: 16_000,
    callId: `run-${journal.spec.runId}:${stage}:${view.stageAttempt}:${step.turn}:${call}`,
  });
  const send = (asked: Asked): LlmRequest => ({
    ...asked,
    messages: withImages(asked.messages, images),
    signal: context.signal,
    onDelta: (delta) => {
      if (delta.type !== "tool_use_start")
        journal.stream({ t: "delta", stage, turn: step.turn, kind: delta.type, text: delta.text });
    },
  });
  const shortened = await shortenConversation(context, {
    conversation: name,
    stage,
    turn: step.turn,
    llm,
    send,
    ask: (messages) => askFor(messages, `${step.attempt}.${view.turnFailures}:compact`),
  });
  if (shortened === "done") return "again";
  if (shortened !== undefined) return failed(context, at, shortened);
  // The call for a summary may have taken a while, in which people edited what waits.
  const { queue } = journal.view();
  const told = journal.conversation(name);
  const open = unansweredCalls<StoredBlock>(told);
  // Vendors refuse a conversation in which the model spoke last.
  const isIdle = told.at(-1)?.role === "assistant" && open.length === 0;
  const prompts = [...extraPrompts(step, isIdle), ...queue.map(({ by, text }) => steerMessage(by.name, text))];
  // What was left open is answered for good, so that the next requests repeat these very bytes.
  const blocks: readonly LlmBlock[] = [
    ...open.map(notRun),
    ...(prompts.length > 0 ? [{ type: "text" as const, text: prompts.join("\n\n") }] : []),
  ];
  const delivered = queue.map(({ messageId }): NewRunEvent => ({
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
  const sent = sentConversation(context, name);
  const asked: Asked = { ...askFor(sent.messages, `${step.attempt}`), ...sent };
  const startedAtMs = deps.nowMs();
  let answer: LlmTurn;
  try {
    answer = await llm.complete(send(asked));
  } catch (error) {
    if (context.signal.aborted) return "again";
    if (sent.clearedToolResults !== undefined && error instanceof PortError && error.code === "bad_request") {
      // Its own clearing is what this request had over one that works anywhere.
      journal.commit({ events: [], facts: vendorCannotShorten }, epoch);
      return failed(context, at, new PortError("llm", "transient", error.code, error.message, { retryAfterMs: 0 }));
    }
    return failed(context, at, error);
  }
  // The clock may have been set back meanwhile.
  const latencyMs = Math.max(0, deps.nowMs() - startedAtMs);
  const askedText = requestText(asked);
  const size = canonicalJson(answer.blocks).length;
  // It is paid for like any other, so it counts as a turn; only nothing of it is used.
  if (size > maxAnswerCharacters) answer = { ...answer, blocks: [tooLong(size)] };
  const answerJson = canonicalJson(answer.blocks);
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
      requestHash: sha256Hex(wholeRequest(askedText)),
      answerHash: sha256Hex(answerJson),
    },
  };
  const said: readonly LlmBlock[] = answer.blocks.length > 0 ? answer.blocks : [{ type: "text", text: "(no answer)" }];
  journal.commit(
    {
      events: [finished],
      messages: [{ conversation: name, message: { role: "assistant", blocks: said } }],
      modelCall: {
        callId: asked.callId,
        stage,
        turn: step.turn,
        provider: created.provider,
        model: created.model,
        startedAtMs,
        latencyMs,
        request: askedText,
        answerJson,
        vendorRequestId: answer.vendorRequestId,
      },
    },
    epoch,
  );
  return "again";
}

/** What stands in the conversation in the place of an answer that no row of the journal could hold. */
function tooLong(characters: number): LlmBlock {
  return {
    type: "text",
    text: `(The answer had ${characters} characters, more than can be taken: nothing of it was used.)`,
  };
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

function extraPrompts(step: Extract<Step, { kind: "turn" }>, isIdle: boolean): readonly string[] {
  return [
    ...(isIdle ? [useToolsMessage] : []),
    ...(step.windDown && step.attempt === 1 ? [windDownMessage(maxTurns - step.turn + 1)] : []),
  ];
}

function textOf(blocks: readonly LlmBlock[], type: "text" | "thinking"): string {
  return blocks
    .flatMap((block) => (block.type === type ? [block.text] : []))
    .join("\n")
    .slice(0, maxTextCharacters)
    .toWellFormed();
}
