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
    const content = await contentOf(root, path, parents);
    if (content === undefined) throw new GuestFailure("changed_meanwhile", `${path} went away while it was read`);
    await stream.note({ path, sizeBytes: content.bytes.byteLength });
    await stream.data(content.bytes);
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
  const content = await contentOf(root, path, parents);
  if (content === undefined) return undefined;
  const { bytes, mode } = content;
  const blob = createHash("sha1").update(`blob ${String(bytes.byteLength)}\0`).update(bytes).digest("hex");
  return { path, mode, sizeBytes: bytes.byteLength, blob };
}

async function contentOf(
  root: string,
  path: string,
  parents: Map<string, Promise<boolean>>,
): Promise<{ readonly bytes: Buffer; readonly mode: WalkedFile["mode"] } | undefined> {
  try {
    if (!(await parentIsReal(root, path, parents))) return undefined;
    const place = join(root, path);
    const stats = await lstat(place);
    if (stats.isSymbolicLink()) return { bytes: await readlink(place, "buffer"), mode: "120000" };
    if (!stats.isFile()) return undefined;
    const handle = await openFile(place, constants.O_RDONLY);
    try {
      return { bytes: await handle.readFile(), mode: (stats.mode & 0o100) === 0 ? "100644" : "100755" };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
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
