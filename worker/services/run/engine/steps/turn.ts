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
import type { RunView } from "../../../../../domain/run/fold.ts";
import { unansweredCalls } from "../../../../../domain/run/conversation.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import { requestText, wholeRequest } from "../../../../../domain/run/request-text.ts";
import { nearsBudget, nextStep, type Step } from "../../../../../domain/run/next.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { LlmBlock, LlmRequest, LlmTurn } from "../../../../ports/llm.ts";
import { shownTools } from "../../tools/registry.ts";
import { allowedTools } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { loadImages, withImages } from "../images.ts";
import type { StoredBlock, StoredMessage } from "../journal.ts";
import { move } from "../../../../../domain/run/move.ts";
import { notRun } from "../not-run.ts";
import { reserveCall } from "../spending.ts";
import {
  type Asked,
  maxAnswerCharacters,
  sentConversation,
  shortenConversation,
  usageOf,
  vendorCannotShorten,
} from "./shorten.ts";
import { llmOf, turnFailed } from "./turn-failed.ts";

/** Most tool calls of one turn that are run; further ones are refused with a message. */
export const maxToolCallsPerTurn = 40;
const maxTextCharacters = 200_000;
const maxOutputTokens = 16_000;

type TurnStep = Extract<Step, { kind: "turn" }>;

/** The conversation that a stage's attempt speaks in. An author keeps one over all attempts; a review of it starts fresh. */
export function conversationOf(stage: Stage, mode: RunMode, attempt: number): string {
  return stage === "reviewer" && modes[mode].author !== stage ? `${stage}#${attempt}` : stage;
}

/**
 * One model call: reserved in the project's budget and journaled before, streamed to the watchers, journaled after. A failed call
 * counts for nothing.
 */
export async function turn(context: StepContext, step: TurnStep): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const before = journal.view();
  const { created, mode, stage, stageAttempt } = before;
  if (created === undefined || stage === undefined) throw new Error("a turn needs a stage");
  const llm = await llmOf(context, created.provider);
  if (typeof llm === "string") {
    journal.commit({ events: [move(journal.view(), "human_needed", llm).event] }, epoch);
    return "again";
  }
  const name = conversationOf(stage, mode, stageAttempt);
  const callIdOf = (call: string) => `run-${journal.spec.runId}:${stage}:${stageAttempt}:${step.turn}:${call}`;
  const system = systemPrompt(before.prompts[`${stage}#${stageAttempt}`] ?? before.prompts[`${stage}#1`] ?? []);
  const tools = shownTools(stage, mode, allowedTools(before), deps.extraTools);
  // One reservation serves the call for a summary or the turn's own: after a summary the next step is looked for anew.
  const admitted = await reserveCall(context, {
    callId: callIdOf(`${step.attempt}`),
    model: created.model,
    parts: [sentConversation(context, name).messages, system, tools, before.queue, useToolsMessage, windDownMessage(0)],
    maxOutputTokens,
  });
  if (admitted !== "go") return admitted;
  const images = created.images.length === 0 ? undefined : await loadImages(context, name);
  if (!isStill(context, step, before)) return "again";
  const at = { stage, turn: step.turn, attempt: step.attempt };
  const askFor = (messages: readonly StoredMessage[], call: string): Asked => ({
    provider: created.provider,
    model: created.model,
    ...(created.effort === null ? {} : { effort: created.effort }),
    system,
    messages,
    tools,
    maxOutputTokens,
    callId: callIdOf(call),
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
    ask: (messages) => askFor(messages, `${step.attempt}.${before.turnFailures}:compact`),
  });
  if (shortened === "done") return "again";
  if (shortened !== undefined) return turnFailed(context, at, shortened);
  if (!isStill(context, step, before)) return "again";
  const view = journal.view();
  const { queue } = view;
  const told = journal.conversation(name);
  const open = unansweredCalls<StoredBlock>(told);
  // Vendors refuse a conversation in which the model spoke last.
  const isIdle = told.at(-1)?.role === "assistant" && open.length === 0;
  const next = nextStep(view, deps.nowMs());
  // Said once for a turn, at whichever of its attempts the limit came to be near.
  const ending =
    next.kind === "turn" && next.windDown !== undefined
      ? `${stage}#${stageAttempt} ${step.turn}: ${next.windDown}`
      : undefined;
  const prompts = [
    ...(isIdle ? [useToolsMessage] : []),
    ...(next.kind === "turn" && next.windDown !== undefined && facts.windDown.read(journal) !== ending
      ? [windDownMessage(next.windDown)]
      : []),
    ...queue.map(({ by, text }) => steerMessage(by.name, text)),
  ];
  // Calls that were left open are answered for good, so that the next requests repeat these very bytes.
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
      ...(ending === undefined ? {} : { facts: facts.windDown.write(ending) }),
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
      return turnFailed(context, at, new PortError("llm", "transient", error.code, error.message, { retryAfterMs: 0 }));
    }
    return turnFailed(context, at, error);
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
      callId: asked.callId,
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

/**
 * Whether the turn is still the next step: messages and limits may have come, and time has passed, while other sides were
 * asked. New messages are looked at, so that the reservation fits what is sent.
 */
function isStill({ deps, journal }: StepContext, step: TurnStep, before: RunView): boolean {
  const view = journal.view();
  const now = nextStep(view, deps.nowMs());
  return now.kind === "turn" && now.attempt === step.attempt && view.queue === before.queue;
}

/** The text in the conversation in the place of an answer that no row of the journal could hold. */
function tooLong(characters: number): LlmBlock {
  return {
    type: "text",
    text: `(The answer had ${characters} characters, more than can be taken: nothing of it was used.)`,
  };
}

function textOf(blocks: readonly LlmBlock[], type: "text" | "thinking"): string {
  return blocks
    .flatMap((block) => (block.type === type ? [block.text] : []))
    .join("\n")
    .slice(0, maxTextCharacters)
    .toWellFormed();
}
