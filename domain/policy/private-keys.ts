/** The first line of a private key: https://www.rfc-editor.org/rfc/rfc7468 and OpenSSH's own. */
const begins = /-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/u;
const ends = /-----END (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/u;
/** Longer than any key is. */
const maxKeyCharacters = 20_000;
/** The lines of a key whose end is missing: base64 with line ends as they are or as JSON has them. */
const body = /(?:[A-Za-z0-9+/=]{16,}|\s|\\[nr])*/uy;
const bodyLine = /^[A-Za-z0-9+/=]{16,}$/u;
const mark = "[redacted: private key]";

/** The text with every private key replaced as a whole, from its first line to its last; of a part of one, what is there. */
export function redactPrivateKeys(text: string): string {
  if (!text.includes("PRIVATE KEY")) return text;
  const mayEnd = text.includes("-----END");
  let rest = text;
  let redacted = "";
  for (;;) {
    const first = begins.exec(rest);
    if (first === null) return redacted + withoutTail(rest);
    redacted += withoutTail(rest.slice(0, first.index)) + mark;
    rest = rest.slice(first.index + first[0].length);
    const last = mayEnd ? ends.exec(rest.slice(0, maxKeyCharacters)) : null;
    body.lastIndex = 0;
    const length = last === null ? (body.exec(rest)?.[0].trimEnd().length ?? 0) : last.index + last[0].length;
    rest = rest.slice(length);
  }
}

/** Where a text that still grows might be inside a private key: the place of its first line, whole or begun. Undefined: in none. */
export function openKeyAt(text: string): number | undefined {
  const at = text.lastIndexOf("-----BEGIN");
  return at >= 0 && text.length - at < 80 ? at : undefined;
}

/** The place behind a private key's first line in the text; undefined where there is none. */
export function keyStart(text: string): number | undefined {
  return endOf(begins, text);
}

/** The place behind a private key's last line in the text; undefined where there is none. */
export function keyEnd(text: string): number | undefined {
  return endOf(ends, text);
}

function endOf(pattern: RegExp, text: string): number | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : found.index + found[0].length;
}

/** The text without the last lines of keys whose first line is missing. */
function withoutTail(text: string): string {
  let rest = text;
  let redacted = "";
  for (;;) {
    const last = ends.exec(rest);
    if (last === null) return redacted + rest;
    const lines = rest.slice(0, last.index).split("\n");
    let from = lines.length;
    // The line of the end mark itself is the last one, empty or the key's last part.
    while (from > 0 && isBody(lines[from - 1]?.trim() ?? "")) from -= 1;
    redacted += `${lines
      .slice(0, from)
      .map((line) => `${line}\n`)
      .join("")}${mark}`;
    rest = rest.slice(last.index + last[0].length);
  }
}

function isBody(line: string): boolean {
  return line === "" || bodyLine.test(line);
}
