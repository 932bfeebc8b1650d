import { readContent } from "./content.ts";

export interface TextEdit {
  readonly oldText: string;
  readonly newText: string;
  /** Every occurrence, not one alone. */
  readonly all: boolean;
}

export type EditResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly count: number }
  | { readonly ok: false; readonly count: number };

/** A way to see bytes as text in which every byte that is not replaced stays as it is. */
interface Codec {
  readonly decode: (bytes: Uint8Array) => string;
  readonly encode: (text: string) => Uint8Array;
  /** A text from outside as this codec has it; undefined when it can't be said in it. */
  readonly spell: (text: string) => string | undefined;
}

/**
 * Replaces a text in a file. Line ends in the old text match whichever the file has there, and the new text gets the file's own.
 * Files in UTF-16 or with bytes that are not UTF-8 keep every other byte. Without a single place to replace, `ok` is false and
 * `count` says how many there are.
 */
export function editText(bytes: Uint8Array, edit: TextEdit): EditResult {
  let count = 0;
  for (const codec of codecsOf(bytes)) {
    const text = codec.decode(bytes);
    const [oldText, newText] = [codec.spell(edit.oldText), codec.spell(edit.newText)];
    if (oldText === undefined || newText === undefined) continue;
    const found = findWithEnds(text, oldText);
    count = Math.max(count, found.count);
    if (found.count === 0 || (found.count > 1 && !edit.all)) continue;
    const written = newText.replace(/\r?\n/gu, endsFor(text, found.text, newText));
    const edited = edit.all ? text.replaceAll(found.text, () => written) : text.replace(found.text, () => written);
    return { ok: true, bytes: codec.encode(edited), count: found.count };
  }
  return { ok: false, count };
}

/** The old text with the line ends that occur in the file: as given, else all CRLF, else all LF. */
function findWithEnds(text: string, oldText: string): { readonly text: string; readonly count: number } {
  const candidates = [oldText, oldText.replace(/\r?\n/gu, "\r\n"), oldText.replace(/\r\n/gu, "\n")];
  for (const candidate of candidates) {
    const count = text.split(candidate).length - 1;
    if (count > 0) return { text: candidate, count };
  }
  return { text: oldText, count: 0 };
}

/** The line end for new text: the file's own where it has one kind, else that of the replaced text, else as it was given. */
function endsFor(text: string, replaced: string, given: string): "\r\n" | "\n" {
  const hasCrlf = text.includes("\r\n");
  const hasLf = /(?:^|[^\r])\n/u.test(text);
  if (hasCrlf !== hasLf) return hasCrlf ? "\r\n" : "\n";
  if (/\n/u.test(replaced)) return replaced.includes("\r\n") ? "\r\n" : "\n";
  return given.includes("\r\n") ? "\r\n" : "\n";
}

function codecsOf(bytes: Uint8Array): readonly Codec[] {
  const { encoding } = readContent(bytes);
  if (encoding === "utf-16le" || encoding === "utf-16be") return [utf16(encoding)];
  return encoding === "utf-8" ? [utf8] : [utf8InBytes, latin1];
}

const utf8: Codec = {
  decode: (bytes) => new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes),
  encode: (text) => new TextEncoder().encode(text),
  spell: (text) => text,
};

/** One character a byte; texts from outside are found by their UTF-8. */
const utf8InBytes: Codec = {
  decode: byteText,
  encode: (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
  spell: (text) => byteText(new TextEncoder().encode(text)),
};

/** One character a byte; texts from outside are found by their Latin-1. */
const latin1: Codec = { ...utf8InBytes, spell: (text) => (/^[\0-\u00ff]*$/u.test(text) ? text : undefined) };

function utf16(encoding: "utf-16le" | "utf-16be"): Codec {
  const isLittle = encoding === "utf-16le";
  return {
    decode: (bytes) => new TextDecoder(encoding, { fatal: false, ignoreBOM: true }).decode(bytes),
    encode: (text) => {
      const view = new DataView(new ArrayBuffer(text.length * 2));
      for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), isLittle);
      return new Uint8Array(view.buffer);
    },
    spell: (text) => text,
  };
}

function byteText(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192)
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return text;
}
