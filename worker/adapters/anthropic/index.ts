import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "@anthropic-ai/sdk/error";
import { Stream } from "@anthropic-ai/sdk/streaming";
import { PortError } from "../../ports/errors.ts";
import type { LlmCompaction, LlmPort, LlmRequest, LlmTurn } from "../../ports/llm.ts";
import { type CallDeadlines, type LiveCall, defaultDeadlines, runCall, streamCut } from "../llm/call.ts";
import { redact, requireUsableKey, toPortError } from "../llm/failure.ts";
import { asString, isRecord, parseJson, responseHeaders } from "../llm/values.ts";
import { billed, compactionOf } from "./compaction.ts";
import { betasOf, buildCompactionRequest, buildMessagesRequest } from "./request.ts";
import { MessageAssembler, usageOf } from "./turn.ts";

export interface AnthropicOptions {
  readonly apiKey: string;
  /** Without `/v1`; the vendor's own unless told. */
  readonly baseUrl?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** 120 s between events and 14 minutes altogether unless told. */
  readonly deadlines?: CallDeadlines;
}

/**
 * The Claude adapter: one streaming call of the Messages API, https://platform.claude.com/docs/en/api/messages. Errors are
 * those of LlmPort. It retries nothing and logs nothing.
 */
export function createAnthropic(options: AnthropicOptions): LlmPort {
  const deadlines = options.deadlines ?? defaultDeadlines;
  return {
    async complete(request: LlmRequest): Promise<LlmTurn> {
      requireUsableKey("Anthropic", options.apiKey);
      return runCall(request, deadlines, (call) => callMessages(options, deadlines, request, call));
    },
    async compact(request: LlmRequest): Promise<LlmCompaction> {
      requireUsableKey("Anthropic", options.apiKey);
      // One answer at the end, with no sign of life before it.
      const patient = { ...deadlines, idleMs: deadlines.totalMs };
      return runCall(request, patient, (call) => callCompaction(options, deadlines, request, call));
    },
  };
}

/** The events that an answer is made of; others may come and say nothing of it. */
const answerEvent = /^(?:message|content_block)_/u;

type Body = ReturnType<typeof buildMessagesRequest> | ReturnType<typeof buildCompactionRequest>;

/**
 * Posts a body and answers its raw response. The client without its resources: with them it weighs twice as much in the bundle.
 * The options that are null here would otherwise be read from the process's environment.
 */
function post(options: AnthropicOptions, deadlines: CallDeadlines, body: Body, signal: AbortSignal): Promise<Response> {
  const client = new BaseAnthropic({
    apiKey: options.apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: options.baseUrl ?? "https://api.anthropic.com",
    maxRetries: 0,
    timeout: deadlines.totalMs,
    logLevel: "off",
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const betas = betasOf(body);
  return client
    .post("/v1/messages", {
      body,
      stream: body.stream === true,
      signal,
      ...(betas.length === 0 ? {} : { headers: { "anthropic-beta": betas.join(",") } }),
    })
    .asResponse();
}

async function callMessages(
  options: AnthropicOptions,
  deadlines: CallDeadlines,
  request: LlmRequest,
  call: LiveCall,
): Promise<LlmTurn> {
  let response: Response | undefined;
  try {
    response = await post(options, deadlines, buildMessagesRequest(request), call.signal);
    call.touch();
    const assembler = new MessageAssembler(call.emit);
    call.meter(() => assembler.spent());
    // The raw events, because the client's own stream keeps its pings to itself and they are signs of life.
    for await (const { event, data } of Stream.rawEvents(response)) {
      call.touch();
      const parsed = parseJson(data);
      // Proxies drop the line that names the event.
      if (event === "error" || (isRecord(parsed) && parsed["type"] === "error"))
        throw streamError(parsed ?? data, options.apiKey);
      // A lost event is a lost part of the answer, whichever it was.
      if (parsed === undefined && (event === null || answerEvent.test(event)))
        throw streamCut("an event that is not JSON");
      assembler.accept(parsed);
      if (assembler.stopped) break;
    }
    return assembler.finish(response.headers.get("request-id") ?? undefined);
  } catch (error) {
    throw toLlmError(error, response !== undefined, options.apiKey);
  }
}

async function callCompaction(
  options: AnthropicOptions,
  deadlines: CallDeadlines,
  request: LlmRequest,
  call: LiveCall,
): Promise<LlmCompaction> {
  let response: Response | undefined;
  try {
    response = await post(options, deadlines, buildCompactionRequest(request), call.signal);
    // An answer's head comes when the summary is made, or so far as it was.
    let told = usageOf({});
    call.meter(() => ({ told, isFinal: told.outputTokens !== undefined, receivedBytes: 0 }));
    const message = parseJson(await response.text());
    told = billed(isRecord(message) ? message["usage"] : undefined);
    return compactionOf(message, response.headers.get("request-id") ?? undefined);
  } catch (error) {
    throw toLlmError(error, response !== undefined, options.apiKey);
  }
}

function streamError(body: unknown, apiKey: string): PortError {
  const error = isRecord(body) && isRecord(body["error"]) ? body["error"] : undefined;
  const type = asString(error?.["type"]);
  return toPortError(
    {
      vendor: "Anthropic",
      codes: type === undefined ? [] : [type],
      message: asString(error?.["message"]) ?? "unknown error",
    },
    [apiKey],
  );
}

function toLlmError(error: unknown, streaming: boolean, apiKey: string): PortError {
  if (error instanceof PortError) return error;
  if (error instanceof APIConnectionTimeoutError) {
    return new PortError("llm", "transient", "timeout", "Anthropic did not answer in time.");
  }
  if (error instanceof APIError && typeof error.status === "number") {
    return toPortError(
      {
        vendor: "Anthropic",
        status: error.status,
        codes: error.type === null ? [] : [error.type],
        message: error.apiMessage ?? error.message,
        headers: responseHeaders(error.headers),
      },
      [apiKey],
    );
  }
  const detail = redact(error instanceof Error ? error.message : String(error), [apiKey]).slice(0, 300);
  if (streaming) return streamCut(detail);
  return error instanceof APIConnectionError
    ? new PortError("llm", "transient", "server_error", `Anthropic can't be reached: ${detail}`)
    : new PortError("llm", "permanent", "bad_request", `The call to Anthropic could not be made: ${detail}`);
}
