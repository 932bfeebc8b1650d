import type { IncomingHttpHeaders } from "node:http";
import { answerAsAgent } from "../agent/index.ts";
import type { Controls } from "../control/routes.ts";
import { spoilAnswer } from "../control/faults.ts";
import type { Fault } from "../control/faults.ts";
import type { Answer, Conversation } from "../wire/conversation.ts";
import type { SseEvent } from "../wire/sse.ts";
import { countTokens } from "../wire/tokens.ts";

export interface EndpointContext {
  readonly controls: Controls;
  readonly apiKey: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
}

/** A validated request, ready to be answered. */
export interface Prepared {
  readonly model: string;
  readonly stream: boolean;
  /** Images that the request shows. */
  readonly images: number;
  /** Takes the fault that is due for this request, once. */
  takeFault(): Fault | undefined;
  answer(fault: Fault | undefined): Answered;
}

/** An answer with its bill, ready to be sent whole or as events. */
export interface Answered {
  readonly usage: { inputTokens: number; cacheReadTokens: number; cacheWriteTokens: number; outputTokens: number };
  readonly toolCalls: readonly string[];
  readonly scripted: boolean;
  body(): object;
  events(): readonly SseEvent[];
}

/** Parses one vendor's request body (throws WireError 400) and answers it later. */
export type Endpoint = (body: unknown, context: EndpointContext) => Prepared;

/** Everything that was said in a request, for `match` of scripts and faults: as sent and with JSON escapes undone. */
export function searchableText(sent: string, conversation: Conversation): string {
  const texts = conversation.messages.flatMap((message) =>
    message.blocks.map((block) =>
      block.type === "text" ? block.text : block.type === "tool_result" ? block.content : "",
    ),
  );
  return [sent, conversation.system, ...texts].join("\n");
}

export interface ComposedAnswer {
  readonly answer: Answer;
  readonly scripted: boolean;
  readonly outputTokens: number;
  /** The caller's token limit was reached: the text is cut, and no tool is called or the last call is cut. */
  readonly truncated: boolean;
}

/** The answer of a matching script, else of the agent, spoiled by the fault and cut at the caller's token limit. */
export function composeAnswer(
  controls: Controls,
  conversation: Conversation,
  requestText: string,
  fault: Fault | undefined,
  maxOutputTokens: number | null,
): ComposedAnswer {
  const scripted = controls.scripts.answer(conversation, requestText);
  const answer = spoilAnswer(fault, scripted ?? answerAsAgent(conversation), conversation);
  const outputTokens = countTokens(
    answer.text + answer.calls.map((call) => call.name + (call.rawInput ?? JSON.stringify(call.input))).join(""),
  );
  const isScripted = scripted !== undefined;
  if (answer.ending === "cut_call") return { answer, scripted: isScripted, outputTokens, truncated: true };
  if (maxOutputTokens === null || outputTokens <= maxOutputTokens)
    return { answer, scripted: isScripted, outputTokens, truncated: false };
  const text = answer.text.slice(0, maxOutputTokens * 4);
  return { answer: { text, calls: [] }, scripted: isScripted, outputTokens: maxOutputTokens, truncated: true };
}
