import { withoutId } from "./archive-content.ts";

/** The attributes that say how git converts a file on its way into the repository, as `git check-attr` prints their values. */
export const cleanAttributes = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"] as const;
export type FileAttributes = Readonly<Partial<Record<(typeof cleanAttributes)[number], string>>>;

type LineEnds = "keep" | "text" | "auto";

/**
 * The content as `git add` would store it: line ends by `text`, `crlf` and `eol`, `$Id$` by `ident`, UTF-16 with a byte order mark
 * by `working-tree-encoding` (https://git-scm.com/docs/gitattributes). The work tree holds the tree's blobs as they are, so other
 * encodings are left alone. Programs of `filter` are never run. Returns the same object when nothing changes.
 *
 * @param baseHasCrlf whether the content before has CRLF in text, which `text=auto` then leaves as it is
 */
export function cleaned(content: Buffer, attributes: FileAttributes, baseHasCrlf: boolean): Buffer {
  const decoded = attributes["working-tree-encoding"]?.toUpperCase().startsWith("UTF-16") === true;
  const text = decoded ? (fromUtf16(content) ?? content) : content;
  const ended = withLineEnds(text, lineEndsOf(attributes), baseHasCrlf);
  return attributes.ident === "set" ? withoutId(ended) : ended;
}

/** Whether the content is text that has CRLF. */
export function hasTextCrlf(content: Buffer): boolean {
  return content.includes("\r\n") && !statsOf(content).isBinary;
}

function lineEndsOf({ crlf, eol, text }: FileAttributes): LineEnds {
  const named = actionOf(text) ?? actionOf(crlf);
  if (named === "keep") return "keep";
  if (eol === "lf" || eol === "crlf") return named ?? "text";
  return named ?? "keep";
}

function actionOf(value: string | undefined): LineEnds | undefined {
  if (value === "set" || value === "input") return "text";
  if (value === "unset") return "keep";
  return value === "auto" ? "auto" : undefined;
}

function withLineEnds(content: Buffer, ends: LineEnds, baseHasCrlf: boolean): Buffer {
  if (ends === "keep" || !content.includes("\r\n")) return content;
  if (ends === "auto" && (baseHasCrlf || statsOf(content).isBinary)) return content;
  return Buffer.from(content.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

/** Git's own guess: a NUL, a CR alone, or more than one unprintable byte in 128. */
function statsOf(content: Buffer): { readonly isBinary: boolean } {
  let printable = 0;
  let unprintable = 0;
  for (let at = 0; at < content.length; at += 1) {
    const byte = content[at] ?? 0;
    if (byte === 13) {
      if (content[at + 1] !== 10) return { isBinary: true };
      at += 1;
    } else if (byte === 0) return { isBinary: true };
    else if (byte === 127 || (byte < 32 && byte !== 10 && !plainControls.has(byte))) unprintable += 1;
    else if (byte !== 10) printable += 1;
  }
  // A last Ctrl-Z is DOS's end of file.
  if (content.at(-1) === 26) unprintable -= 1;
  return { isBinary: printable >> 7 < unprintable };
}

/** Backspace, tab, form feed and escape. */
const plainControls: ReadonlySet<number> = new Set([8, 9, 12, 27]);

/** UTF-16 with a byte order mark as UTF-8; undefined for anything else. */
function fromUtf16(content: Buffer): Buffer | undefined {
  const [first, second] = content;
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "";
  if (encoding === "") return undefined;
  try {
    return Buffer.from(new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(content), "utf8");
  } catch {
    return undefined;
  }
}
