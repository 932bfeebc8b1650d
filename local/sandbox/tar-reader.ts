import { HostError } from "./errors.ts";

const blockBytes = 512;
/** Bound of one extended header: names and links, nothing large. */
const maxExtendedBytes = 1024 * 1024;

export type TarKind = "file" | "directory" | "symlink" | "hard link" | "device";

export interface TarEntry {
  readonly path: string;
  readonly kind: TarKind;
  readonly executable: boolean;
  /** Bytes of content; 0 for all but files. */
  readonly sizeBytes: number;
  /** What a symlink or hard link points at. */
  readonly target: string;
  /** The content in pieces. What isn't read is skipped when the next entry is asked for. */
  readonly content: () => AsyncGenerator<Buffer>;
}

interface Extended {
  readonly path?: string;
  readonly target?: string;
  readonly sizeBytes?: number;
}

/**
 * Reads a tar stream (ustar with pax or GNU long names: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html)
 * entry by entry. Throws `invalid_archive` for a bad checksum, a number or name that can't be read, or a cut stream.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const blocks = new ByteSource(source);
  let global: Extended = {};
  let local: Extended = {};
  for (;;) {
    const header = await blocks.take(blockBytes, "at-boundary");
    if (header === undefined || header.every((byte) => byte === 0)) return;
    checkSum(header);
    const declaredBytes = readNumber(header.subarray(124, 136));
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      const body = await readExtended(blocks, declaredBytes);
      if (type === "g") global = { ...global, ...parsePax(body) };
      else if (type === "x") local = { ...local, ...parsePax(body) };
      else if (type === "L") local = { ...local, path: decode(untilNul(body)) };
      else local = { ...local, target: decode(untilNul(body)) };
      continue;
    }
    const extended = { ...global, ...local };
    local = {};
    const kind = kindOf(type);
    const path = extended.path ?? headerPath(header);
    const sizeBytes = extended.sizeBytes ?? declaredBytes;
    let left = sizeBytes;
    yield {
      path,
      // Old archives mark a directory by its name alone.
      kind: kind === "file" && path.endsWith("/") ? "directory" : kind,
      executable: (readNumber(header.subarray(100, 108)) & 0o100) !== 0,
      sizeBytes: kind === "file" ? sizeBytes : 0,
      target: extended.target ?? decode(untilNul(header.subarray(157, 257))),
      content: async function* () {
        while (left > 0) {
          const piece = await blocks.some(left);
          left -= piece.byteLength;
          yield piece;
        }
      },
    };
    while (left > 0) left -= (await blocks.some(left)).byteLength;
    await skipPadding(blocks, sizeBytes);
  }
}

function kindOf(type: string): TarKind {
  if (type === "0" || type === "\0" || type === "7") return "file";
  if (type === "5") return "directory";
  if (type === "2") return "symlink";
  if (type === "1") return "hard link";
  if (type === "3" || type === "4" || type === "6") return "device";
  throw invalid(`an entry of unknown type ${JSON.stringify(type)}`);
}

async function readExtended(blocks: ByteSource, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes > maxExtendedBytes) throw invalid("an extended header is too large");
  const body = await blocks.take(sizeBytes, "inside");
  await skipPadding(blocks, sizeBytes);
  return body ?? Buffer.alloc(0);
}

async function skipPadding(blocks: ByteSource, sizeBytes: number): Promise<void> {
  await blocks.take((blockBytes - (sizeBytes % blockBytes)) % blockBytes, "inside");
}

function headerPath(header: Buffer): string {
  const name = decode(untilNul(header.subarray(0, 100)));
  const isUstar = header.subarray(257, 263).toString("latin1") === "ustar\0";
  const prefix = isUstar ? decode(untilNul(header.subarray(345, 500))) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Records of a pax header: "<length> <key>=<value>\n", where the length counts the whole record in bytes. */
function parsePax(body: Buffer): Extended {
  let extended: Extended = {};
  for (let start = 0; start < body.byteLength;) {
    const space = body.indexOf(0x20, start);
    const digits = space === -1 ? "" : body.subarray(start, space).toString("latin1");
    const length = /^[1-9]\d{0,7}$/.test(digits) ? Number(digits) : 0;
    const end = start + length;
    if (end <= space + 1 || end > body.byteLength || body[end - 1] !== 0x0a)
      throw invalid("a pax record can't be read");
    const record = body.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    const key = record.subarray(0, Math.max(0, equals)).toString("latin1");
    const value = record.subarray(equals + 1);
    if (key === "path") extended = { ...extended, path: decode(value) };
    else if (key === "linkpath") extended = { ...extended, target: decode(value) };
    else if (key === "size") extended = { ...extended, sizeBytes: decimal(value.toString("latin1")) };
    start = end;
  }
  return extended;
}

function decimal(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(`a size of ${JSON.stringify(text)}`);
  return Number(text);
}

/** Octal text, or GNU's base 256 when the first bit is set. */
function readNumber(field: Buffer): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    const value = BigInt(`0x${Buffer.from([first & 0x7f, ...field.subarray(1)]).toString("hex")}`);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid("a number is too large");
    return Number(value);
  }
  const text = field.toString("latin1").replaceAll("\0", " ").trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw invalid(`a number of ${JSON.stringify(text)}`);
  return Number.parseInt(text, 8);
}

function checkSum(header: Buffer): void {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  if (sum !== readNumber(header.subarray(148, 156))) throw invalid("a header's checksum is wrong");
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("a name is not UTF-8");
  }
}

function invalid(what: string): HostError {
  return new HostError("invalid_archive", `the archive has ${what}`);
}

/** Byte counts out of a stream of chunks. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly `count` bytes; undefined when the stream ends at the boundary before them. */
  async take(count: number, place: "at-boundary" | "inside"): Promise<Buffer | undefined> {
    while (this.#held.byteLength < count) {
      const more = await this.#pull();
      if (more !== undefined) this.#held = Buffer.concat([this.#held, more]);
      else if (place === "at-boundary" && this.#held.byteLength === 0) return undefined;
      else throw invalid("no proper end, it was cut");
    }
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return bytes;
  }

  /** At least one and at most `most` bytes. */
  async some(most: number): Promise<Buffer> {
    while (this.#held.byteLength === 0) {
      const more = await this.#pull();
      if (more === undefined) throw invalid("no proper end, it was cut");
      this.#held = more;
    }
    const bytes = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(bytes.byteLength);
    return bytes;
  }

  async #pull(): Promise<Buffer | undefined> {
    const next = await this.#chunks.next();
    if (next.done === true) return undefined;
    return Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}
