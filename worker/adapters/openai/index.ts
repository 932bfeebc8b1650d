import { APIConnectionError, APIConnectionTimeoutError, APIError, OpenAI } from "openai";
import { PortError } from "../../ports/errors.ts";
import type { LlmCompaction, LlmPort, LlmRequest, LlmTurn } from "../../ports/llm.ts";
import { type CallDeadlines, type LiveCall, defaultDeadlines, runCall, streamCut } from "../llm/call.ts";
import { redact, requireUsableKey, toPortError } from "../llm/failure.ts";
import { asString, isRecord, responseHeaders } from "../llm/values.ts";
import { compactionOf } from "./compaction.ts";
import { buildCompactRequest, buildResponsesRequest } from "./request.ts";
import { ResponseAssembler, toUsage } from "./turn.ts";

export interface OpenAiOptions {
  readonly apiKey: string;
  /** With `/v1`; the vendor's own unless told. */
  readonly baseUrl?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** 120 s between events and 14 minutes altogether unless told. */
  readonly deadlines?: CallDeadlines;
}

/**
 * The Codex adapter: one streaming call of the Responses API, https://developers.openai.com/api/reference/resources/responses.
 * Errors are those of LlmPort. It retries nothing and logs nothing.
 */
export function createOpenAi(options: OpenAiOptions): LlmPort {
  const deadlines = options.deadlines ?? defaultDeadlines;
  return {
    async complete(request: LlmRequest): Promise<LlmTurn> {
      requireUsableKey("OpenAI", options.apiKey);
      return runCall(request, deadlines, (call) => callResponses(options, deadlines, request, call));
    },
    async compact(request: LlmRequest): Promise<LlmCompaction> {
      requireUsableKey("OpenAI", options.apiKey);
      // One answer at the end, with no sign of life before it.
      const patient = { ...deadlines, idleMs: deadlines.totalMs };
      return runCall(request, patient, (call) => callCompact(options, deadlines, request, call));
    },
  };
}

function clientOf(options: OpenAiOptions, deadlines: CallDeadlines): OpenAI {
  // The options that are null here would otherwise be read from the process's environment.
  return new OpenAI({
    apiKey: options.apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: options.baseUrl ?? "https://api.openai.com/v1",
    maxRetries: 0,
    timeout: deadlines.totalMs,
    logLevel: "off",
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

async function callCompact(
  options: OpenAiOptions,
  deadlines: CallDeadlines,
  request: LlmRequest,
  call: LiveCall,
): Promise<LlmCompaction> {
  try {
    const { data, response } = await clientOf(options, deadlines)
      .responses.compact(buildCompactRequest(request), {
        signal: call.signal,
        headers: requestIdHeader(request.callId),
      })
      .withResponse();
    const told = toUsage(isRecord(data) ? data.usage : undefined);
    call.meter(() => ({ told, isFinal: told.outputTokens !== undefined, receivedBytes: 0 }));
    return compactionOf(data, request.model, response.headers.get("x-request-id") ?? undefined);
  } catch (error) {
    throw toLlmError(error, false, options.apiKey);
  }
}

async function callResponses(
  options: OpenAiOptions,
  deadlines: CallDeadlines,
  request: LlmRequest,
  call: LiveCall,
): Promise<LlmTurn> {
  let streaming = false;
  let gaveUp = false;
  try {
    const { data: stream, response } = await clientOf(options, deadlines)
      .responses.create(buildResponsesRequest(request), {
        signal: call.signal,
        headers: requestIdHeader(request.callId),
      })
      .withResponse();
    streaming = true;
    call.touch();
    const assembler = new ResponseAssembler(call.emit);
    call.meter(() => assembler.spent(gaveUp));
    for await (const event of stream) {
      call.touch();
      assembler.accept(event);
      if (assembler.stopped) break;
    }
    if (assembler.failed !== undefined) {
      const { code, message } = assembler.failed;
      throw toPortError({ vendor: "OpenAI", codes: code === undefined ? [] : [code], message }, [options.apiKey]);
    }
    return assembler.finish(response.headers.get("x-request-id") ?? undefined);
  } catch (error) {
    // The client throws the vendor's `error` event in the place of handing it on.
    gaveUp = error instanceof APIError && !(error instanceof APIConnectionError);
    throw toLlmError(error, streaming, options.apiKey);
  }
}

/** The vendor keeps this id in its logs. https://developers.openai.com/api/reference/overview#supplying-your-own-request-id */
function requestIdHeader(callId: string): Record<string, string> {
  return /^[\x21-\x7e]{1,512}$/.test(callId) ? { "X-Client-Request-Id": callId } : {};
}

function toLlmError(error: unknown, streaming: boolean, apiKey: string): PortError {
  if (error instanceof PortError) return error;
  if (error instanceof APIConnectionTimeoutError) {
    return new PortError("llm", "transient", "timeout", "OpenAI did not answer in time.");
  }
  const detail = redact(error instanceof Error ? error.message : String(error), [apiKey]).slice(0, 300);
  if (error instanceof APIConnectionError) {
    return streaming
      ? streamCut(detail)
      : new PortError("llm", "transient", "server_error", `OpenAI can't be reached: ${detail}`);
  }
  // An `error` event inside the stream comes as an APIError without a status.
  if (error instanceof APIError && (streaming || typeof error.status === "number")) {
    const body: Record<string, unknown> = isRecord(error.error) ? error.error : {};
    return toPortError(
      {
        vendor: "OpenAI",
        ...(typeof error.status === "number" ? { status: error.status, headers: responseHeaders(error.headers) } : {}),
        codes: [body["code"], body["type"]].flatMap((code) => asString(code) ?? []),
        message: asString(body["message"]) ?? error.message,
      },
      [apiKey],
    );
  }
  return streaming
    ? streamCut(detail)
    : new PortError("llm", "permanent", "bad_request", `The call to OpenAI could not be made: ${detail}`);
}
