import { once } from "node:events";
import { nameText } from "./guest/names.ts";
import { extract, type Extract, type Header } from "tar-stream";

export type TarKind = "file" | "directory" | "symlink" | "hard link" | "device";

export interface TarEntry {
  readonly path: string;
  readonly kind: TarKind;
  readonly executable: boolean;
  /** Bytes of content; 0 for all but files. */
  readonly sizeBytes: number;
  /** The target of a symlink or hard link, else empty. As the path, it is a text of `guest/names.ts`. */
  readonly target: string;
  /** The content in pieces. Content that isn't read is skipped when the next entry is asked for. */
  readonly content: () => AsyncGenerator<Buffer>;
}

/** The archive is damaged, cut off, or holds an entry that can't be read. */
export class TarError extends Error {
  override readonly name = "TarError";
}

const kinds: Readonly<Record<Header["type"], TarKind>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "directory",
  symlink: "symlink",
  link: "hard link",
  "character-device": "device",
  "block-device": "device",
  fifo: "device",
};

// One character a byte, since the library would lose bytes that are not UTF-8. Its types don't know the option.
const options = { highWaterMark: 16_384, filenameEncoding: "latin1" };

/**
 * Reads a tar stream (ustar or GNU, with pax or GNU long names: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html)
 * entry by entry; nothing is kept in memory but the piece at hand. Paths come as the archive has them, so the caller checks them.
 * Throws TarError for a bad checksum, an entry of an unknown type, a size or name that can't be read, or a cut stream; an error
 * of the source itself is thrown as it is.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const archive = extract(options);
  let sourceError: unknown;
  const feeding = feed(source, archive).catch((error: unknown) => {
    sourceError = error;
    archive.destroy(new Error("the source failed"));
  });
  const refusal = (error: unknown): unknown => {
    if (sourceError !== undefined) return sourceError;
    return error instanceof TarError ? error : new TarError(`the archive is damaged: ${wordsOf(error)}`);
  };
  try {
    for await (const stream of archive) {
      const entry = readHeader(stream.header);
      let isRead = false;
      yield {
        ...entry,
        content: async function* () {
          isRead = true;
          try {
            for await (const piece of stream) yield toBuffer(piece);
          } catch (error) {
            throw refusal(error);
          }
        },
      };
      if (!isRead) stream.on("data", () => {});
    }
    await feeding;
  } catch (error) {
    throw refusal(error);
  }
}

/** Writes the source into the archive's reader at the reader's pace. */
async function feed(source: AsyncIterable<Uint8Array>, archive: Extract): Promise<void> {
  for await (const chunk of source) {
    if (archive.destroying) return;
    if (archive.write(chunk)) continue;
    const waiting = new AbortController();
    await Promise.race([
      once(archive, "drain", { signal: waiting.signal }),
      once(archive, "close", { signal: waiting.signal }),
    ]).finally(() => waiting.abort());
  }
  archive.end(null);
}

function readHeader(header: Header): Omit<TarEntry, "content"> {
  const { size: sizeBytes, mode } = header;
  const path = nameOf(header.name, header.pax, "path");
  // The library's type says that every type is known, and its values come from the archive.
  const type: string | null = header.type;
  const known = type !== null && Object.hasOwn(kinds, type) ? kinds[header.type] : undefined;
  // Old archives mark a directory by its name alone.
  const kind = known === "file" && path.endsWith("/") ? "directory" : known;
  if (kind === undefined) throw new TarError(`the archive is damaged: ${JSON.stringify(path)} has an unknown type`);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || !hasPlainSize(header.pax))
    throw new TarError(`the archive is damaged: ${JSON.stringify(path)} has a size that can't be read`);
  const target = nameOf(header.linkname ?? "", header.pax, "linkpath");
  return {
    path,
    kind,
    executable: (mode & 0o100) !== 0,
    sizeBytes: kind === "file" ? sizeBytes : 0,
    target,
  };
}

/** The text of a name: one from a pax header is decoded already, every other has one character a byte. Throws TarError. */
function nameOf(name: string, pax: unknown, key: "path" | "linkpath"): string {
  if (typeof pax !== "object" || pax === null || !(key in pax)) return nameText(Buffer.from(name, "latin1"));
  // The library puts this character where bytes are not UTF-8.
  if (name.includes("\uFFFD")) throw new TarError("the archive is damaged: a name is not UTF-8");
  return name;
}

/** The library reads the number that a pax size begins with; one that goes on with something else is refused. */
function hasPlainSize(pax: unknown): boolean {
  if (typeof pax !== "object" || pax === null || !("size" in pax)) return true;
  return typeof pax.size === "string" && /^\d{1,15}$/.test(pax.size);
}

function toBuffer(piece: unknown): Buffer {
  if (!(piece instanceof Uint8Array)) throw new TarError("the archive is damaged: content that is no bytes");
  return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
