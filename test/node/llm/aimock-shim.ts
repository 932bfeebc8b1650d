import { Buffer } from "node:buffer";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseMessagesRequest } from "../../../local/model/wire/anthropic/request.ts";
import { WireError } from "../../../local/model/wire/errors.ts";
import { parseResponsesRequest } from "../../../local/model/wire/openai/request.ts";
import { isRecord } from "../../../worker/adapters/llm/values.ts";

/** The shim's changes to an answer; a test may set each. */
export interface ShimSettings {
  /** Replaces Anthropic's `usage` and OpenAI's; they get the vendor's own counts, which aimock has no cache part of. */
  usage: (usage: Record<string, unknown>) => Record<string, unknown> | undefined;
  /** Sent with an error status; aimock has it for 429 alone. */
  retryAfter: string | undefined;
  /** Text put into the stream before its nth frame, from 0. */
  insert: { readonly before: number; readonly text: string } | undefined;
}

export interface Shim {
  readonly url: string;
  readonly settings: ShimSettings;
  /** Bodies of the calls, in order, also of those that failed. */
  readonly bodies: string[];
  close(): Promise<void>;
}

/** Both vendors' counts, as their documents have them, of a call that read 600 tokens from the cache and wrote 80. */
export function cachedUsage(usage: Record<string, unknown>): Record<string, unknown> {
  return "total_tokens" in usage
    ? {
        ...usage,
        input_tokens: 700,
        input_tokens_details: { cached_tokens: 600, cache_write_tokens: 80 },
        output_tokens: 9,
      }
    : { ...usage, input_tokens: 20, cache_read_input_tokens: 600, cache_creation_input_tokens: 80, output_tokens: 9 };
}

/**
 * A proxy in front of aimock for what it drops: cache counts, `retry-after` beside 529, request ids, and any look at what it
 * is asked: a body that the vendor's documents refuse is refused here with 400.
 */
export async function startShim(upstream: string): Promise<Shim> {
  const settings: ShimSettings = { usage: cachedUsage, retryAfter: undefined, insert: undefined };
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void relay({ upstream, settings, bodies }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    settings,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Relay {
  readonly upstream: string;
  readonly settings: ShimSettings;
  readonly bodies: string[];
}

async function relay(shim: Relay, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  shim.bodies.push(text);
  const path = request.url ?? "/";
  const refusal = refusalOf(path, text, request.headers["anthropic-beta"]?.toString() ?? "");
  if (refusal !== undefined) {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: refusal } }));
    return;
  }
  const answer = await postTo(shim.upstream + path, text);
  const status = answer.statusCode ?? 502;
  const retryAfter = status >= 400 ? (shim.settings.retryAfter ?? answer.headers["retry-after"]) : undefined;
  response.writeHead(status, {
    "content-type": answer.headers["content-type"] ?? "application/json",
    "request-id": "req_shim",
    "x-request-id": "req_shim",
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  });
  response.flushHeaders();
  let rest = "";
  let frame = 0;
  const { insert } = shim.settings;
  try {
    answer.setEncoding("utf8");
    for await (const piece of answer) {
      const frames = (rest + String(piece)).split("\n\n");
      rest = frames.pop() ?? "";
      for (const each of frames) {
        if (insert !== undefined && frame === insert.before) response.write(insert.text);
        response.write(`${withUsage(each, shim.settings)}\n\n`);
        frame += 1;
      }
    }
    response.end(rest);
  } catch {
    // Cut there, cut here; what came before shall arrive.
    await sleep(20);
    response.destroy();
  }
}

function postTo(url: string, text: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      authorization: "Bearer k",
      "x-api-key": "k",
      "anthropic-version": "2023-06-01",
    };
    const call = httpRequest(url, { method: "POST", headers }, resolve);
    call.on("error", reject);
    call.end(text);
  });
}

/** The reason for which a vendor would refuse this body; undefined when it would not. Bodies without documents here pass. */
function refusalOf(path: string, text: string, betas: string): string | undefined {
  try {
    if (path === "/v1/messages") parseMessagesRequest(JSON.parse(text), betas);
    if (path === "/v1/responses") parseResponsesRequest(JSON.parse(text));
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

function withUsage(frame: string, settings: ShimSettings): string {
  return frame.replace(/^data: (\{.*\})$/mu, (line, json: string) => {
    const event: unknown = JSON.parse(json);
    if (!isRecord(event)) return line;
    for (const holder of [event, event["message"], event["response"]]) {
      if (!isRecord(holder) || !isRecord(holder["usage"])) continue;
      holder["usage"] = settings.usage(holder["usage"]);
    }
    return `data: ${JSON.stringify(event)}`;
  });
}
