import { forgeError } from "./errors.ts";

/** The whole of a stream, at most `maxBytes`; more is a permanent `too_large` and the stream is cancelled. */
export async function readAll(
  stream: ReadableStream<unknown>,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const chunk = asBytes(value);
    total += chunk.length;
    if (total > maxBytes) {
      await reader.cancel();
      throw forgeError("permanent", "too_large", `${what}: more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return concatenate(chunks, total);
}

/** The last `maxBytes` of a stream, never keeping much more in memory. */
export async function readTail(stream: ReadableStream<unknown>, maxBytes: number): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let kept = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const chunk = asBytes(value);
    chunks.push(chunk);
    kept += chunk.length;
    let drop = 0;
    while (drop < chunks.length - 1 && kept - (chunks[drop]?.length ?? 0) >= maxBytes) {
      kept -= chunks[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) chunks = chunks.slice(drop);
  }
  return concatenate(chunks, kept).subarray(Math.max(0, kept - maxBytes));
}

/** The bodies of `fetch` have an open type; their chunks are always bytes. */
function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("a chunk of a body is not bytes");
}

/**
 * Passes a stream on, and fails it with a PortError when more than `maxBytes` come (`too_large`) or when nothing comes
 * for `idleTimeoutMs` (`timeout`).
 */
export function guardStream(
  source: ReadableStream<unknown>,
  limits: { readonly maxBytes: number; readonly idleTimeoutMs: number },
  what: string,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let total = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await inTime(reader, limits.idleTimeoutMs, what);
      if (done) {
        controller.close();
        return;
      }
      total += value.length;
      if (total > limits.maxBytes) {
        await reader.cancel();
        throw forgeError("permanent", "too_large", `${what}: more than ${limits.maxBytes} bytes`);
      }
      controller.enqueue(value);
    },
    async cancel(reason) {
      await reader.cancel(reason);
    },
  });
}

type Chunk = { readonly done: true; readonly value?: undefined } | { readonly done: false; readonly value: Uint8Array };

async function inTime(reader: ReadableStreamDefaultReader<unknown>, timeoutMs: number, what: string): Promise<Chunk> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  try {
    const first = await Promise.race([reader.read(), tooLate]);
    if (first !== "late") return first.done ? { done: true } : { done: false, value: asBytes(first.value) };
  } catch {
    throw forgeError("transient", "server_error", `${what}: the answer broke off`);
  } finally {
    clearTimeout(timer);
  }
  reader.cancel().catch(() => undefined);
  throw forgeError("transient", "timeout", `${what}: no byte for ${timeoutMs} ms`);
}

function concatenate(chunks: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
