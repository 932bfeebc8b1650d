import type { Encoding } from "../../contracts/patch-set.ts";

/** A file's bytes as rules and people read them. Rules read every content; only one that is not `binary` can be shown. */
export interface ReadContent {
  readonly encoding: Encoding;
  /** Every byte is in it: valid UTF-8 as its characters, other bytes as the Latin-1 characters of the same number. */
  readonly text: string;
  /** The same bytes read one by one, where `text` is read by twos: a program may read them so. */
  readonly byteText?: string;
}

/** A text has at most this share of NULs and control characters, and may have a few whatever its length. */
const maxControlShare = 0.1;
const fewControls = 2;
/** Where this share of the code units of one half are NUL, two bytes make a character. */
const minHalfShare = 0.3;

/**
 * Reads bytes as text: UTF-16 by its mark or its zero bytes, else UTF-8 with whatever else stands in it. Linear in the bytes.
 */
export function readContent(bytes: Uint8Array): ReadContent {
  const wide = utf16Of(bytes);
  if (wide !== undefined) {
    const text = new TextDecoder(wide, { fatal: false, ignoreBOM: true }).decode(bytes);
    return { encoding: isMostlyText(text) ? wide : "binary", text, byteText: mixedText(bytes) };
  }
  const whole = strictUtf8(bytes);
  const text = whole ?? mixedText(bytes);
  if (!isMostlyText(text)) return { encoding: "binary", text };
  return { encoding: whole === undefined || bytes.includes(0) ? "mixed" : "utf-8", text };
}

/** Whether a content can be shown to a reader as text. */
export function isReadable({ encoding }: ReadContent): boolean {
  return encoding !== "binary";
}

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return undefined;
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) {
    // Behind a false mark a script would be shown as other signs than those that run.
    const isSingle = !bytes.includes(0) && strictUtf8(bytes.subarray(2)) !== undefined && bytes.length > 2;
    return isSingle ? undefined : mark === 0xfffe ? "utf-16le" : "utf-16be";
  }
  const zeros = [0, 0];
  for (const [index, byte] of bytes.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const units = bytes.length / 2;
  if (odd >= units * minHalfShare && even <= units * 0.01) return "utf-16le";
  if (even >= units * minHalfShare && odd <= units * 0.01) return "utf-16be";
  return undefined;
}

/** Valid UTF-8 sequences as their characters, every other byte as Latin-1. */
function mixedText(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > from) parts.push(decoder.decode(bytes.subarray(from, at)));
    parts.push(String.fromCharCode(bytes[at] ?? 0));
    at += 1;
    from = at;
  }
  parts.push(decoder.decode(bytes.subarray(from)));
  return parts.join("");
}

/** The bytes of the UTF-8 sequence at a place, 0 where none begins. Table 3-7 of the Unicode Standard. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let index = at + 2; index < at + length; index += 1) {
    const next = bytes[index] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

/** NULs and other control characters that a text has at most by mistake, and what stands for halves of surrogate pairs. */
const controls = /[\u0000-\u0007\u000e-\u001a\u001c-\u001f\u007f-\u009f\ufffd-\uffff]/gu;

function isMostlyText(text: string): boolean {
  return (text.match(controls)?.length ?? 0) <= Math.max(fewControls, text.length * maxControlShare);
}
