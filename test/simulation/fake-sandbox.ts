import { posix } from "node:path";
import { pathIn, type Program } from "../fakes/sandbox/process.ts";
import { MemorySandbox } from "../fakes/sandbox/memory-sandbox.ts";
import { walk } from "../fakes/sandbox/tree.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { SandboxPort } from "../../worker/ports/sandbox.ts";
import { workDir } from "../../worker/services/run/engine/workspace.ts";
import type { RunStart, SimulatedRepository } from "./run-start.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

/** `set <path> <content>` writes a file and `check` is a repository's tests. */
const programs: Readonly<Record<string, Program>> = {
  set: (process, [path = "", ...content]) => {
    process.tree.makeDirectory(posix.dirname(pathIn(process, path)));
    process.tree.write(pathIn(process, path), new TextEncoder().encode(content.join(" ")));
    return 0;
  },
  check: ({ cwd, out, tree }) => {
    const root = tree.at(cwd);
    const texts: (readonly [string, string])[] = [];
    const decoder = new TextDecoder();
    if (root?.kind === "directory")
      for (const [path, entry] of walk(root, (name) => name === ".git"))
        if (entry.kind === "file") texts.push([path, decoder.decode(entry.bytes)]);
    const results = resultsOf(texts);
    out(`${results.map(({ name, passes }) => `${passes ? "ok" : "not ok"} 1 - ${name}`).join("\n")}\n`);
    out(`# tests ${results.length}\n# pass ${results.filter(({ passes }) => passes).length}\n`);
    return results.every(({ passes }) => passes) ? 0 : 1;
  },
};

/** `reset` restores the bases of the repositories that lie below the working directory. */
function resetOf(repositories: readonly SimulatedRepository[]): Program {
  return ({ cwd, tree }) => {
    for (const { files, source } of repositories) {
      const place = posix.join(cwd, source.folder);
      if (tree.at(`${place}/.git`)?.kind !== "directory") continue;
      const root = tree.makeDirectory(place);
      for (const name of root.children.keys()) if (name !== ".git") root.children.delete(name);
      for (const [path, entry] of files) {
        tree.makeDirectory(posix.dirname(`${place}/${path}`));
        tree.put(`${place}/${path}`, entry);
      }
    }
    return 0;
  };
}

/** The in-memory sandbox with the simulation's faults: it dies, is unreachable, loses replies, and every command is counted. */
export class FakeSandbox {
  readonly #world: World;
  readonly #memory: MemorySandbox;
  readonly #repositories: readonly SimulatedRepository[];
  /** The number of starts of each execution, by its id. */
  readonly #executions = new Map<string, number>();
  /** The commit that the work tree must hold, where that can change. */
  expectedSeed: () => string | undefined = () => undefined;
  /** Folders of the repositories that take part; undefined before a step has laid them out. */
  expectedFolders: () => readonly string[] = () => [];
  #seededAt = "";

  constructor(world: World, { repositories }: RunStart) {
    this.#world = world;
    this.#repositories = repositories;
    this.#memory = new MemorySandbox({ ...programs, reset: resetOf(repositories) });
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
        return memory.seedWith(id, dir, this.#filesOf(dir, base), base);
      },
      seedFile: async () => {
        throw new Error("a seed from the base files lacks nothing");
      },
      exec: async (id, argv, { signal, ...options }) => {
        await enter("exec");
        this.#checkSeed();
        if (options.cwd === workDir && signal?.aborted !== true) this.#checkFolders(id);
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

  /** The files of the repository whose folder this is; its seed is of its own base commit. */
  #filesOf(dir: string, base: string): SimulatedRepository["files"] {
    const [, folder = ""] = dir.split("/");
    const found = this.#repositories.find(({ source }) => source.folder === folder);
    must(found !== undefined, "seeds-its-own-repository", () => `${dir} belongs to no repository`);
    must(
      folder === "" || found.baseCommit === base,
      "seeds-its-own-repository",
      () => `${dir} was seeded with ${base}`,
    );
    return found.files;
  }

  /** Counts a command of the agent: each may be begun once. Test suites are repeated as often as needed. */
  #count([program, , script = ""]: readonly string[], id = ""): void {
    if (program !== "sh" || script.startsWith("check")) return;
    const times = (this.#executions.get(id) ?? 0) + 1;
    this.#executions.set(id, times);
    must(times === 1, "tool-starts-once", () => `the sandbox ran ${id} ${times} times`);
  }

  /** A command at the root of several repositories sees those that take part, and no other. */
  #checkFolders(id: string): void {
    const expected = this.expectedFolders();
    const texts = this.#repositories.length === 1 ? undefined : this.#memory.texts(id, workDir);
    if (texts === undefined) return;
    // By a file of each that no agent touches: an agent may make a folder of any name.
    const manifest = "/package.json";
    const laidOut = [...texts.keys()].filter((path) => path.endsWith(manifest));
    const folders = laidOut.map((path) => path.slice(0, -manifest.length)).toSorted();
    must(
      folders.join() === expected.toSorted().join(),
      "works-on-the-chosen-repositories",
      () => `the workspace has ${folders.join(", ")}, chosen are ${expected.join(", ")}`,
    );
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

/**
 * The repository's tests, one a file, as TAP: one that wants the fix fails while no source has it, one that wants sound code while a
 * source is broken, and a broken one always.
 */
function resultsOf(
  texts: readonly (readonly [string, string])[],
): readonly { readonly name: string; readonly passes: boolean }[] {
  const hasSource = (token: string): boolean =>
    texts.some(([path, text]) => path.startsWith("src/") && text.includes(token));
  return texts
    .filter(([path]) => path.startsWith("test/"))
    .map(([name, text]) => ({
      name,
      passes:
        !text.includes("BROKEN") &&
        (!text.includes("WANTS-FIX") || hasSource("FIXED")) &&
        (!text.includes("WANTS-SOUND") || !hasSource("BROKEN")),
    }));
}
