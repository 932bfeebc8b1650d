import { bodyLimit } from "hono/body-limit";
import { ServiceError } from "../errors.ts";

/** Of a body that is refused, at most this many times its limit is read before the answer. */
const discardedLimits = 4;

/**
 * Refuses a body of more than `maxBytes` by its declared length or, when there is none, while reading. `detail` is the message;
 * `discardedBytes` are read of a body that is refused, for a client that would else not see the answer.
 */
export function limitBody(
  maxBytes: number,
  {
    detail = `A body may have at most ${maxBytes.toLocaleString("en")} bytes.`,
    discardedBytes = maxBytes * discardedLimits,
  }: { readonly detail?: string; readonly discardedBytes?: number } = {},
) {
  return bodyLimit({
    maxSize: maxBytes,
    onError: async (c) => {
      await discard(c.req.raw, discardedBytes);
      throw new ServiceError("payload_too_large", detail);
    },
  });
}

/**
 * Reads and drops a request's body, at most `maxBytes` of it. A client that is still sending when the connection closes sees a broken
 * connection in place of the answer.
 */
async function discard({ body }: Request, maxBytes: number): Promise<void> {
  if (body === null || body.locked || maxBytes === 0) return;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  try {
    for (let readBytes = 0; readBytes <= maxBytes;) {
      const { done, value } = await reader.read();
      if (done) return;
      readBytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The client has gone: there is no one to answer.
  }
}
