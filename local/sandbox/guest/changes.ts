import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { GuestFailure, errnoOf } from "./failure.ts";
import { unignoredPaths } from "./git.ts";
import type { MuxStream } from "./mux.ts";
import { openFile, resolvePath } from "./paths.ts";

interface WalkedFile {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  readonly sizeBytes: number;
  readonly blob: string;
}

const readChunkBytes = 256 * 1024;
/** How many paths a walk may look at. */
const maxPaths = 300_000;

/**
 * Sends one JSON line for each file and symlink that is in the work tree: those at the base's paths, which come in as
 * NUL-separated data, and those that .gitignore doesn't exclude. What isn't there, or is no file, is left out.
 */
export async function walk(stream: MuxStream, dir: string): Promise<unknown> {
  const basePaths = await readPaths(stream);
  const root = await resolvePath(dir);
  const paths = new Set(basePaths);
  for (const path of await unignoredPaths(root, stream.cancelled.signal)) {
    if (path.endsWith("/")) await addNested(root, path.slice(0, -1), paths);
    else paths.add(path);
    if (paths.size > maxPaths) throw new GuestFailure("too_large", `more than ${String(maxPaths)} files to compare`);
  }
  const parents = new Map<string, Promise<boolean>>();
  let lines: string[] = [];
  for (const path of paths) {
    if (stream.cancelled.signal.aborted) throw new GuestFailure("cancelled", "the walk was cancelled");
    const file = await describe(root, path, parents);
    if (file === undefined) continue;
    lines.push(JSON.stringify(file));
    if (lines.length < 500) continue;
    await stream.data(Buffer.from(`${lines.join("\n")}\n`));
    lines = [];
  }
  if (lines.length > 0) await stream.data(Buffer.from(`${lines.join("\n")}\n`));
  return {};
}

/** Sends the content of each path that comes in: a note with its size, then that many bytes. */
export async function contents(stream: MuxStream, dir: string): Promise<unknown> {
  const root = await resolvePath(dir);
  const parents = new Map<string, Promise<boolean>>();
  for (const path of await readPaths(stream)) {
    const found = await open(root, path, parents);
    if (found === undefined) throw new GuestFailure("changed_meanwhile", `${path} went away while it was read`);
    try {
      await stream.note({ path, sizeBytes: found.sizeBytes });
      for await (const piece of found.content()) await stream.data(piece);
    } finally {
      await found.close();
    }
  }
  return {};
}

async function readPaths(stream: MuxStream): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for (;;) {
    const message = await stream.next();
    if (message.kind === "end") break;
    if (message.kind === "data") chunks.push(message.bytes);
  }
  return Buffer.concat(chunks).toString("utf8").split("\0").filter(Boolean);
}

/** Everything under a nested repository, without its `.git`: git itself would hide it behind one entry. */
async function addNested(root: string, directory: string, paths: Set<string>): Promise<void> {
  for (const item of await readdir(join(root, directory), { withFileTypes: true })) {
    if (item.name === ".git") continue;
    const path = `${directory}/${item.name}`;
    if (item.isDirectory()) await addNested(root, path, paths);
    else paths.add(path);
    if (paths.size > maxPaths) return;
  }
}

async function describe(root: string, path: string, parents: Map<string, Promise<boolean>>): Promise<WalkedFile | undefined> {
  const found = await open(root, path, parents);
  if (found === undefined) return undefined;
  try {
    const { mode, sizeBytes } = found;
    const hash = createHash("sha1").update(`blob ${String(sizeBytes)}\0`);
    for await (const piece of found.content()) hash.update(piece);
    return { path, mode, sizeBytes, blob: hash.digest("hex") };
  } finally {
    await found.close();
  }
}

interface OpenedFile {
  readonly mode: WalkedFile["mode"];
  readonly sizeBytes: number;
  /** Exactly `sizeBytes`, unless the file shrinks meanwhile. */
  readonly content: () => AsyncGenerator<Buffer>;
  readonly close: () => Promise<void>;
}

/** A file or symlink of the work tree; undefined for what isn't there, is no file, or lies behind a symlink. */
async function open(root: string, path: string, parents: Map<string, Promise<boolean>>): Promise<OpenedFile | undefined> {
  try {
    if (!(await parentIsReal(root, path, parents))) return undefined;
    const place = join(root, path);
    const stats = await lstat(place);
    if (stats.isSymbolicLink()) return openedLink(await readlink(place, "buffer"));
    if (!stats.isFile()) return undefined;
    const handle = await openFile(place, constants.O_RDONLY);
    const { mode, size } = await handle.stat();
    return {
      mode: (mode & 0o100) === 0 ? "100644" : "100755",
      sizeBytes: size,
      content: async function* () {
        for (let position = 0; position < size; ) {
          const buffer = Buffer.allocUnsafe(Math.min(readChunkBytes, size - position));
          const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, position);
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
          position += bytesRead;
        }
      },
      close: () => handle.close(),
    };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}

function openedLink(target: Buffer): OpenedFile {
  return {
    mode: "120000",
    sizeBytes: target.byteLength,
    content: async function* () {
      yield target;
    },
    close: () => Promise.resolve(),
  };
}

/** False when a directory on the way to the path is a symlink or gone: git doesn't look through those. */
function parentIsReal(root: string, path: string, parents: Map<string, Promise<boolean>>): Promise<boolean> {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return Promise.resolve(true);
  const parent = path.slice(0, slash);
  const known = parents.get(parent);
  if (known !== undefined) return known;
  const answer = (async () => {
    if (!(await parentIsReal(root, parent, parents))) return false;
    const stats = await lstat(join(root, parent)).catch(() => undefined);
    return stats?.isDirectory() === true;
  })();
  parents.set(parent, answer);
  return answer;
}
