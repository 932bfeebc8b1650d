import { gitBlobId } from "../../../domain/hash.ts";
import { allFiles, unignored } from "./ignore.ts";
import { trackedAt, type Base } from "./changes.ts";
import { Directory, FileEntry, type TrackedEntry } from "./tree.ts";

/** A commit. The same files with the same message and parent have the same id, computed when it is asked for. */
export class Commit {
  readonly author: string;
  readonly message: string;
  readonly files: Base;
  readonly parent: Commit | undefined;

  constructor(commit: Pick<Commit, "author" | "message" | "files" | "parent">) {
    this.author = commit.author;
    this.message = commit.message;
    this.files = commit.files;
    this.parent = commit.parent;
  }

  get id(): string {
    const lines = [...this.files].map(([path, { blob, mode }]) => `${mode} ${blob} ${path}`).sort();
    const text = [this.parent?.id ?? "", this.author, this.message, ...lines].join("\n");
    return gitBlobId(new TextEncoder().encode(text));
  }
}

const text = (content: string): FileEntry => new FileEntry(new TextEncoder().encode(content));
const headFile = text("ref: refs/heads/base\n");
const configFile = text("[core]\n\tbare = false\n");

/** A `.git` directory with the commits and the index that `git` works on; the files in it only look like git's. */
export class Repository extends Directory {
  readonly commits: Commit[] = [];
  /** The staged entries: an entry, or `intent` for `git add --intent-to-add`. Undefined while they equal the last commit. */
  #index: Map<string, TrackedEntry | "intent"> | undefined;

  constructor() {
    super();
    this.children.set("HEAD", headFile);
    this.children.set("config", configFile);
    for (const name of ["hooks", "info", "objects", "refs"]) this.children.set(name, new Directory());
  }

  /** True while nothing has tampered with what git needs. */
  get isWhole(): boolean {
    const file = this.children.get("HEAD");
    return file === headFile;
  }

  get files(): Base {
    return this.commits.at(-1)?.files ?? new Map<string, TrackedEntry>();
  }

  get index(): ReadonlyMap<string, TrackedEntry | "intent"> {
    return this.#index ?? this.files;
  }

  /** Commits these files on top of the last commit. */
  commit(message: string, author: string, files: Base): void {
    this.commits.push(new Commit({ author, message, files, parent: this.commits.at(-1) }));
    this.#index = undefined;
  }

  /** Stages what the work tree has at the selected paths: all, or only that new files are to be. */
  stage(
    root: Directory,
    isSelected: (path: string) => boolean,
    how: { readonly isIntent: boolean; readonly isForced: boolean },
  ): void {
    const index = new Map(this.index);
    if (!how.isIntent)
      for (const path of this.index.keys()) {
        if (!isSelected(path)) continue;
        const now = trackedAt(root, path);
        if (now === undefined) index.delete(path);
        else index.set(path, now);
      }
    for (const [path, entry] of how.isForced ? allFiles(root) : unignored(root)) {
      if (!isSelected(path) || index.has(path)) continue;
      if (entry.kind === "file" || entry.kind === "symlink") index.set(path, how.isIntent ? "intent" : entry);
    }
    this.#index = index;
  }

  /** The index as files to commit. */
  staged(): Base {
    const files = new Map<string, TrackedEntry>();
    for (const [path, entry] of this.index) if (entry !== "intent") files.set(path, entry);
    return files;
  }
}
