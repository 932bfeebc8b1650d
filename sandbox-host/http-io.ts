import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type * as z from "zod";
import { HostError } from "./errors.ts";

/** One request under way, as a route handler gets it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** Reads a whole body. Throws `too_large` over `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.byteLength;
    if (length > maxBytes) throw new HostError("too_large", `a body of at most ${String(maxBytes)} bytes is taken`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON body against a schema. Throws `invalid_request` that names the first fault. */
export async function readJson<T>(request: IncomingMessage, schema: z.ZodType<T>, maxBytes = 1024 * 1024): Promise<T> {
  return check(schema, parseJson((await readBody(request, maxBytes)).toString("utf8")));
}

/** Parses JSON. Throws `invalid_request`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HostError("invalid_request", "the body is not JSON");
  }
}

/** The first bytes of a body, and the rest as it comes. Throws `invalid_request` when there are fewer. */
export async function readHead(
  request: IncomingMessage,
  headBytes: number,
): Promise<{ readonly head: Buffer; readonly rest: AsyncGenerator<Buffer> }> {
  const chunks = bytesOf(request);
  const kept: Buffer[] = [];
  let length = 0;
  while (length < headBytes) {
    const next: IteratorResult<Buffer, void> = await chunks.next();
    if (next.done === true) throw new HostError("invalid_request", "the body is cut");
    kept.push(next.value);
    length += next.value.byteLength;
  }
  const all = Buffer.concat(kept);
  return { head: all.subarray(0, headBytes), rest: after(all.subarray(headBytes), chunks) };
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer, void> {
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) yield chunk;
}

async function* after(first: Buffer, chunks: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer> {
  if (first.byteLength > 0) yield first;
  yield* chunks;
}

/** Checks a query string against a schema; of a name that comes twice the last counts. Throws `invalid_request`. */
export function readQuery<T>(query: URLSearchParams, schema: z.ZodType<T>): T {
  return check(schema, Object.fromEntries(query));
}

/** Checks a value against a schema. Throws `invalid_request` that names the first fault and where it is. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join(".") ?? "";
  throw new HostError("invalid_request", `${place === "" ? "the request" : place}: ${issue?.message ?? "not valid"}`);
}

/** Answers 200 with JSON. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** Answers with problem+json, or cuts the connection when the answer has already begun. */
export function sendProblem(response: ServerResponse, error: HostError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(error.status, { "content-type": "application/problem+json", connection: "close" });
  response.end(
    JSON.stringify({
      title: error.code,
      status: error.status,
      code: error.code,
      kind: error.kind,
      detail: error.message,
    }),
  );
}

/** Writes at the client's pace. Throws when the client has gone. */
export async function write(response: ServerResponse, bytes: Uint8Array | string): Promise<void> {
  if (response.destroyed) throw new HostError("cancelled", "the client has gone");
  if (response.write(bytes)) return;
  const left = new AbortController();
  try {
    await Promise.race([
      once(response, "drain", { signal: left.signal }),
      once(response, "close", { signal: left.signal }).then(() => {
        throw new HostError("cancelled", "the client has gone");
      }),
    ]);
  } finally {
    left.abort();
  }
}
