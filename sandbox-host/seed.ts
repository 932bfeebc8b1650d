import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HostError } from "./errors.ts";
import type { GuestLink } from "./guest-link.ts";
import type { MuxStream } from "./guest/mux.ts";
import { readTar, TarError, type TarEntry } from "./tar-reader.ts";

export interface SeedLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export const defaultSeedLimits: SeedLimits = { maxBytes: 512 * 1024 * 1024, maxFiles: 100_000 };

/** A path of the base as the archive had it, computed by the host itself: no command can alter it. */
export interface BaseFile {
  readonly mode: "100644" | "100755" | "120000";
  readonly blob: string;
}

export interface Seeded {
  readonly files: ReadonlyMap<string, BaseFile>;
  readonly sizeBytes: number;
}

/**
 * Streams a gzipped tarball into a directory of the sandbox and returns the base listing. The archive is read and checked
 * here, entry by entry; the guest only writes files. Throws `invalid_archive`, `too_large`, or what the guest reports.
 */
export async function seedSandbox(
  link: GuestLink,
  target: { readonly dir: string; readonly base: string },
  tarball: Readable,
  limits: SeedLimits,
): Promise<Seeded> {
  const collector = new BaseCollector(limits);
  await link.call(
    { op: "seed", ...target },
    {
      input: async (stream) => {
        try {
          for await (const entry of readTar(gunzip(tarball))) await collector.add(entry, stream);
        } catch (error) {
          throw error instanceof TarError ? new HostError("invalid_archive", error.message) : error;
        }
      },
    },
  );
  return { files: collector.files, sizeBytes: collector.sizeBytes };
}

async function* gunzip(tarball: Readable): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  const feeding = pipeline(tarball, unzip);
  feeding.catch(() => {});
  try {
    for await (const chunk of unzip) if (chunk instanceof Uint8Array) yield chunk;
    await feeding;
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError("invalid_archive", "the archive is not a whole gzip stream");
  } finally {
    unzip.destroy();
  }
}

class BaseCollector {
  readonly files = new Map<string, BaseFile>();
  sizeBytes = 0;
  readonly #directories = new Set<string>();
  readonly #limits: SeedLimits;
  #entryCount = 0;

  constructor(limits: SeedLimits) {
    this.#limits = limits;
  }

  async add(entry: TarEntry, stream: MuxStream): Promise<void> {
    this.#entryCount += 1;
    // Directories cost nothing to send and time to read.
    if (this.#entryCount > 2 * this.#limits.maxFiles + 100)
      throw new HostError("too_large", "the archive has too many entries");
    const path = relativePath(entry.path);
    if (path === undefined || entry.kind === "directory") return;
    if (entry.kind === "hard link" || entry.kind === "device") {
      throw new HostError("invalid_archive", `${path} is a ${entry.kind}, which is refused`);
    }
    this.#claim(path);
    this.#spend(entry.kind === "file" ? entry.sizeBytes : Buffer.byteLength(entry.target));
    if (entry.kind === "symlink") {
      if (entry.target === "" || entry.target.includes("\0") || Buffer.byteLength(entry.target) > 4095) {
        throw new HostError("invalid_archive", `${path} is a symlink without a usable target`);
      }
      await stream.note({ kind: "symlink", path, target: entry.target });
      const bytes = Buffer.from(entry.target);
      this.files.set(path, { mode: "120000", blob: startBlob(bytes.byteLength).update(bytes).digest("hex") });
      return;
    }
    const { sizeBytes, executable } = entry;
    await stream.note({ kind: "file", path, sizeBytes, executable });
    const hash = startBlob(sizeBytes);
    for await (const piece of entry.content()) {
      hash.update(piece);
      await stream.data(piece);
    }
    this.files.set(path, { mode: executable ? "100755" : "100644", blob: hash.digest("hex") });
  }

  /** A path may come once, and never below a file or symlink or in place of a directory. */
  #claim(path: string): void {
    if (this.files.has(path) || this.#directories.has(path)) {
      throw new HostError("invalid_archive", `${path} comes twice`);
    }
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      if (this.files.has(parent)) throw new HostError("invalid_archive", `${parent} is both a file and a directory`);
      this.#directories.add(parent);
    }
  }

  #spend(bytes: number): void {
    this.sizeBytes += bytes;
    if (this.sizeBytes > this.#limits.maxBytes) {
      throw new HostError("too_large", `the archive unpacks to more than ${String(this.#limits.maxBytes)} bytes`);
    }
    if (this.files.size >= this.#limits.maxFiles) {
      throw new HostError("too_large", `the archive holds more than ${String(this.#limits.maxFiles)} files`);
    }
  }
}

/** A git blob id in the making: SHA-1 over "blob <size>\0" and the content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
export function startBlob(sizeBytes: number) {
  return createHash("sha1").update(`blob ${String(sizeBytes)}\0`);
}

/** The path without its first component; undefined for that component itself. Throws `invalid_archive` for an unsafe path. */
function relativePath(path: string): string | undefined {
  const refuse = (why: string) => new HostError("invalid_archive", `${JSON.stringify(path.slice(0, 200))} ${why}`);
  if (path.startsWith("/")) throw refuse("is an absolute path");
  if (path.includes("\0")) throw refuse("contains NUL");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse("contains ..");
  if (parts.some((part) => part.toLowerCase() === ".git")) throw refuse("is inside .git");
  if (parts.some((part) => Buffer.byteLength(part) > 255) || Buffer.byteLength(path) > 4000)
    throw refuse("is too long");
  return parts.length < 2 ? undefined : parts.slice(1).join("/");
}
