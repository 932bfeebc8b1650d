import { createHash } from "node:crypto";

/** A git blob id in the making: SHA-1 over "blob <size>\0" and the content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
export function startBlob(sizeBytes: number) {
  return createHash("sha1").update(`blob ${String(sizeBytes)}\0`);
}

/** The git blob id of a content. */
export function blobIdOf(content: Uint8Array): string {
  return startBlob(content.byteLength).update(content).digest("hex");
}

/**
 * The blob that git archive made this content of, undoing what `.gitattributes` does to files on their way out
 * (https://git-scm.com/docs/gitattributes): line ends to CRLF, and an expanded `$Id$`. Returned only when its id is the wanted
 * one, so a wrong guess can't pass; undefined when no guess fits.
 */
export function contentOfBlob(archived: Buffer, blob: string): Buffer | undefined {
  if (blobIdOf(archived) === blob) return archived;
  const plainEnds = withoutCr(archived);
  const guesses = [plainEnds, withoutId(archived), withoutId(plainEnds)];
  return guesses.find((guess) => guess !== archived && blobIdOf(guess) === blob);
}

/** Content with LF in the place of every CRLF; the same object when there is none. */
export function withoutCr(content: Buffer): Buffer {
  if (!content.includes("\r\n")) return content;
  return Buffer.from(content.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

/** Content with `$Id$` in the place of every expanded one; the same object when there is none. */
export function withoutId(content: Buffer): Buffer {
  if (!content.includes("$Id:")) return content;
  return Buffer.from(content.toString("latin1").replaceAll(/\$Id:[^$\n]*\$/g, "$$Id$$"), "latin1");
}
