/** One file or symlink of a tar archive. Directories are left out: git keeps none. */
export interface TarEntry {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  /** A symlink's target for a symlink. */
  readonly content: Buffer;
}

/** The archive is damaged, or holds what a repository can't. */
export class TarError extends Error {
  override readonly name = "TarError";
}

const blockBytes = 512;

function text(block: Buffer, from: number, length: number): string {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

/** A number field: octal text, or (first bit set) big-endian binary. */
function number(block: Buffer, from: number, length: number): number {
  const first = block[from] ?? 0;
  if ((first & 0x80) !== 0) return block.subarray(from + 1, from + length).reduce((sum, byte) => sum * 256 + byte, 0);
  const octal = text(block, from, length).trim();
  return octal === "" ? 0 : Number.parseInt(octal, 8);
}

function checkSum(block: Buffer): boolean {
  const sum = block.reduce((total, byte, position) => total + (position >= 148 && position < 156 ? 32 : byte), 0);
  return sum === number(block, 148, 8);
}

/** The records of a pax header: `length key=value\n`, the length counted in bytes. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.subarray(at, space < 0 ? at : space).toString("utf8"));
    if (!Number.isInteger(length) || length <= 0) break;
    const record = content.subarray(space + 1, at + length - 1).toString("utf8");
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/**
 * Reads a whole tar archive (ustar, pax, GNU long names) out of memory; nothing is written to disk. Hard links become
 * copies; devices and pipes are left out. Throws TarError when it is damaged.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function readTar(archive: Buffer): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  let pax = new Map<string, string>();
  let longName: string | undefined;
  let longLink: string | undefined;
  let at = 0;
  while (at + blockBytes <= archive.length) {
    const block = archive.subarray(at, at + blockBytes);
    if (block.every((byte) => byte === 0)) break;
    if (!checkSum(block)) throw new TarError("the archive is damaged: a header's checksum is wrong");
    const size = Number(pax.get("size") ?? number(block, 124, 12));
    const content = archive.subarray(at + blockBytes, at + blockBytes + size);
    if (!Number.isSafeInteger(size) || content.length < size) throw new TarError("the archive is cut off");
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    const type = String.fromCharCode(block[156] ?? 0);
    if (type === "x") pax = paxRecords(content);
    if (type === "L") longName = text(content, 0, content.length);
    if (type === "K") longLink = text(content, 0, content.length);
    if (type === "x" || type === "g" || type === "L" || type === "K") continue;
    const prefix = text(block, 257, 5) === "ustar" ? text(block, 345, 155) : "";
    const path =
      pax.get("path") ?? longName ?? (prefix === "" ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`);
    const link = pax.get("linkpath") ?? longLink ?? text(block, 157, 100);
    const mode = (number(block, 100, 8) & 0o100) !== 0 ? "100755" : "100644";
    pax = new Map();
    longName = undefined;
    longLink = undefined;
    if (type === "0" || type === "\0" || type === "7") entries.set(path, { path, mode, content });
    if (type === "2") entries.set(path, { path, mode: "120000", content: Buffer.from(link, "utf8") });
    const original = type === "1" ? entries.get(link) : undefined;
    if (original !== undefined) entries.set(path, { ...original, path });
  }
  return [...entries.values()];
}
