import { posix } from "node:path";
import { gitBlobId } from "../../../domain/hash.ts";
import type { FileMode } from "../../../domain/patch-set/types.ts";

/** A regular file. It never changes: a write or a chmod puts another one in its place, so that a seed can share its files. */
export class FileEntry {
  readonly kind = "file" as const;
  readonly bytes: Uint8Array;
  /** Permission bits, such as 0o644. */
  readonly permissions: number;
  #blob: string | undefined;

  constructor(bytes: Uint8Array, permissions = 0o644) {
    this.bytes = bytes;
    this.permissions = permissions;
  }

  get mode(): FileMode {
    return (this.permissions & 0o100) === 0 ? "100644" : "100755";
  }

  /** Git's id of the content, computed once. */
  get blob(): string {
    this.#blob ??= gitBlobId(this.bytes);
    return this.#blob;
  }
}

/** A symbolic link; its bytes are its target, as git stores it. */
export class LinkEntry {
  readonly kind = "symlink" as const;
  readonly mode = "120000";
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly blob: string;

  constructor(target: string) {
    this.target = target;
    this.bytes = new TextEncoder().encode(target);
    this.blob = gitBlobId(this.bytes);
  }
}

/** A directory with its entries by name. */
export class Directory {
  readonly kind = "directory" as const;
  readonly children = new Map<string, Entry>();
}

/** A named pipe or another thing that is neither file nor directory. */
export class OtherEntry {
  readonly kind = "other" as const;
}

/** An entry that git can track. */
export type TrackedEntry = FileEntry | LinkEntry;
export type Entry = TrackedEntry | Directory | OtherEntry;

/** An operation that the file system refuses, by the name that a system gives the error. */
export class FileError extends Error {
  readonly code: "ENOENT" | "ENOTDIR" | "EISDIR" | "EEXIST" | "ELOOP" | "ENOSPC" | "EINVAL" | "ESCAPE";

  constructor(code: FileError["code"], path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

const maxLinks = 40;

/** A file system in memory. Every path is absolute; a `..` is resolved by the path's text. */
export class FileTree {
  readonly root = new Directory();

  /**
   * Follows every symlink of a path, also of parts that do not exist yet, and returns where it leads. Throws FileError
   * `ESCAPE` as soon as one step leaves `within`, and `ELOOP` for a circle. With `keepLast` a link in last place stays.
   */
  resolve(path: string, options: { readonly within?: string; readonly keepLast?: boolean } = {}): string {
    const { keepLast = false, within = "/" } = options;
    if (path.includes("\0")) throw new FileError("EINVAL", path);
    const start = posix.resolve("/", path);
    if (!isInside(start, within)) throw new FileError("ESCAPE", path);
    let pending = partsOf(start);
    let current = "/";
    let links = 0;
    while (pending.length > 0) {
      const [name = "", ...rest] = pending;
      const candidate = posix.join(current, name);
      const entry = keepLast && rest.length === 0 ? undefined : this.at(candidate);
      if (entry?.kind !== "symlink") {
        current = candidate;
        pending = rest;
        continue;
      }
      links += 1;
      if (links > maxLinks) throw new FileError("ELOOP", path);
      const target = posix.resolve(current, entry.target);
      if (!isInside(target, within)) throw new FileError("ESCAPE", path);
      pending = [...partsOf(target), ...rest];
      current = "/";
    }
    return current;
  }

  /** The entry at exactly this path, without following links; undefined when there is none. */
  at(path: string): Entry | undefined {
    let entry: Entry | undefined = this.root;
    for (const name of partsOf(path)) {
      if (entry.kind !== "directory") return undefined;
      entry = entry.children.get(name);
      if (entry === undefined) return undefined;
    }
    return entry;
  }

  /** The file at a path, links followed. Throws FileError `ENOENT` or `EISDIR`. */
  file(path: string): FileEntry {
    const entry = this.at(this.resolve(path));
    if (entry === undefined) throw new FileError("ENOENT", path);
    if (entry.kind !== "file") throw new FileError("EISDIR", path);
    return entry;
  }

  /** The directory at a path without links, made with its parents when it is missing. Throws FileError `EEXIST`. */
  makeDirectory(path: string): Directory {
    let directory = this.root;
    for (const name of partsOf(path)) {
      let next = directory.children.get(name);
      if (next === undefined) {
        next = new Directory();
        directory.children.set(name, next);
      }
      if (next.kind !== "directory") throw new FileError("EEXIST", path);
      directory = next;
    }
    return directory;
  }

  /** Puts an entry at a path without links, in the place of what is there. Throws FileError `ENOENT` when its directory is missing. */
  put(path: string, entry: Entry): void {
    const parent = this.at(posix.dirname(path));
    if (parent === undefined) throw new FileError("ENOENT", path);
    if (parent.kind !== "directory") throw new FileError("ENOTDIR", path);
    parent.children.set(posix.basename(path), entry);
  }

  /** Writes a file at a path, links followed; an existing one keeps its permissions. Throws FileError. */
  write(path: string, bytes: Uint8Array): void {
    const resolved = this.resolve(path);
    const before = this.at(resolved);
    if (before !== undefined && before.kind !== "file") throw new FileError("EISDIR", path);
    this.put(resolved, new FileEntry(bytes, before?.permissions));
  }

  /** Removes what is at a path without links, a directory with all that it holds. Throws FileError `ENOENT`. */
  remove(path: string): void {
    const parent = this.at(posix.dirname(path));
    if (parent?.kind !== "directory" || !parent.children.delete(posix.basename(path)))
      throw new FileError("ENOENT", path);
  }
}

/** True when a path is the directory or lies below it. */
export function isInside(path: string, directory: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

/** Every entry below a directory with its path relative to it, sorted by name within each directory. `skip` leaves names out whole. */
export function* walk(
  directory: Directory,
  skip: (name: string, entry: Entry) => boolean = () => false,
  prefix = "",
): Generator<readonly [string, Entry]> {
  const names = [...directory.children.keys()].sort();
  for (const name of names) {
    const entry = directory.children.get(name);
    if (entry === undefined || skip(name, entry)) continue;
    const path = `${prefix}${name}`;
    yield [path, entry];
    if (entry.kind === "directory") yield* walk(entry, skip, `${path}/`);
  }
}

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < path.length;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) parts.push(path.slice(start, end));
    start = end + 1;
  }
  return parts;
}
