import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "@anthropic-ai/sdk/error";
import { Messages } from "@anthropic-ai/sdk/resources/messages";
import { Stream } from "@anthropic-ai/sdk/streaming";
import { PortError } from "../../ports/errors.ts";
import type { LlmPort, LlmRequest, LlmTurn } from "../../ports/llm.ts";
import { type CallDeadlines, type LiveCall, defaultDeadlines, runCall, streamCut } from "../llm/call.ts";
import { redact, requireUsableKey, toPortError } from "../llm/failure.ts";
import { asString, isRecord, parseJson, responseHeaders } from "../llm/values.ts";
import { buildMessagesRequest } from "./request.ts";
import { MessageAssembler } from "./turn.ts";

export interface AnthropicOptions {
  readonly apiKey: string;
  /** Without `/v1`; the vendor's own unless told. */
  readonly baseUrl?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** 120 s between events and 10 minutes altogether unless told. */
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
  };
}

async function callMessages(
  options: AnthropicOptions,
  deadlines: CallDeadlines,
  request: LlmRequest,
  call: LiveCall,
): Promise<LlmTurn> {
  let response: Response | undefined;
  try {
    // The client for this one resource: the whole one weighs twice as much in the bundle. What is null would otherwise
    // be read from the process's environment.
    const messages = new Messages(
      new BaseAnthropic({
        apiKey: options.apiKey,
        authToken: null,
        webhookKey: null,
        baseURL: options.baseUrl ?? "https://api.anthropic.com",
        maxRetries: 0,
        timeout: deadlines.totalMs,
        logLevel: "off",
        ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
      }),
    );
    response = await messages.create(buildMessagesRequest(request), { signal: call.signal }).asResponse();
    call.touch();
    const assembler = new MessageAssembler(call.emit);
    // The raw events, because the client's own stream keeps its pings to itself and they are signs of life.
    for await (const { event, data } of Stream.rawEvents(response)) {
      call.touch();
      const parsed = parseJson(data);
      if (event === "error") throw streamError(parsed ?? data, options.apiKey);
      assembler.accept(parsed);
      if (assembler.stopped) break;
    }
    return assembler.finish(response.headers.get("request-id") ?? undefined);
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
