import { gitBlobId } from "../../domain/hash.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ExecOptions, ExecResult, SandboxEntry, SandboxHandle, SandboxPort } from "../../worker/ports/sandbox.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The repository that every run works on. */
export const baseFiles: Readonly<Record<string, string>> = {
  "package.json": '{"scripts":{"test":"check"}}',
  "src/a.txt": "a\nbug\n",
  "src/b.txt": "b\n",
};
export const baseCommit = "c".repeat(40);
export const baseEntries = Object.entries(baseFiles).map(([path, text]) => ({
  path,
  text,
  bytes: encoder.encode(text),
  blob: gitBlobId(encoder.encode(text)),
}));

type Directory = Map<string, string>;

/** The sandbox host's side: one sandbox that dies and comes back empty, and a count of what was run in it. */
export class FakeSandbox {
  readonly #world: World;
  /** How often each execution was begun, by its id. */
  readonly executions = new Map<string, number>();
  readonly #directories = new Map<string, Directory>();
  /** The commit that the work tree must hold, where that can change. */
  expectedSeed: () => string | undefined = () => undefined;
  #seededAt = "";
  #generation = 0;
  #isAlive = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** The work tree's files while the sandbox lives. */
  workTree(): ReadonlyMap<string, string> | undefined {
    return this.#isAlive ? this.#directories.get("repo") : undefined;
  }

  /** The port as one process sees it. */
  port(process: Process): SandboxPort {
    const enter = async (what: string): Promise<void> => {
      await this.#world.moment(process, `in sandbox ${what}`);
      this.#trouble();
      if (!this.#isAlive) throw new PortError("sandbox", "transient", "sandbox_gone", "there is no such sandbox");
    };
    const unused = (): never => {
      throw new Error("the engine does not use this");
    };
    return {
      open: async (): Promise<SandboxHandle> => {
        await this.#world.moment(process, "in sandbox open");
        const { sandbox } = this.#world.troubles;
        this.#world.maybe(
          sandbox,
          "sandbox host unreachable",
          () => new PortError("sandbox", "transient", "host_unreachable", "no answer"),
        );
        this.#world.maybe(
          sandbox / 4,
          "sandbox refused",
          () => new PortError("sandbox", "permanent", "isolation_unavailable", "no isolation"),
        );
        if (!this.#isAlive) {
          this.#isAlive = true;
          this.#generation += 1;
          this.#directories.clear();
        }
        return { id: "run-1", generation: `g${this.#generation}`, driver: "fake" };
      },
      seed: async (_id, dir, _tarball, base) => {
        await enter("seed");
        this.#seededAt = base;
        this.#directories.set(dir, new Map(Object.entries(baseFiles)));
        return { fileCount: baseEntries.length, sizeBytes: 40 };
      },
      exec: async (_id, argv, options) => {
        await enter("exec");
        this.#checkSeed();
        const result = this.#execute(argv, options);
        await enter("exec reply");
        return options.signal?.aborted === true ? { ...result, exitCode: 137, cancelled: true } : result;
      },
      cancel: async () => false,
      readFile: async (_id, path) => {
        await enter("read");
        this.#checkSeed();
        const text = this.#find(path).file;
        if (text === undefined) throw new PortError("sandbox", "permanent", "not_found", path);
        const bytes = encoder.encode(text);
        return { bytes, sizeBytes: bytes.length };
      },
      writeFile: async (_id, path, bytes) => {
        await enter("write");
        const { directory, name } = this.#find(path);
        directory.set(name, decoder.decode(bytes));
      },
      list: async () => {
        await enter("list");
        const entries = [...(this.#directories.get("repo") ?? [])].map(([path, text]): SandboxEntry => ({
          path,
          kind: "file",
          sizeBytes: text.length,
        }));
        return { entries, truncated: false };
      },
      remove: async (_id, path) => {
        await enter("remove");
        const { directory, name } = this.#find(path);
        if (!directory.delete(name)) throw new PortError("sandbox", "permanent", "not_found", path);
      },
      changes: async (_id, dir) => {
        await enter("changes");
        return changesOf(this.#directories.get(dir) ?? new Map());
      },
      fetchPort: unused,
      destroy: async () => {
        await this.#world.moment(process, "in sandbox destroy");
        this.#world.maybe(
          this.#world.troubles.sandbox,
          "sandbox not destroyed",
          () => new PortError("sandbox", "transient", "host_unreachable", "no answer"),
        );
        this.#isAlive = false;
      },
    };
  }

  #checkSeed(): void {
    const expected = this.expectedSeed();
    must(
      expected === undefined || expected === this.#seededAt,
      "reads-the-reviewed-head",
      () => `the sandbox holds ${this.#seededAt}, the review is of ${expected}`,
    );
  }

  #trouble(): void {
    const { sandbox } = this.#world.troubles;
    if (sandbox === 0) return;
    if (this.#world.chance.happens(sandbox)) {
      this.#world.fault("sandbox died");
      this.#isAlive = false;
    }
    this.#world.maybe(
      sandbox / 2,
      "sandbox reply lost",
      () => new PortError("sandbox", "transient", "host_unreachable", "no answer"),
    );
  }

  #find(path: string): { readonly directory: Directory; readonly name: string; readonly file: string | undefined } {
    const slash = path.indexOf("/");
    const directory = this.#directories.get(path.slice(0, slash));
    if (directory === undefined) throw new PortError("sandbox", "permanent", "not_found", path);
    const name = path.slice(slash + 1);
    return { directory, name, file: directory.get(name) };
  }

  /** A tiny shell: `set <path> <content>`, `rm <path>`, `reset` to the base, and `check`, the repository's tests. */
  #execute(argv: readonly string[], { cwd, execId }: ExecOptions): ExecResult {
    const directory = this.#directories.get(cwd ?? "") ?? new Map<string, string>();
    const [program, , script = ""] = argv;
    let exitCode = 0;
    if (program === "sh" && script.startsWith("check")) exitCode = passes(directory) ? 0 : 1;
    else if (program === "sh") {
      const id = execId ?? "";
      const times = (this.executions.get(id) ?? 0) + 1;
      this.executions.set(id, times);
      must(times === 1, "tool-starts-once", () => `the sandbox ran ${id} ${times} times`);
      const [verb, path = "", ...content] = script.split(" ");
      if (verb === "set") directory.set(path, content.join(" "));
      else if (verb === "rm") directory.delete(path);
      else if (verb === "reset") {
        directory.clear();
        for (const { path: name, text } of baseEntries) directory.set(name, text);
      }
    }
    return {
      exitCode,
      stdout: `${argv[0]} ran`,
      stderr: "",
      truncated: false,
      timedOut: false,
      cancelled: false,
      durationMs: 3,
    };
  }
}

/** The repository's tests: a broken file fails them; so does a test that wants the fix while no source has it. */
function passes(files: ReadonlyMap<string, string>): boolean {
  const texts = [...files];
  if (texts.some(([, text]) => text.includes("BROKEN"))) return false;
  const wantsFix = texts.some(([path, text]) => path.startsWith("test/") && text.includes("WANTS-FIX"));
  return !wantsFix || texts.some(([path, text]) => path.startsWith("src/") && text.includes("FIXED"));
}

/** What differs from the base. */
function changesOf(files: ReadonlyMap<string, string>): readonly TreeChange[] {
  const changes: TreeChange[] = [];
  for (const { blob, path, text } of baseEntries) {
    const now = files.get(path);
    if (now === text) continue;
    const before = { path, beforeMode: "100644" as const, beforeBlob: blob };
    if (now === undefined) changes.push({ ...before, status: "deleted" });
    else changes.push({ ...before, status: "modified", afterMode: "100644", bytes: encoder.encode(now) });
  }
  for (const [path, text] of files) {
    if (!(path in baseFiles)) changes.push({ path, status: "added", afterMode: "100644", bytes: encoder.encode(text) });
  }
  return changes;
}
