import { closeSync, constants, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { GuestFailure } from "./failure.ts";
import { removeTree } from "./files.ts";
import { commitBase } from "./git.ts";
import type { MuxStream } from "./mux.ts";
import { fsPath, nameText } from "./names.ts";
import { openFile, resolvePath, writeAll } from "./paths.ts";

type SeedEntry =
  | { readonly kind: "file"; readonly path: string; readonly sizeBytes: number; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

function readEntry(value: unknown): SeedEntry {
  if (typeof value === "object" && value !== null && "kind" in value && "path" in value) {
    const { kind, path } = value;
    if (typeof path === "string" && kind === "file" && "sizeBytes" in value && "executable" in value) {
      return { kind, path, sizeBytes: Number(value.sizeBytes), executable: value.executable === true };
    }
    if (typeof path === "string" && kind === "symlink" && "target" in value) {
      return { kind, path, target: String(value.target) };
    }
  }
  throw new GuestFailure("sandbox_failed", "a seed entry that can't be read");
}

/**
 * Fills a directory, emptied first unless `keep` is set, with the entries that come in: a note for each, and for a file its
 * bytes as data. The host has checked the paths; a symlink still can't lead a write out.
 */
export async function seed(stream: MuxStream, dir: string, keep: boolean): Promise<unknown> {
  const root = keep ? resolvePath(dir) : await emptyDirectory(dir);
  const madeDirectories = new Set([root]);
  for (;;) {
    const message = await stream.next();
    if (message.kind === "end") break;
    if (stream.cancelled.signal.aborted) throw new GuestFailure("cancelled", "the seed was cancelled");
    if (message.kind !== "note") throw new GuestFailure("sandbox_failed", "seed data without an entry");
    const entry = readEntry(message.value);
    const place = join(root, entry.path);
    makeParents(dirname(place), madeDirectories);
    if (keep) rmSync(fsPath(place), { force: true });
    if (entry.kind === "symlink") symlinkSync(fsPath(entry.target), fsPath(place));
    else await writeEntry(stream, place, entry.sizeBytes, entry.executable);
  }
  if (stream.cancelled.signal.aborted) throw new GuestFailure("cancelled", "the seed was cancelled");
  return {};
}

/** Makes a directory a repository with one commit. */
export async function commit(stream: MuxStream, dir: string, base: string): Promise<unknown> {
  await commitBase(resolvePath(dir), base, stream.cancelled.signal);
  return {};
}

async function emptyDirectory(dir: string): Promise<string> {
  const root = resolvePath(dir);
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root, "buffer")) await removeTree(join(root, nameText(name)));
  return root;
}

function makeParents(directory: string, made: Set<string>): void {
  if (made.has(directory)) return;
  makeParents(dirname(directory), made);
  mkdirSync(fsPath(directory), { recursive: true });
  if (!lstatSync(fsPath(directory)).isDirectory()) throw new GuestFailure("path_escape", `${directory} is a symlink`);
  made.add(directory);
}

async function writeEntry(stream: MuxStream, place: string, sizeBytes: number, executable: boolean): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const descriptor = openFile(place, flags, executable ? 0o755 : 0o644);
  try {
    let left = sizeBytes;
    while (left > 0) {
      const message = await stream.next();
      if (message.kind !== "data") throw new GuestFailure("sandbox_failed", "a seed entry is incomplete");
      writeAll(descriptor, message.bytes);
      left -= message.bytes.byteLength;
    }
  } finally {
    closeSync(descriptor);
  }
}
