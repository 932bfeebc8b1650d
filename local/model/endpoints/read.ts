import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Provider } from "../wire/conversation.ts";
import { WireError } from "../wire/errors.ts";

const maxBodyBytes = 32 * 1024 * 1024;

/** The request's JSON body. Throws WireError 413 over 32 MB, 400 when it isn't JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBodyBytes)
      throw new WireError(413, "too_large", "Request exceeds the maximum allowed number of bytes.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new WireError(400, "bad_request", "The request body is not valid JSON.");
  }
}

/** The caller's key, which may be anything but empty. Throws WireError 401 without one. */
export function readApiKey(headers: IncomingHttpHeaders, provider: Provider): string {
  const given = headers["x-api-key"];
  const bearer = /^Bearer\s+(\S+)$/iu.exec(headers.authorization ?? "")?.[1];
  const key = (Array.isArray(given) ? given.at(0) : given) ?? bearer ?? "";
  if (key.trim() !== "") return key;
  const message = provider === "anthropic" ? "x-api-key header is required" : "You didn't provide an API key.";
  throw new WireError(401, "unauthorized", message);
}
