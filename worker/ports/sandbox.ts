import type { FileMode, TreeChange } from "../../domain/patch-set/types.ts";

/** The request to open a sandbox. `id` is chosen by the caller; opening the same id again returns the running one. */
export interface SandboxSpec {
  readonly id: string;
  /** Environment of every command, besides the driver's own minimal PATH, HOME and LANG. Never secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly maxProcesses: number;
}

/**
 * An opened sandbox. `generation` changes when the sandbox had to be made anew (host restarted, sandbox died), so that
 * the caller seeds again: its files are gone.
 */
export interface SandboxHandle {
  readonly id: string;
  readonly generation: string;
  readonly driver: string;
}

export interface ExecOptions {
  /** Relative to `/workspace`. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly timeoutMs: number;
  /** Bytes kept of stdout and stderr together; bytes over that are dropped from the middle and `truncated` is set. */
  readonly maxOutputBytes: number;
  /** Lets `cancel` name this command. */
  readonly execId?: string;
  /** Called with each piece of output as it comes, in order. */
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** Exit code; 128 + signal when killed by one. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  readonly durationMs: number;
}

export interface SandboxEntry {
  /** Relative to the listed directory. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly sizeBytes: number;
}

/** A file or symlink of a commit's tree. */
export interface TreeFile {
  readonly path: string;
  readonly mode: FileMode;
  /** Git's object id of the content. */
  readonly blob: string;
}

/** A change of the work tree. */
export interface WorkChange extends TreeChange {
  /** The program that `.gitattributes` has for the file, such as `lfs`; it was not run. */
  readonly filter?: string;
}

export interface SeededBase {
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Paths of the tree whose exact content the tarball did not have; empty without a tree. */
  readonly missing: readonly string[];
}

/** A sandbox that a host has open. */
export interface OpenSandbox {
  readonly id: string;
  /** UTC milliseconds by the host's clock. */
  readonly startedAtMs: number;
}

/** The sandboxes that are open on a host, whoever asked for them. */
export interface SandboxInventory {
  /** Every open sandbox. Throws PortError. */
  listOpen(): Promise<readonly OpenSandbox[]>;
  /** Idempotent; leaves no process and no file. Throws PortError. */
  destroy(id: string): Promise<void>;
}

/**
 * The isolated place where a run clones, edits and tests. One contract suite (test/node/sandbox-contract) holds for every driver.
 * All paths are relative to `/workspace` (or absolute inside it); one that resolves outside, also through a symlink, is a
 * permanent PortError `path_escape`. There is no network and no forge credential inside. Errors are PortError:
 * `sandbox_gone` (transient: open again), `host_full` (transient: no room for another sandbox), `path_escape`, `not_found`, `too_large`, `not_a_file`, `host_unreachable`
 * (transient), `isolation_unavailable`, `unauthorized`.
 */
export interface SandboxPort {
  /** Idempotent by `spec.id`. */
  open(spec: SandboxSpec): Promise<SandboxHandle>;
  /**
   * Unpacks a gzipped tarball into `dir` (made empty first), dropping the first path component, then makes it a git
   * repository whose single commit is the base. Symlinks are kept as they are; hard links, devices and paths with `..`
   * are refused. `base` is the forge's commit id, recorded for information.
   *
   * An archive is not the tree: export-ignore leaves files out, export-subst, ident and line ends change their content. With
   * `tree` the base is the tree's blobs, each checked by its id; `seedFile` brings those that the archive lacks, and the
   * repository has its commit after the last one.
   */
  seed(
    id: string,
    dir: string,
    tarball: ReadableStream<Uint8Array>,
    base: string,
    tree?: readonly TreeFile[],
  ): Promise<SeededBase>;
  /** Brings the content of a path that `seed` named as missing. Throws permanent `invalid_archive` for content of another id. */
  seedFile(id: string, dir: string, path: string, content: ReadableStream<Uint8Array>): Promise<void>;
  exec(id: string, argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Kills the whole process group of the command; true when it was running. */
  cancel(id: string, execId: string): Promise<boolean>;
  /** At most `maxBytes` are returned, from `offset`; `sizeBytes` is the whole file's. */
  readFile(
    id: string,
    path: string,
    range?: { readonly offset?: number; readonly maxBytes?: number },
  ): Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }>;
  /** Parent directories are made; an existing file keeps its mode. */
  writeFile(id: string, path: string, bytes: Uint8Array, options?: { readonly executable?: boolean }): Promise<void>;
  /** Recursive when asked; `.git` and `node_modules` are skipped; at most `limit` entries, sorted by path. */
  list(
    id: string,
    dir: string,
    options?: { readonly recursive?: boolean; readonly limit?: number },
  ): Promise<{ readonly entries: readonly SandboxEntry[]; readonly truncated: boolean }>;
  remove(id: string, path: string): Promise<void>;
  /**
   * The differences between the work tree of `dir` and its base commit, as raw status plus bytes: untracked files that
   * .gitignore does not exclude count as added. Read with the sandbox's git configuration neutralised; line ends and `$Id$` are
   * as `git add` stores them under the work tree's `.gitattributes`.
   * Throws `too_large` when the content is over `maxBytes` together, and a permanent `unreadable`, whose message names the path, when the
   * mode of a file or directory forbids reading it.
   */
  changes(id: string, dir: string, options: { readonly maxBytes: number }): Promise<readonly WorkChange[]>;
  /** An HTTP request to a port inside the sandbox (previews). */
  fetchPort(id: string, port: number, request: Request): Promise<Response>;
  /** Idempotent; leaves no process and no file. */
  destroy(id: string): Promise<void>;
}
