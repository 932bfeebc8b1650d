import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, readlinkSync, writeSync } from "node:fs";
import { posix } from "node:path";
import { GuestFailure, errnoOf } from "./failure.ts";
import { fsPath, nameText } from "./names.ts";

export const workspace = "/workspace";
const maxLinks = 40;
const pieceBytes = 256 * 1024;

function escape(path: string): GuestFailure {
  return new GuestFailure("path_escape", `${path} is outside ${workspace}`);
}

/**
 * The absolute path of one that is relative to `/workspace` or absolute inside it, by its text alone.
 * Throws `path_escape` when it leads out.
 */
export function lexicalPath(path: string): string {
  if (path.includes("\0")) throw new GuestFailure("invalid_path", "a path must not contain NUL");
  const absolute = posix.resolve(workspace, path);
  if (absolute !== workspace && !absolute.startsWith(`${workspace}/`)) throw escape(path);
  return absolute;
}

/**
 * Follows every symlink of a path, also of parts that don't exist yet, and returns where it really is. Throws
 * `path_escape` as soon as one step leads outside `/workspace`. With `keepLast`, a symlink in last place is not followed.
 */
export function resolvePath(path: string, options: { readonly keepLast?: boolean } = {}): string {
  let pending = lexicalPath(path).slice(workspace.length).split("/").filter(Boolean);
  let current = workspace;
  let links = 0;
  while (pending.length > 0) {
    const [name = "", ...rest] = pending;
    pending = rest;
    const candidate = posix.join(current, name);
    const target = options.keepLast === true && rest.length === 0 ? undefined : readSymlink(candidate);
    if (target === undefined) {
      current = candidate;
      continue;
    }
    links += 1;
    if (links > maxLinks) throw escape(path);
    const resolved = posix.resolve(current, target);
    if (resolved !== workspace && !resolved.startsWith(`${workspace}/`)) throw escape(path);
    pending = [...resolved.slice(workspace.length).split("/").filter(Boolean), ...rest];
    current = workspace;
  }
  return current;
}

function readSymlink(path: string): string | undefined {
  try {
    const place = fsPath(path);
    return lstatSync(place).isSymbolicLink() ? nameText(readlinkSync(place, "buffer")) : undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Opens a regular file at a resolved path and returns its descriptor. A command may swap a directory for a symlink between
 * the check and the open, so the opened file's own place is checked again. Throws `not_a_file`, `path_escape`, `not_found`.
 * It and its users are synchronous, because the files lie in memory: waiting for a thread would cost more than the call.
 */
export function openFile(resolved: string, flags: number, mode?: number): number {
  const descriptor = openSync(fsPath(resolved), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
  try {
    const place = readlinkSync(`/proc/self/fd/${String(descriptor)}`);
    if (!place.startsWith(`${workspace}/`)) throw escape(resolved);
    if (!fstatSync(descriptor).isFile()) throw new GuestFailure("not_a_file", `${resolved} is not a regular file`);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The content of an opened file in pieces, from `offset`, at most `maxBytes`. */
export function* pieces(descriptor: number, offset: number, maxBytes: number): Generator<Buffer> {
  let position = offset;
  for (let left = maxBytes; left > 0;) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, left));
    const count = readSync(descriptor, buffer, 0, buffer.byteLength, position);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    position += count;
    left -= count;
  }
}

/** Writes all of the bytes at the descriptor's position. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.byteLength;) start += writeSync(descriptor, bytes, start);
}
