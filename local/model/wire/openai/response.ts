import { randomBytes } from "node:crypto";
import type {
  Response,
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseOutputText,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import type { Answer } from "../conversation.ts";
import type { PromptUsage } from "../prompt-cache.ts";
import { splitDeltas } from "../sse.ts";
import type { SseEvent } from "../sse.ts";
import type { ResponsesRequest } from "./request.ts";

interface Finished {
  readonly request: ResponsesRequest;
  readonly answer: Answer;
  readonly truncated: boolean;
  readonly prompt: PromptUsage;
  readonly outputTokens: number;
}

/** `output_text` is added by the SDK, not by the server. */
type WireResponse = Omit<Response, "output_text">;
type OutputItem = ResponseOutputMessage | (ResponseFunctionToolCall & { readonly id: string });

/** The whole answer as a Response object: https://developers.openai.com/api/reference/resources/responses */
export function responseBody(finished: Finished, atMs: number): WireResponse {
  return completed(skeleton(finished, atMs), finished, outputItems(finished), atMs);
}

/** The same answer as typed events: https://developers.openai.com/api/docs/guides/streaming-responses */
export function responseEvents(finished: Finished, atMs: number): readonly SseEvent[] {
  const events: SseEvent[] = [];
  const emit = (data: StreamData, pauseBefore = false): void => {
    events.push({ event: data.type, data: { ...data, sequence_number: events.length }, pauseBefore });
  };
  const base = skeleton(finished, atMs);
  emit({ type: "response.created", response: base });
  emit({ type: "response.in_progress", response: base });
  const items = outputItems(finished);
  for (const [output_index, item] of items.entries()) {
    if (item.type === "message") emitMessage(emit, output_index, item);
    else emitCall(emit, output_index, item);
  }
  const response = completed(base, finished, items, atMs);
  emit(finished.truncated ? { type: "response.incomplete", response } : { type: "response.completed", response });
  return events;
}

type WithoutNumber<Event> = Event extends { response: Response }
  ? Omit<Event, "sequence_number" | "response"> & { response: WireResponse }
  : Omit<Event, "sequence_number">;
type StreamData = WithoutNumber<ResponseStreamEvent>;
type Emit = (data: StreamData, pauseBefore?: boolean) => void;

function emitMessage(emit: Emit, output_index: number, item: ResponseOutputMessage): void {
  const item_id = item.id;
  emit({ type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", content: [] } });
  for (const [content_index, part] of item.content.entries()) {
    if (part.type !== "output_text") continue;
    emit({ type: "response.content_part.added", item_id, output_index, content_index, part: outputText("") });
    for (const delta of splitDeltas(part.text)) {
      emit({ type: "response.output_text.delta", item_id, output_index, content_index, delta, logprobs: [] }, true);
    }
    emit({ type: "response.output_text.done", item_id, output_index, content_index, text: part.text, logprobs: [] });
    emit({ type: "response.content_part.done", item_id, output_index, content_index, part });
  }
  emit({ type: "response.output_item.done", output_index, item });
}

function emitCall(emit: Emit, output_index: number, item: ResponseFunctionToolCall & { readonly id: string }): void {
  const item_id = item.id;
  emit({ type: "response.output_item.added", output_index, item: { ...item, status: "in_progress", arguments: "" } });
  for (const delta of splitDeltas(item.arguments)) {
    emit({ type: "response.function_call_arguments.delta", item_id, output_index, delta }, true);
  }
  emit({ type: "response.function_call_arguments.done", item_id, output_index, arguments: item.arguments });
  emit({ type: "response.output_item.done", output_index, item });
}

function outputItems({ answer, truncated }: Finished): OutputItem[] {
  const items: OutputItem[] = [];
  if (answer.ending === "refusal") {
    const refusal = { type: "refusal" as const, refusal: "The local model was told to refuse." };
    items.push({ type: "message", id: newId("msg"), role: "assistant", status: "completed", content: [refusal] });
  }
  if (answer.text !== "") {
    items.push({
      type: "message",
      id: newId("msg"),
      role: "assistant",
      status: truncated ? "incomplete" : "completed",
      content: [outputText(answer.text)],
    });
  }
  for (const call of answer.calls) {
    items.push({
      type: "function_call",
      id: newId("fc"),
      call_id: newId("call"),
      name: call.name,
      arguments: call.rawInput ?? JSON.stringify(call.input),
      status: truncated ? "incomplete" : "completed",
    });
  }
  return items;
}

function skeleton({ request }: Finished, atMs: number): WireResponse {
  return {
    id: newId("resp"),
    object: "response",
    created_at: Math.floor(atMs / 1000),
    status: "in_progress",
    access_programs: null,
    error: null,
    incomplete_details: null,
    instructions: request.instructions,
    max_output_tokens: request.maxOutputTokens,
    metadata: request.metadata,
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallelToolCalls,
    previous_response_id: null,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
  };
}

function completed(base: WireResponse, finished: Finished, output: OutputItem[], atMs: number): WireResponse {
  const { prompt, outputTokens, truncated } = finished;
  const inputTokens = prompt.uncachedTokens + prompt.readTokens;
  return {
    ...base,
    status: truncated ? "incomplete" : "completed",
    completed_at: Math.floor(atMs / 1000),
    incomplete_details: truncated ? { reason: "max_output_tokens" } : null,
    output,
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: prompt.readTokens, cache_write_tokens: prompt.writtenTokens },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  };
}

function outputText(text: string): ResponseOutputText {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
