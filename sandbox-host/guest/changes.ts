import { createHash } from "node:crypto";
import { accessSync, closeSync, constants, fstatSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { GuestFailure, errnoOf, isForbidden } from "./failure.ts";
import { attributesOf, unignoredPaths } from "./git.ts";
import type { MuxStream } from "./mux.ts";
import { fsPath, nameText, splitNames } from "./names.ts";
import { openFile, pieces, resolvePath } from "./paths.ts";

interface WalkedFile {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  readonly sizeBytes: number;
  readonly blob: string;
}

/** The most paths that a walk may visit. */
const maxPaths = 300_000;

/**
 * Sends one JSON line for each file and symlink that is in the work tree: those at the base's paths, which come in as
 * NUL-separated data, and those that .gitignore doesn't exclude. Paths where there is no file are left out. Throws `unreadable` with the
 * path when the mode of one forbids reading it: what lies behind it would be missing without a word.
 */
export async function walk(stream: MuxStream, dir: string): Promise<unknown> {
  const basePaths = await readPaths(stream);
  const root = resolvePath(dir);
  const paths = new Set(basePaths);
  const unignored = await unignoredPaths(root, stream.cancelled.signal);
  if (unignored.unopened !== undefined) throw unreadable(root, unignored.unopened);
  for (const path of unignored.paths) {
    if (path.endsWith("/")) addNested(root, path.slice(0, -1), paths);
    else paths.add(path);
    if (paths.size > maxPaths) throw new GuestFailure("too_large", `more than ${String(maxPaths)} files to compare`);
  }
  const parents = new Map<string, boolean>();
  let lines: string[] = [];
  for (const path of paths) {
    if (stream.cancelled.signal.aborted) throw new GuestFailure("cancelled", "the walk was cancelled");
    const file = describe(root, path, parents);
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
  const root = resolvePath(dir);
  const parents = new Map<string, boolean>();
  for (const path of await readPaths(stream)) {
    const file = openWorkFile(root, path, parents);
    if (file === undefined) throw new GuestFailure("changed_meanwhile", `${path} went away while it was read`);
    try {
      await stream.note({ path, sizeBytes: file.sizeBytes });
      for (const piece of file.content()) await stream.data(piece);
    } finally {
      file.close();
    }
  }
  return {};
}

/** Sends, as JSON, path, attribute and value of each attribute that `.gitattributes` gives the paths that come in. */
export async function attributes(stream: MuxStream, dir: string): Promise<unknown> {
  const paths = await readPaths(stream);
  const found = await attributesOf(resolvePath(dir), paths, stream.cancelled.signal);
  await stream.data(Buffer.from(JSON.stringify(found)));
  return {};
}

async function readPaths(stream: MuxStream): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for (;;) {
    const message = await stream.next();
    if (message.kind === "end") break;
    if (message.kind === "data") chunks.push(message.bytes);
  }
  return splitNames(Buffer.concat(chunks));
}

/** Everything under a nested repository, without its `.git`: git itself would hide it behind one entry. */
function addNested(root: string, directory: string, paths: Set<string>): void {
  for (const item of listDirectory(root, directory)) {
    const name = nameText(item.name);
    if (name === ".git") continue;
    const path = `${directory}/${name}`;
    if (item.isDirectory()) addNested(root, path, paths);
    else paths.add(path);
    if (paths.size > maxPaths) return;
  }
}

function listDirectory(root: string, directory: string) {
  try {
    return readdirSync(fsPath(join(root, directory)), { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    throw isForbidden(error) ? unreadable(root, directory) : error;
  }
}

/** The failure that names the first part of a path, from the root on, whose mode forbids looking into it. */
function unreadable(root: string, path: string): GuestFailure {
  const parts = path.split("/");
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const first = ["", ...prefixes].find((prefix) => !mayRead(join(root, prefix))) ?? path;
  return new GuestFailure(
    "unreadable",
    `${JSON.stringify(first === "" ? "." : first)} can't be read: its mode forbids it`,
  );
}

function mayRead(place: string): boolean {
  try {
    const isDirectory = lstatSync(fsPath(place)).isDirectory();
    accessSync(fsPath(place), isDirectory ? constants.R_OK | constants.X_OK : constants.R_OK);
    return true;
  } catch (error) {
    return !isForbidden(error);
  }
}

function describe(root: string, path: string, parents: Map<string, boolean>): WalkedFile | undefined {
  return withFile(root, path, parents, ({ mode, sizeBytes, content }) => {
    const hash = createHash("sha1").update(`blob ${String(sizeBytes)}\0`);
    for (const piece of content()) hash.update(piece);
    return { path, mode, sizeBytes, blob: hash.digest("hex") };
  });
}

interface OpenedFile {
  readonly mode: WalkedFile["mode"];
  readonly sizeBytes: number;
  /** Exactly `sizeBytes`, unless the file shrinks meanwhile. */
  readonly content: () => Iterable<Buffer>;
}

/** Opens a file or symlink of the work tree; undefined for what isn't there, is no file, or lies behind a symlink. */
function openWorkFile(
  root: string,
  path: string,
  parents: Map<string, boolean>,
): (OpenedFile & { readonly close: () => void }) | undefined {
  try {
    if (!parentIsReal(root, path, parents)) return undefined;
    const place = join(root, path);
    const stats = lstatSync(fsPath(place));
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(fsPath(place), "buffer");
      return { mode: "120000", sizeBytes: target.byteLength, content: () => [target], close: () => {} };
    }
    if (!stats.isFile()) return undefined;
    const descriptor = openFile(place, constants.O_RDONLY);
    const { mode, size } = fstatSync(descriptor);
    return {
      mode: (mode & 0o100) === 0 ? "100644" : "100755",
      sizeBytes: size,
      content: () => pieces(descriptor, 0, size),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw isForbidden(error) ? unreadable(root, path) : error;
  }
}

function withFile<T>(
  root: string,
  path: string,
  parents: Map<string, boolean>,
  use: (file: OpenedFile) => T,
): T | undefined {
  const file = openWorkFile(root, path, parents);
  try {
    return file === undefined ? undefined : use(file);
  } finally {
    file?.close();
  }
}

/** False when a directory on the way to the path is a symlink or gone: git doesn't look through those. */
function parentIsReal(root: string, path: string, parents: Map<string, boolean>): boolean {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return true;
  const parent = path.slice(0, slash);
  const known = parents.get(parent);
  if (known !== undefined) return known;
  const isReal =
    parentIsReal(root, parent, parents) &&
    lstatSync(fsPath(join(root, parent)), { throwIfNoEntry: false })?.isDirectory() === true;
  parents.set(parent, isReal);
  return isReal;
}
