import { posix } from "node:path";
import { pathIn, type Program } from "../fakes/sandbox/process.ts";
import { filesOf } from "../fakes/forge/repository-state.ts";
import { MemorySandbox } from "../fakes/sandbox/memory-sandbox.ts";
import { walk } from "../fakes/sandbox/tree.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { SandboxPort } from "../../worker/ports/sandbox.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

/** The repository that every run works on. */
export const baseEntries = filesOf({
  "package.json": '{"scripts":{"test":"check"}}',
  "src/a.txt": "a\nbug\n",
  "src/b.txt": "b\n",
});

/** `set <path> <content>` writes a file, `reset` restores the base, and `check` is the repository's tests. */
const programs: Readonly<Record<string, Program>> = {
  set: (process, [path = "", ...content]) => {
    process.tree.makeDirectory(posix.dirname(pathIn(process, path)));
    process.tree.write(pathIn(process, path), new TextEncoder().encode(content.join(" ")));
    return 0;
  },
  reset: ({ cwd, tree }) => {
    const root = tree.makeDirectory(cwd);
    for (const name of root.children.keys()) if (name !== ".git") root.children.delete(name);
    tree.makeDirectory(`${cwd}/src`);
    for (const [path, entry] of baseEntries) tree.put(`${cwd}/${path}`, entry);
    return 0;
  },
  check: ({ cwd, tree }) => {
    const root = tree.at(cwd);
    const texts: (readonly [string, string])[] = [];
    const decoder = new TextDecoder();
    if (root?.kind === "directory")
      for (const [path, entry] of walk(root, (name) => name === ".git"))
        if (entry.kind === "file") texts.push([path, decoder.decode(entry.bytes)]);
    return passes(texts) ? 0 : 1;
  },
};

/** The in-memory sandbox with the simulation's troubles: it dies, is not reached, loses replies, and every command is counted. */
export class FakeSandbox {
  readonly #world: World;
  readonly #memory = new MemorySandbox(programs);
  /** How often each execution was begun, by its id. */
  readonly #executions = new Map<string, number>();
  /** The commit that the work tree must hold, where that can change. */
  expectedSeed: () => string | undefined = () => undefined;
  #seededAt = "";

  constructor(world: World) {
    this.#world = world;
  }

  /** The port as one process sees it. */
  port(process: Process): SandboxPort {
    const memory = this.#memory;
    const enter = async (what: string): Promise<void> => {
      await this.#world.moment(process, `in sandbox ${what}`);
      this.#trouble();
    };
    return {
      open: async (spec) => {
        await this.#world.moment(process, "in sandbox open");
        const { sandbox } = this.#world.troubles;
        this.#world.maybe(sandbox, "sandbox host unreachable", unreachable);
        this.#world.maybe(
          sandbox / 4,
          "sandbox refused",
          () => new PortError("sandbox", "permanent", "isolation_unavailable", "no isolation"),
        );
        return memory.open(spec);
      },
      seed: async (id, dir, _tarball, base) => {
        await enter("seed");
        this.#seededAt = base;
        return memory.seedWith(id, dir, baseEntries, base);
      },
      exec: async (id, argv, { signal, ...options }) => {
        await enter("exec");
        this.#checkSeed();
        this.#count(argv, options.execId);
        const result = await memory.exec(id, argv, options);
        await enter("exec reply");
        if (!memory.openIds.includes(id)) throw new PortError("sandbox", "transient", "sandbox_gone", "it has died");
        // A duration of real time would differ between two lives of the same history.
        const timed = { ...result, durationMs: 3 };
        return signal?.aborted === true ? { ...timed, exitCode: 137, cancelled: true } : timed;
      },
      cancel: async () => false,
      readFile: async (id, path, range) => {
        await enter("read");
        this.#checkSeed();
        return memory.readFile(id, path, range);
      },
      writeFile: async (id, path, bytes, options) => {
        await enter("write");
        return memory.writeFile(id, path, bytes, options);
      },
      list: async (id, dir, options) => {
        await enter("list");
        return memory.list(id, dir, options);
      },
      remove: async (id, path) => {
        await enter("remove");
        return memory.remove(id, path);
      },
      changes: async (id, dir, options) => {
        await enter("changes");
        return memory.changes(id, dir, options);
      },
      fetchPort: async (id, port) => memory.fetchPort(id, port),
      destroy: async (id) => {
        await this.#world.moment(process, "in sandbox destroy");
        this.#world.maybe(this.#world.troubles.sandbox, "sandbox not destroyed", unreachable);
        return memory.destroy(id);
      },
    };
  }

  /** Counts a command of the agent: each may be begun once. Test suites are repeated as often as needed. */
  #count([program, , script = ""]: readonly string[], id = ""): void {
    if (program !== "sh" || script.startsWith("check")) return;
    const times = (this.#executions.get(id) ?? 0) + 1;
    this.#executions.set(id, times);
    must(times === 1, "tool-starts-once", () => `the sandbox ran ${id} ${times} times`);
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
      this.#memory.dieAll();
    }
    this.#world.maybe(sandbox / 2, "sandbox reply lost", unreachable);
  }
}

function unreachable(): PortError {
  return new PortError("sandbox", "transient", "host_unreachable", "no answer");
}

/** The repository's tests: a broken file fails them; so does a test that wants the fix while no source has it. */
function passes(texts: readonly (readonly [string, string])[]): boolean {
  if (texts.some(([, text]) => text.includes("BROKEN"))) return false;
  const wantsFix = texts.some(([path, text]) => path.startsWith("test/") && text.includes("WANTS-FIX"));
  return !wantsFix || texts.some(([path, text]) => path.startsWith("src/") && text.includes("FIXED"));
}
