import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { Git } from "../../../local/forge/git/git.ts";
import { writeBlob } from "../../../local/forge/git/objects.ts";
import { writeTree } from "../../../local/forge/git/trees.ts";
import { gitBlobId } from "../../../domain/hash.ts";
import { applyProblems } from "../../../domain/patch-set/apply-check.ts";
import { approvePatchSet } from "../../../domain/patch-set/approval.ts";
import { patchSetHash, proposalHash } from "../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import type { SandboxPort } from "../../../worker/ports/sandbox.ts";
import { patchContentOf } from "../../../worker/services/patch-set/read.ts";
import { layChanges } from "../../../worker/services/run/engine/lay-changes.ts";
import { startHostFixture, type HostFixture } from "../sandbox-contract/host-fixture.ts";
import { Base } from "./base.ts";
import { editScript } from "./edits.ts";

const root = join(import.meta.dirname, "../../..");
/** Two packages of the npm registry, and the sample. */
const sources = {
  "tar-stream": join(root, "node_modules/tar-stream"),
  "fast-fifo": join(root, "node_modules/fast-fifo"),
  sample: join(root, "local/sample"),
};
const megabyte = 1024 * 1024;
const limits = { env: {}, memoryBytes: 1024 * megabyte, diskBytes: 512 * megabyte, maxProcesses: 256 };

/** Repositories and a sandbox host, in which histories of edits are walked from the seed to the branch. */
export class Walks {
  readonly #folder: string;
  readonly #bases: readonly Base[];
  readonly #git: Git;
  readonly #host: HostFixture;

  private constructor(host: HostFixture) {
    this.#host = host;
    this.#folder = mkdtempSync(join(tmpdir(), "lime-fidelity-"));
    this.#git = new Git(join(this.#folder, "git-home"));
    this.#bases = Object.entries(sources).map(([name, source]) => new Base(this.#folder, name, source));
  }

  static async start(): Promise<Walks> {
    return new Walks(await startHostFixture());
  }

  async close(): Promise<void> {
    await this.#host.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Walks the seeds of a range, those of each repository one after the other and the repositories side by side. */
  async walkAll(first: number, last: number): Promise<void> {
    const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const lanes = this.#bases.map(async (_base, lane) => {
      for (const seed of seeds) if (seed % this.#bases.length === lane) await this.walk(seed);
    });
    // Each lane ends before a failure is told: the next seeds use the same sandboxes.
    for (const result of await Promise.allSettled(lanes)) if (result.status === "rejected") throw result.reason;
  }

  /**
   * Makes a seed's edits in a sandbox, and by git in a work tree: the sandbox's changes, what is shown of them, the approved
   * patch set and the tree that lands must all be git's own.
   */
  async walk(seed: number): Promise<void> {
    const base = this.#bases[seed % this.#bases.length];
    if (base === undefined) throw new Error("no base");
    const { port } = this.#host;
    const id = `fidelity-${String(seed % this.#bases.length)}`;
    await port.open({ id, ...limits });
    await lay(port, id, base, "repo");
    const isThorough = seed % 5 === 0;
    if (isThorough) expect(await changesOf(port, id, "repo"), `seed ${seed}: an untouched base`).toEqual([]);

    const script = editScript(seed, base.tree);
    const ran = await port.exec(id, ["sh"], {
      ...{ cwd: "repo", stdin: new TextEncoder().encode(script), timeoutMs: 60_000, maxOutputBytes: 10_000 },
    });
    expect(ran.exitCode, `seed ${seed}`).toBe(0);
    const expected = base.treeAfter(script);
    const changes = await changesOf(port, id, "repo");
    expect(applyProblems(changes, base.entries), `seed ${seed}`).toEqual([]);
    for (const change of changes) expectShown(change, base, `seed ${seed}: ${change.path}`);
    const landed = await this.#land(base, approvedOf(base, changes));
    if (landed !== expected)
      expect(base.entriesOf(landed), `seed ${seed}: the tree\n${script}`).toEqual(base.entriesOf(expected));

    if (!isThorough) return;
    // A lost sandbox gets the saved work laid on a fresh base, which must be the same work.
    await lay(port, id, base, "again");
    await layChanges(port, id, "again", changes);
    expect(await changesOf(port, id, "again"), `seed ${seed}: restored`).toEqual(changes);
  }

  /** The tree of the base with the changes, as the forge makes it. */
  async #land(base: Base, changes: readonly TreeChange[]): Promise<string> {
    const directory = join(base.folder, ".git");
    const entries = [];
    for (const { afterMode, bytes, path, beforeMode } of changes) {
      const sha = bytes === undefined ? null : await writeBlob(this.#git, directory, bytes);
      entries.push({ path, mode: afterMode ?? beforeMode ?? "100644", sha });
    }
    return entries.length === 0 ? base.treeId : writeTree(this.#git, directory, base.treeId, entries);
  }
}

async function lay(port: SandboxPort, id: string, base: Base, dir: string): Promise<void> {
  const { missing } = await port.seed(id, dir, new Blob([base.archive]).stream(), base.commit, base.tree);
  const blobs = new Map(base.tree.map(({ blob, path }) => [path, blob]));
  for (const path of missing) await port.seedFile(id, dir, path, new Blob([base.blob(blobs.get(path) ?? "")]).stream());
}

/** The work as the engine saves it. */
async function changesOf(port: SandboxPort, id: string, dir: string): Promise<readonly TreeChange[]> {
  const read = await port.changes(id, dir, { maxBytes: 10_000_000 });
  return read.map(({ filter: _filter, ...change }) =>
    change.bytes === undefined ? change : { ...change, afterBlob: gitBlobId(change.bytes) },
  );
}

/** Checks that the text shown to a person equals the text that lands, to the character. */
function expectShown(change: TreeChange, base: Base, what: string): void {
  const before = change.beforeBlob === undefined ? undefined : base.blob(change.beforeBlob);
  const shown = patchContentOf(change, before);
  if (shown.isBinary) return;
  for (const [text, bytes] of [
    [shown.before, before],
    [shown.after, change.bytes],
  ] as const) {
    if (bytes === undefined) expect(text, what).toBeNull();
    else if (isUtf8(bytes)) expect(gitBlobId(new TextEncoder().encode(text ?? "")), what).toBe(gitBlobId(bytes));
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && Buffer.from(Buffer.from(bytes).toString("utf8"), "utf8").equals(bytes);
}

/** The changes that an approval of exactly their hash covers. */
function approvedOf(base: Base, changes: readonly TreeChange[]): readonly TreeChange[] {
  if (changes.length === 0) return changes;
  const text = {
    ...{ version: 1, headBranch: "lime/run-1", parentCommit: null, title: "Edit", summary: "Edits." },
    coAuthors: [],
  };
  const hash = proposalHash(patchSetHash("1", base.commit, changes), text);
  const by = { id: "1", name: "Ada" };
  const result = approvePatchSet({
    ...{ repositoryId: "1", baseCommit: base.commit, changes, companions: [], text, isBlocked: false },
    approval: { hash, baseCommit: base.commit, decision: "approve", by, atMs: 1 },
  });
  if (!result.ok) throw new Error(result.reason);
  return result.approved.changes;
}
