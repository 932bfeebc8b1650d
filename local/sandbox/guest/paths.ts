import { constants } from "node:fs";
import { lstat, open, readlink, type FileHandle } from "node:fs/promises";
import { posix } from "node:path";
import { GuestFailure, errnoOf } from "./failure.ts";

export const workspace = "/workspace";
const maxLinks = 40;

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
export async function resolvePath(path: string, options: { readonly keepLast?: boolean } = {}): Promise<string> {
  let pending = lexicalPath(path).slice(workspace.length).split("/").filter(Boolean);
  let current = workspace;
  let links = 0;
  while (pending.length > 0) {
    const [name = "", ...rest] = pending;
    pending = rest;
    const candidate = posix.join(current, name);
    const target = options.keepLast === true && rest.length === 0 ? undefined : await readSymlink(candidate);
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

async function readSymlink(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return undefined;
    return await readlink(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Opens a regular file at a resolved path. A command may swap a directory for a symlink between the check and the open, so
 * the opened file's own place is checked again. Throws `not_a_file`, `path_escape`, `not_found`.
 */
export async function openFile(resolved: string, flags: number, mode?: number): Promise<FileHandle> {
  const handle = await open(resolved, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
  try {
    const place = await readlink(`/proc/self/fd/${String(handle.fd)}`);
    if (!place.startsWith(`${workspace}/`)) throw escape(resolved);
    if (!(await handle.stat()).isFile()) throw new GuestFailure("not_a_file", `${resolved} is not a regular file`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
