import { Buffer } from "node:buffer";

/**
 * Approximate token count of a text: its UTF-8 bytes divided by four, rounded up. Both vendors' tokenizers come out near
 * this for English and code; the point here is that the same input always counts the same.
 */
export function countTokens(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text, "utf8"));
}

/** Tokens for a number of UTF-8 bytes, rounded up. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / 4);
}
