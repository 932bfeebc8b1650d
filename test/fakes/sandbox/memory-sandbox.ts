import { isExecutableMode, isSymlinkMode } from "../../../contracts/file-mode.ts";
import { posix } from "node:path";
import { sandboxId } from "../../../contracts/sandbox-host.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type {
  ExecOptions,
  ExecResult,
  SandboxEntry,
  SandboxHandle,
  SandboxPort,
  SandboxSpec,
  SeededBase,
  TreeFile,
  WorkChange,
} from "../../../worker/ports/sandbox.ts";
import { changesOf, withFilters, type Base } from "./changes.ts";
import { fill, Opened, runInTime, workspace } from "./opened.ts";
import type { Programs } from "./process.ts";
import { commonPrograms } from "./programs.ts";
import { Directory, FileEntry, FileError, LinkEntry, walk } from "./tree.ts";
import { unpack } from "./unpack.ts";

/** A command that was begun, as a test sees it. */
export interface BegunCommand {
  readonly sandbox: string;
  readonly execId: string | undefined;
  readonly argv: readonly string[];
}

/**
 * The sandbox port in memory: a file system, a seed to compare with, generations, and a small shell whose programs a test
 * extends. It answers as the real host does where the contract suite can see it; a command that it does not know ends with 127.
 */
export class MemorySandbox implements SandboxPort {
  /** Commands in the order in which they were begun. */
  readonly commands: BegunCommand[] = [];
  readonly #programs: Programs;
  readonly #opened = new Map<string, Opened>();
  #generations = 0;

  constructor(programs: Programs = {}) {
    this.#programs = { ...commonPrograms, ...programs };
  }

  /** Ids of the sandboxes that are open. */
  get openIds(): readonly string[] {
    return [...this.#opened.keys()];
  }

  /** Ends a sandbox as a crash of its host does: its files are gone, and its running commands fail. */
  die(id: string): void {
    const opened = this.#opened.get(id);
    if (opened === undefined) return;
    opened.isGone = true;
    this.#opened.delete(id);
    for (const control of opened.running.values()) control.abort();
  }

  /** Ends every sandbox. */
  dieAll(): void {
    for (const id of this.openIds) this.die(id);
  }

  /** The files below a directory of a sandbox as text, by path; undefined when the sandbox or the directory is not there. */
  texts(id: string, dir: string): ReadonlyMap<string, string> | undefined {
    const directory = this.#opened.get(id)?.tree.at(posix.join(workspace, dir));
    if (directory?.kind !== "directory") return undefined;
    const texts = new Map<string, string>();
    for (const [path, entry] of walk(directory, (name) => name === ".git"))
      if (entry.kind === "file") texts.set(path, new TextDecoder().decode(entry.bytes));
    return texts;
  }

  async open(spec: SandboxSpec): Promise<SandboxHandle> {
    let opened = this.#opened.get(checkId(spec.id));
    if (opened === undefined) {
      this.#generations += 1;
      opened = new Opened(`generation-${this.#generations}`, spec);
      this.#opened.set(spec.id, opened);
    }
    return { id: spec.id, generation: opened.generation, driver: "memory" };
  }

  async seed(
    id: string,
    dir: string,
    tarball: ReadableStream<Uint8Array>,
    base: string,
    tree?: readonly TreeFile[],
  ): Promise<SeededBase> {
    const { spec } = this.#find(id);
    const place = this.#place(id, dir);
    const files = new Map(await unpack(tarball, spec.diskBytes));
    const missing = (tree ?? []).filter(({ blob, path }) => files.get(path)?.blob !== blob);
    for (const { path } of missing) files.delete(path);
    const seeded = this.seedWith(id, place, files, base);
    this.#find(id).missing.set(place, { base, files: new Map(missing.map((file) => [file.path, file])) });
    return { ...seeded, fileCount: files.size + missing.length, missing: missing.map(({ path }) => path) };
  }

  async seedFile(id: string, dir: string, path: string, content: ReadableStream<Uint8Array>): Promise<void> {
    const place = this.#place(id, dir);
    const { bases, missing } = this.#find(id);
    const lacking = missing.get(place);
    const file = lacking?.files.get(path);
    if (lacking === undefined || file === undefined) throw refused("not_found", `${path} is not missing`);
    const bytes = new Uint8Array(await new Response(content).arrayBuffer());
    const entry = isSymlinkMode(file.mode)
      ? new LinkEntry(new TextDecoder().decode(bytes))
      : new FileEntry(bytes, isExecutableMode(file.mode) ? 0o755 : 0o644);
    if (entry.blob !== file.blob) throw refused("invalid_archive", `${path} has another content`);
    lacking.files.delete(path);
    this.seedWith(id, place, new Map([...(bases.get(place) ?? []), [path, entry]]), lacking.base);
  }

  /** Seeds a directory with unpacked files, as a tarball of them would. */
  seedWith(id: string, dir: string, files: Base, base: string): SeededBase {
    const { bases, tree } = this.#find(id);
    const sizeBytes = fill(tree.makeDirectory(this.#place(id, dir)), files, `Base ${base}`);
    bases.set(this.#place(id, dir), files);
    return { fileCount: files.size, sizeBytes, missing: [] };
  }

  async exec(id: string, argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const opened = this.#find(id);
    const cwd = this.#place(id, options.cwd ?? "");
    if (opened.tree.at(cwd)?.kind !== "directory") throw refused("not_found", cwd);
    const execId = options.execId ?? crypto.randomUUID();
    if (opened.running.has(execId)) throw refused("duplicate_exec", execId);
    this.commands.push({ sandbox: id, execId: options.execId, argv });
    const control = new AbortController();
    opened.running.set(execId, control);
    try {
      const result = await runInTime(opened, { cwd, argv, programs: this.#programs, control }, options);
      if (opened.isGone) throw gone(id);
      return result;
    } finally {
      opened.running.delete(execId);
    }
  }

  async cancel(id: string, execId: string): Promise<boolean> {
    const control = this.#find(id).running.get(execId);
    control?.abort();
    return control !== undefined;
  }

  async readFile(
    id: string,
    path: string,
    range: { readonly offset?: number; readonly maxBytes?: number } = {},
  ): Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }> {
    const { tree } = this.#find(id);
    const place = this.#place(id, path);
    const { bytes } = this.#try(() => tree.file(place));
    const { offset = 0, maxBytes = bytes.length } = range;
    return { bytes: Uint8Array.from(bytes.subarray(offset, offset + maxBytes)), sizeBytes: bytes.length };
  }

  async writeFile(
    id: string,
    path: string,
    bytes: Uint8Array,
    options: { readonly executable?: boolean } = {},
  ): Promise<void> {
    const { spec, tree } = this.#find(id);
    const place = this.#place(id, path);
    if (place === workspace) throw refused("not_a_file", path);
    if (bytes.length > spec.diskBytes) throw refused("too_large", path);
    this.#try(() => {
      tree.makeDirectory(posix.dirname(place));
      const before = tree.at(place);
      if (before !== undefined && before.kind !== "file") throw new FileError("EISDIR", path);
      const permissions = before?.permissions ?? 0o644;
      const { executable } = options;
      const wanted = executable === undefined ? permissions : executable ? permissions | 0o111 : permissions & ~0o111;
      tree.put(place, new FileEntry(Uint8Array.from(bytes), wanted));
    });
  }

  async list(
    id: string,
    dir: string,
    options: { readonly recursive?: boolean; readonly limit?: number } = {},
  ): Promise<{ readonly entries: readonly SandboxEntry[]; readonly truncated: boolean }> {
    const { tree } = this.#find(id);
    const directory = tree.at(this.#place(id, dir));
    if (directory?.kind !== "directory") throw refused("not_found", dir);
    const { limit = 1000, recursive = false } = options;
    const isSkipped = (name: string): boolean => name === ".git" || name === "node_modules";
    const found = recursive
      ? [...walk(directory, isSkipped)]
      : [...directory.children].filter(([name]) => !isSkipped(name));
    const entries = found
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([path, entry]) => ({ path, kind: entry.kind, sizeBytes: "bytes" in entry ? entry.bytes.length : 0 }));
    return { entries: entries.slice(0, limit), truncated: entries.length > limit };
  }

  async remove(id: string, path: string): Promise<void> {
    const { tree } = this.#find(id);
    const place = this.#place(id, path, true);
    if (place === workspace) throw refused("path_escape", path);
    this.#try(() => tree.remove(place));
  }

  async changes(id: string, dir: string, { maxBytes }: { readonly maxBytes: number }): Promise<readonly WorkChange[]> {
    const { bases, tree } = this.#find(id);
    const place = this.#place(id, dir);
    const base = bases.get(place);
    if (base === undefined) throw refused("not_found", dir);
    const root = tree.at(place);
    const changes = changesOf(base, root?.kind === "directory" ? root : new Directory());
    for (const { path } of changes) {
      const entry = tree.at(`${place}/${path}`);
      if (entry?.kind === "file" && (entry.permissions & 0o400) === 0)
        throw refused("unreadable", `${JSON.stringify(path)} can't be read: its mode forbids it`);
    }
    const sizeBytes = changes.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    if (sizeBytes > maxBytes) throw refused("too_large", `${sizeBytes} bytes have changed`);
    return withFilters(changes, tree.at(`${place}/.gitattributes`));
  }

  async fetchPort(id: string, port: number): Promise<Response> {
    this.#find(id);
    throw new PortError("sandbox", "transient", "port_closed", `nothing listens on ${port}`);
  }

  async destroy(id: string): Promise<void> {
    this.die(checkId(id));
  }

  #find(id: string): Opened {
    const opened = this.#opened.get(checkId(id));
    if (opened === undefined) throw gone(id);
    return opened;
  }

  /** Where a path of the port leads. Throws PortError `path_escape`. */
  #place(id: string, path: string, keepLast = false): string {
    const { tree } = this.#find(id);
    return this.#try(() => tree.resolve(posix.resolve(workspace, path), { within: workspace, keepLast }));
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof FileError) throw refused(codes[error.code], error.message);
      throw error;
    }
  }
}

const codes: Readonly<Record<FileError["code"], string>> = {
  ENOENT: "not_found",
  ENOTDIR: "not_found",
  EISDIR: "not_a_file",
  EEXIST: "not_a_file",
  ELOOP: "path_escape",
  ENOSPC: "too_large",
  EINVAL: "invalid_path",
  ESCAPE: "path_escape",
};

function refused(code: string, detail: string): PortError {
  return new PortError("sandbox", "permanent", code, detail);
}

function gone(id: string): PortError {
  return new PortError("sandbox", "transient", "sandbox_gone", `there is no sandbox ${id}`);
}

function checkId(id: string): string {
  if (!sandboxId.safeParse(id).success) throw refused("invalid_request", `${JSON.stringify(id)} is no id of a sandbox`);
  return id;
}
