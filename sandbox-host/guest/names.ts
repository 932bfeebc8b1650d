/**
 * Names of files are bytes, and not all of them UTF-8. A byte that is no part of UTF-8 is kept as one character of U+EF80 to
 * U+EFFF (its value after U+EF00), and a name that really holds such a character has each of its bytes kept that way: every
 * name has one text, and every text gives its name back.
 */
const escapeBase = 0xef00;
const escaped = /[\uef80-\uefff]/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a name's bytes. */
export function nameText(bytes: Uint8Array): string {
  try {
    const text = decoder.decode(bytes);
    if (!escaped.test(text)) return text;
  } catch {
    // Not UTF-8.
  }
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(escapeBase + (bytes[at] ?? 0));
      at += 1;
      continue;
    }
    const part = decoder.decode(bytes.subarray(at, at + length));
    text += escaped.test(part)
      ? [...bytes.subarray(at, at + length)].map((byte) => String.fromCharCode(escapeBase + byte)).join("")
      : part;
    at += length;
  }
  return text;
}

/** Length of the UTF-8 sequence at a position; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    try {
      decoder.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Not whole yet, or none.
    }
  }
  return 0;
}

/** The bytes of a text that `nameText` made. Every other text gives its UTF-8. */
export function nameBytes(text: string): Buffer {
  if (!escaped.test(text)) return Buffer.from(text, "utf8");
  return Buffer.concat(
    text
      .split(/([\uef80-\uefff]+)/)
      .map((part) =>
        escaped.test(part)
          ? Buffer.from(Array.from(part, (character) => character.charCodeAt(0) - escapeBase))
          : Buffer.from(part, "utf8"),
      ),
  );
}

/** A path as the file system takes it: the text itself where that is plain, since most calls are faster with it. */
export function fsPath(text: string): string | Buffer {
  return escaped.test(text) ? nameBytes(text) : text;
}

/** NUL-separated names, without empty ones. */
export function splitNames(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  for (let start = 0; start < bytes.byteLength;) {
    const nul = bytes.indexOf(0, start);
    const end = nul === -1 ? bytes.byteLength : nul;
    if (end > start) names.push(nameText(bytes.subarray(start, end)));
    start = end + 1;
  }
  return names;
}
