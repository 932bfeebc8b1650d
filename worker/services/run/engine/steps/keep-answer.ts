import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import { requestText, wholeRequest } from "../../../../../domain/run/request-text.ts";
import type { LlmBlock, LlmTurn } from "../../../../ports/llm.ts";
import { closeCalls, note, takeAnswer } from "../answer.ts";
import { bookedUsage, usageOf } from "../booked-usage.ts";
import type { StepContext } from "../deps.ts";
import type { JournalWrite, StoredMessage } from "../journal.ts";
import { type Asked, maxAnswerCharacters } from "./shorten.ts";

const maxTextCharacters = 200_000;

/** A model's answer with the call that it answers. */
export interface Answered {
  readonly conversation: string;
  /** The conversation as it stood before the call. */
  readonly told: readonly StoredMessage[];
  readonly stage: Stage;
  readonly turn: number;
  readonly asked: Asked;
  readonly answer: LlmTurn;
  readonly startedAtMs: number;
  readonly latencyMs: number;
}

/**
 * Journals an answer: its cost, its text, and the calls that are to be run. Calls that can't be run are closed with it. The caller has just
 * seen that the run has not moved on since it asked.
 */
export function keepAnswer(context: StepContext, answered: Answered): void {
  const { deps, journal } = context;
  const { answer, asked, conversation, latencyMs, stage, turn } = answered;
  const taken = takeAnswer(answer, {
    told: answered.told,
    turn: journal.view().totalTurns + 1,
    limitTokens: asked.maxOutputTokens,
  });
  const takenJson = canonicalJson(taken.blocks);
  const size = takenJson.length;
  // It is paid for like any other, so it counts as a turn; only nothing of it is used.
  const isTooLong = size > maxAnswerCharacters;
  const blocks: readonly LlmBlock[] = isTooLong ? [note(`The answer had ${size} characters`)] : taken.blocks;
  const calls = isTooLong ? [] : taken.calls;
  const closed = closeCalls(isTooLong ? [] : taken.closed, { stage, turn });
  const askedText = requestText(asked);
  const answerJson = isTooLong ? canonicalJson(blocks) : takenJson;
  const counted = bookedUsage(asked, answer.usage);
  const finished: NewRunEvent = {
    type: "turn.finished",
    data: {
      stage,
      turn,
      callId: asked.callId,
      text: textOf(blocks, "text"),
      thinking: textOf(blocks, "thinking"),
      toolCalls: calls.map(({ id, name }) => ({ callId: id, name })),
      stopReason: answer.stopReason,
      ...(taken.stopDetail === undefined ? {} : { stopDetail: taken.stopDetail }),
      usage: usageOf(counted.usage),
      costMicros: deps.costMicros(asked.model, counted.usage),
      latencyMs,
      requestHash: sha256Hex(wholeRequest(askedText)),
      answerHash: sha256Hex(answerJson),
    },
  };
  journal.commit({
    events: [finished, ...closed.events, ...counted.events],
    messages: [
      ...said(conversation, "assistant", answer.stopReason === "refusal" ? undefined : blocks),
      ...said(conversation, "user", closed.results.length > 0 ? closed.results : undefined),
    ],
    toolInputs: isTooLong ? [] : taken.inputs,
    modelCall: {
      callId: asked.callId,
      stage,
      turn,
      provider: asked.provider,
      model: asked.model,
      startedAtMs: answered.startedAtMs,
      latencyMs,
      request: askedText,
      answerJson,
      vendorRequestId: answer.vendorRequestId,
    },
  });
}

function said(
  conversation: string,
  role: StoredMessage["role"],
  blocks: readonly LlmBlock[] | undefined,
): NonNullable<JournalWrite["messages"]> {
  if (blocks === undefined) return [];
  const spoken: readonly LlmBlock[] = blocks.length > 0 ? blocks : [{ type: "text", text: "(no answer)" }];
  return [{ conversation, message: { role, blocks: spoken } }];
}

function textOf(blocks: readonly LlmBlock[], type: "text" | "thinking"): string {
  return blocks
    .flatMap((block) => (block.type === type ? [block.text] : []))
    .join("\n")
    .slice(0, maxTextCharacters)
    .toWellFormed();
}
