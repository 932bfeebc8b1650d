import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, mkdirSync, type Dirent } from "node:fs";
import { chmod, lstat, readdir, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GuestFailure, errnoOf } from "./failure.ts";
import type { MuxStream } from "./mux.ts";
import { fsPath, nameText } from "./names.ts";
import { openFile, pieces, resolvePath, workspace, writeAll } from "./paths.ts";

/** Entries looked at by one listing; a tree with more is cut. */
const maxVisited = 200_000;
const skippedNames: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Notes the file's size, then sends at most `maxBytes` from `offset`. */
export async function readFile(stream: MuxStream, path: string, offset: number, maxBytes: number): Promise<unknown> {
  const descriptor = openFile(resolvePath(path), constants.O_RDONLY);
  try {
    await stream.note({ sizeBytes: fstatSync(descriptor).size });
    for (const piece of pieces(descriptor, offset, maxBytes)) {
      if (stream.cancelled.signal.aborted) break;
      await stream.data(piece);
    }
    return {};
  } finally {
    closeSync(descriptor);
  }
}

/** Takes the whole content from the stream, then replaces the file in place so that it keeps its mode. */
export async function writeFile(stream: MuxStream, path: string, executable: boolean | undefined): Promise<unknown> {
  const chunks: Buffer[] = [];
  for (;;) {
    const message = await stream.next();
    if (message.kind === "end") break;
    if (message.kind === "data") chunks.push(message.bytes);
  }
  if (stream.cancelled.signal.aborted) throw new GuestFailure("cancelled", "the write was cancelled");
  const resolved = resolvePath(path);
  if (resolved === workspace) throw new GuestFailure("not_a_file", `${workspace} is a directory`);
  writeContent(resolved, chunks, executable);
  return {};
}

/** Writes a file at a resolved path, making its parent directories. */
function writeContent(resolved: string, content: readonly Buffer[], executable: boolean | undefined): void {
  mkdirSync(fsPath(dirname(resolved)), { recursive: true });
  const descriptor = openFile(resolved, constants.O_WRONLY | constants.O_CREAT, 0o644);
  try {
    ftruncateSync(descriptor, 0);
    for (const piece of content) writeAll(descriptor, piece);
    if (executable !== undefined) {
      const { mode } = fstatSync(descriptor);
      fchmodSync(descriptor, (executable ? mode | 0o111 : mode & ~0o111) & 0o777);
    }
  } finally {
    closeSync(descriptor);
  }
}

interface ListedEntry {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly sizeBytes: number;
}

/** Sends the entries of a directory as JSON text, sorted by path. */
export async function list(stream: MuxStream, dir: string, recursive: boolean, limit: number): Promise<unknown> {
  const root = resolvePath(dir);
  const paths: { path: string; kind: ListedEntry["kind"] }[] = [];
  const pending = [""];
  let cut = false;
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    for (const item of await readDirectory(join(root, prefix), prefix === "")) {
      const name = nameText(item.name);
      if (skippedNames.has(name)) continue;
      if (paths.length >= maxVisited) {
        cut = true;
        break;
      }
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const kind = kindOf(item);
      paths.push({ path, kind });
      if (recursive && kind === "directory") pending.push(path);
    }
  }
  paths.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const entries: ListedEntry[] = [];
  for (const { path, kind } of paths.slice(0, limit)) {
    const stats = await lstat(fsPath(join(root, path))).catch(() => undefined);
    if (stats !== undefined) entries.push({ path, kind, sizeBytes: kind === "directory" ? 0 : stats.size });
  }
  await stream.data(Buffer.from(JSON.stringify({ entries, truncated: cut || paths.length > limit })));
  return {};
}

async function readDirectory(path: string, isRoot: boolean): Promise<Dirent<Buffer>[]> {
  try {
    return await readdir(fsPath(path), { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    // A directory that a running command removes or locks meanwhile is left out; for the asked one it is an error.
    if (!isRoot) return [];
    if (errnoOf(error) === "ENOTDIR") throw new GuestFailure("not_found", `${path} is not a directory`);
    throw error;
  }
}

function kindOf(item: Dirent<Buffer>): ListedEntry["kind"] {
  if (item.isFile()) return "file";
  if (item.isDirectory()) return "directory";
  return item.isSymbolicLink() ? "symlink" : "other";
}

/** Removes a file, a symlink itself, or a whole directory. Throws `not_found`, `path_escape`. */
export async function remove(path: string): Promise<unknown> {
  const resolved = resolvePath(path, { keepLast: true });
  if (resolved === workspace) throw new GuestFailure("path_escape", `${workspace} itself can't be removed`);
  await lstat(fsPath(resolved));
  await removeTree(resolved);
  return {};
}

/** Removes a tree, also one whose directories a command made unreadable. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(fsPath(path), { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw error;
    await removeLocked(path);
  }
}

async function removeLocked(path: string): Promise<void> {
  const place = fsPath(path);
  if (!(await lstat(place)).isDirectory()) return unlink(place);
  await chmod(place, 0o700);
  for (const name of await readdir(place, "buffer")) await removeLocked(join(path, nameText(name)));
  await rmdir(place);
}
