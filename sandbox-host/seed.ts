import { isExecutableMode, isSymlinkMode } from "../contracts/file-mode.ts";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { blobIdOf, contentOfBlob, startBlob } from "./archive-content.ts";
import { hasTextCrlf } from "./clean.ts";
import { HostError } from "./errors.ts";
import type { GuestLink } from "./guest-link.ts";
import type { MuxStream } from "./guest/mux.ts";
import { nameBytes, nameText } from "./guest/names.ts";
import { readTar, TarError, type TarEntry } from "./tar-reader.ts";

export interface SeedLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export const defaultSeedLimits: SeedLimits = { maxBytes: 512 * 1024 * 1024, maxFiles: 100_000 };

/** Larger files are not held in memory to be compared before they are written. */
const maxComparedBytes = 8 * 1024 * 1024;

/** A path of the base, computed by the host itself: no command can alter it. */
export interface BaseFile {
  readonly mode: "100644" | "100755" | "120000";
  readonly blob: string;
  /** Whether it is text with CRLF. */
  readonly hasCrlf: boolean;
}

/** A file or symlink of the commit's tree, by its name in the sandbox. */
interface TreeEntry extends Pick<BaseFile, "mode" | "blob"> {
  readonly place: string;
}

/** The commit's tree as the forge lists it: path, mode and blob id. */
export type SeedTree = readonly (readonly [path: string, mode: BaseFile["mode"], blob: string])[];

export interface SeedTarget {
  readonly dir: string;
  /** The forge's commit id, for the base commit's message. */
  readonly base: string;
}

/** The files that a seed has laid out so far. The base is whole, and committed, once nothing is missing. */
export interface SeededBase {
  readonly target: SeedTarget;
  readonly files: ReadonlyMap<string, BaseFile>;
  /** By their path in the tree, files whose content the archive did not have. */
  readonly missing: ReadonlyMap<string, TreeEntry>;
  readonly sizeBytes: number;
  /** Lays out a missing file. Throws `invalid_archive` for content that is not the tree's blob, `not_found`, `too_large`. */
  place(link: GuestLink, path: string, content: Buffer): Promise<void>;
}

/**
 * Streams a gzipped tarball into a directory of the sandbox and returns the base listing. The archive is read and checked
 * here, entry by entry; the guest only writes files. With a tree, the content of each file is the tree's blob or the file is
 * missing still. Throws `invalid_archive`, `too_large`, or what the guest reports.
 */
export async function seedSandbox(
  link: GuestLink,
  target: SeedTarget,
  tarball: AsyncIterable<Uint8Array>,
  limits: SeedLimits,
  tree?: SeedTree,
): Promise<SeededBase> {
  const collector = new BaseCollector(target, limits, tree);
  await link.call(
    { op: "seed", dir: target.dir, keep: false },
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
  collector.end();
  if (collector.missing.size === 0) await link.call({ op: "commit", ...target });
  return collector;
}

async function* gunzip(tarball: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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

type Wanted = (TreeEntry & { readonly treePath: string }) | undefined;

class BaseCollector implements SeededBase {
  readonly files = new Map<string, BaseFile>();
  readonly missing = new Map<string, TreeEntry>();
  readonly target: SeedTarget;
  sizeBytes = 0;
  readonly #directories = new Set<string>();
  readonly #limits: SeedLimits;
  /** Files of the tree that the archive has not brought yet; undefined without a tree. */
  readonly #awaited: Map<string, TreeEntry> | undefined;
  #entryCount = 0;

  constructor(target: SeedTarget, limits: SeedLimits, tree: SeedTree | undefined) {
    this.target = target;
    this.#limits = limits;
    this.#awaited =
      tree && new Map(tree.map(([path, mode, blob]) => [path, { place: checkedPath(path), mode, blob }] as const));
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
    const wanted = this.#take(path);
    if (entry.kind === "symlink") await this.#addSymlink(entry, path, wanted, stream);
    else if (wanted === undefined || entry.sizeBytes > maxComparedBytes)
      await this.#addStreamed(entry, path, wanted, stream);
    else await this.#addCompared(entry, path, wanted, stream);
  }

  /** Everything of the tree that did not come is missing, unless it came under a name that the forge writes in its own way. */
  end(): void {
    const renamed = new Set<string>();
    for (const [place, { blob }] of this.files) if (nameBytes(place).toString("utf8") !== place) renamed.add(blob);
    for (const [path, entry] of this.#awaited ?? [])
      if (!renamed.has(entry.blob) || !/[^ -~]/.test(path)) this.missing.set(path, entry);
    this.#awaited?.clear();
  }

  async place(link: GuestLink, path: string, content: Buffer): Promise<void> {
    const entry = this.missing.get(path);
    if (entry === undefined) throw new HostError("not_found", `${path} is not missing`);
    if (blobIdOf(content) !== entry.blob)
      throw new HostError("invalid_archive", `the content of ${path} is not the blob of the tree`);
    this.#spend(content.byteLength);
    const { place } = entry;
    await link.call(
      { op: "seed", dir: this.target.dir, keep: true },
      {
        input: async (stream) => {
          if (isSymlinkMode(entry.mode))
            return stream.note({ kind: "symlink", path: place, target: nameText(content) });
          const executable = isExecutableMode(entry.mode);
          await stream.note({ kind: "file", path: place, sizeBytes: content.byteLength, executable });
          await stream.data(content);
        },
      },
    );
    this.files.set(place, { mode: entry.mode, blob: entry.blob, hasCrlf: hasTextCrlf(content) });
    if (!this.missing.delete(path) || this.missing.size > 0) return;
    await link.call({ op: "commit", ...this.target });
  }

  async #addSymlink(entry: TarEntry, path: string, wanted: Wanted, stream: MuxStream): Promise<void> {
    const bytes = nameBytes(entry.target);
    if (bytes.byteLength === 0 || bytes.includes(0) || bytes.byteLength > 4095) {
      throw new HostError("invalid_archive", `${path} is a symlink without a usable target`);
    }
    const blob = blobIdOf(bytes);
    if (wanted !== undefined && (!isSymlinkMode(wanted.mode) || wanted.blob !== blob)) return this.#miss(wanted, path);
    await stream.note({ kind: "symlink", path, target: entry.target });
    this.files.set(path, { mode: "120000", blob, hasCrlf: false });
  }

  /** A file whose content is compared before it is written, so that a changed one can be put right. */
  async #addCompared(entry: TarEntry, path: string, wanted: NonNullable<Wanted>, stream: MuxStream): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of entry.content()) pieces.push(piece);
    const content = isSymlinkMode(wanted.mode) ? undefined : contentOfBlob(Buffer.concat(pieces), wanted.blob);
    if (content === undefined) return this.#miss(wanted, path);
    const executable = isExecutableMode(wanted.mode);
    await stream.note({ kind: "file", path, sizeBytes: content.byteLength, executable });
    await stream.data(content);
    this.files.set(path, { mode: wanted.mode, blob: wanted.blob, hasCrlf: hasTextCrlf(content) });
  }

  /** A file that is written as it comes; the guest replaces it when it turns out to be another. */
  async #addStreamed(entry: TarEntry, path: string, wanted: Wanted, stream: MuxStream): Promise<void> {
    const { sizeBytes } = entry;
    const executable = wanted === undefined ? entry.executable : isExecutableMode(wanted.mode);
    await stream.note({ kind: "file", path, sizeBytes, executable });
    const hash = startBlob(sizeBytes);
    let hasCrlf = false;
    for await (const piece of entry.content()) {
      hash.update(piece);
      hasCrlf ||= piece.includes("\r\n");
      await stream.data(piece);
    }
    const blob = hash.digest("hex");
    if (wanted !== undefined && (isSymlinkMode(wanted.mode) || wanted.blob !== blob)) return this.#miss(wanted, path);
    this.files.set(path, { mode: executable ? "100755" : "100644", blob, hasCrlf });
  }

  /** The tree's entry for a path of the archive. A forge's JSON can't hold a name that is not UTF-8, so its own form of it counts too. */
  #take(path: string): (TreeEntry & { readonly treePath: string }) | undefined {
    const lossy = nameBytes(path).toString("utf8");
    for (const treePath of [path, lossy]) {
      const entry = this.#awaited?.get(treePath);
      if (entry === undefined) continue;
      this.#awaited?.delete(treePath);
      return { ...entry, treePath };
    }
    return undefined;
  }

  #miss(wanted: NonNullable<Wanted>, path: string): void {
    this.missing.set(wanted.treePath, { place: path, mode: wanted.mode, blob: wanted.blob });
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

/** The path without its first component; undefined for that component itself. Throws `invalid_archive` for an unsafe path. */
function relativePath(path: string): string | undefined {
  const parts = checkedPath(path).split("/");
  return parts.length < 2 ? undefined : parts.slice(1).join("/");
}

/** A path without empty parts and dots. Throws `invalid_archive` for an unsafe one. */
function checkedPath(path: string): string {
  const refuse = (why: string) => new HostError("invalid_archive", `${JSON.stringify(path.slice(0, 200))} ${why}`);
  if (path.startsWith("/")) throw refuse("is an absolute path");
  if (path.includes("\0")) throw refuse("contains NUL");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse("contains ..");
  if (parts.some((part) => part.toLowerCase() === ".git")) throw refuse("is inside .git");
  if (parts.some((part) => Buffer.byteLength(part) > 255) || Buffer.byteLength(path) > 4000)
    throw refuse("is too long");
  return parts.join("/");
}
