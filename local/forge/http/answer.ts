import type { Readable } from "node:stream";

export type Headers = Readonly<Record<string, string>>;

/** The answer of a handler. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly value: unknown; readonly headers: Headers }
  | { readonly kind: "bytes"; readonly status: number; readonly bytes: Uint8Array; readonly headers: Headers }
  | { readonly kind: "stream"; readonly status: number; readonly stream: Readable; readonly headers: Headers }
  | { readonly kind: "empty"; readonly status: number; readonly headers: Headers };

/** A JSON answer; name the schema as `T` so that a missing or invented field fails the type check. */
export function json<T>(status: number, value: T, headers: Headers = {}): Answer {
  return { kind: "json", status, value, headers };
}

/** An answer without a body. */
export function empty(status: number, headers: Headers = {}): Answer {
  return { kind: "empty", status, headers };
}

/** A whole body of the given media type. */
export function bytes(status: number, content: Uint8Array, contentType: string, headers: Headers = {}): Answer {
  return { kind: "bytes", status, bytes: content, headers: { ...headers, "content-type": contentType } };
}

/** Plain text in UTF-8. */
export function plain(status: number, text: string): Answer {
  return bytes(status, Buffer.from(text, "utf8"), "text/plain; charset=utf-8");
}

/** A body that is sent as it comes; cut off when the stream fails. */
export function stream(status: number, content: Readable, contentType: string, headers: Headers = {}): Answer {
  return { kind: "stream", status, stream: content, headers: { ...headers, "content-type": contentType } };
}

/** Sends the caller to another address. */
export function redirect(status: 302 | 303, location: string): Answer {
  return empty(status, { location });
}
