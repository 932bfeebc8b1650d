import { createHash } from "node:crypto";
import { PortError } from "../../../worker/ports/errors.ts";
import type { ForgePullRequest, ForgeTreeEntry, ForgeWorkflowRun } from "../../../worker/ports/forge.ts";
import { baseCommit } from "../run-start.ts";
import { FileEntry } from "../sandbox/tree.ts";
import { writeTarball } from "../tar-writer.ts";

/** The state of CI on a commit; undefined: it has not run. */
export type CiStatus = Pick<ForgeWorkflowRun, "status" | "conclusion">;

export interface PullState extends ForgePullRequest {
  readonly title: string;
}

/** Files of a repository from their texts. */
export function filesOf(texts: Readonly<Record<string, string>>): ReadonlyMap<string, FileEntry> {
  const encoder = new TextEncoder();
  return new Map(Object.entries(texts).map(([path, text]) => [path, new FileEntry(encoder.encode(text))]));
}

/** One repository of a forge: the files of its one base commit, and what was written on top. */
export class RepositoryState {
  readonly baseCommit: string;
  readonly files: ReadonlyMap<string, FileEntry>;
  /** Written commits by id, in order, with their messages. */
  readonly commits = new Map<string, { readonly message: string }>();
  /** Heads of written branches. */
  readonly branches = new Map<string, string>();
  readonly pulls: PullState[] = [];
  /** CI of a commit: by its number, from 0, among the written ones. */
  ci: (commitNumber: number) => CiStatus | undefined = () => ({ status: "completed", conclusion: "success" });

  constructor(files: ReadonlyMap<string, FileEntry>, base: string = baseCommit) {
    this.baseCommit = base;
    this.files = files;
  }

  /** The base's tree. */
  get tree(): readonly ForgeTreeEntry[] {
    return [...this.files].map(([path, { blob, bytes, mode }]) => ({
      ...{ path, mode, blob, type: "blob" as const },
      sizeBytes: bytes.length,
    }));
  }

  /** A file of the base. Throws PortError `not_found`. */
  file(path: string): Uint8Array {
    const entry = this.files.get(path);
    if (entry === undefined) throw new PortError("forge", "permanent", "not_found", path);
    return entry.bytes;
  }

  /** The base as a gzipped tarball. */
  tarball(): Uint8Array<ArrayBuffer> {
    return writeTarball([...this.files].map(([path, { bytes }]) => ({ path: `top/${path}`, content: bytes })));
  }

  /** Head of a branch; the base commit for every branch that was not written. */
  head(branch: string): string {
    return this.branches.get(branch) ?? this.baseCommit;
  }

  /** The id of a commit: the same for the same identity, as the same bytes have the same id in git. */
  idOf(identity: unknown): string {
    return createHash("sha1").update(JSON.stringify(identity)).digest("hex");
  }

  /** Adds a commit and answers its id. */
  commit(identity: unknown, message: string): string {
    const id = this.idOf(identity);
    if (!this.commits.has(id)) this.commits.set(id, { message });
    return id;
  }

  /** Makes a branch. Throws PortError `ref_conflict` when it exists at another commit. */
  createBranch(name: string, commit: string): void {
    const stands = this.branches.get(name);
    if (stands !== undefined && stands !== commit) throw conflict(name);
    this.branches.set(name, commit);
  }

  /** Moves a branch on. Throws PortError `ref_conflict` when it is at another commit. */
  advanceBranch(name: string, { from, to }: { readonly from: string; readonly to: string }): void {
    const stands = this.branches.get(name);
    if (stands !== from && stands !== to) throw conflict(name);
    this.branches.set(name, to);
  }

  /** Opens a pull request, or answers the one of the same branch with its head as it is now. */
  openPull({ baseBranch, headBranch, title }: Pick<PullState, "headBranch" | "baseBranch" | "title">): PullState {
    const at = this.pulls.findIndex((pull) => pull.headBranch === headBranch);
    const number = at < 0 ? this.pulls.length + 1 : at + 1;
    const pull: PullState = {
      ...{ number, title, headBranch, baseBranch, state: "open", merged: false },
      url: `https://forge.example/pull/${number}`,
      headCommit: this.head(headBranch),
    };
    this.pulls[number - 1] = pull;
    return pull;
  }

  /** The workflow runs of a commit: one, once CI has begun. */
  workflowRuns(commit: string): readonly ForgeWorkflowRun[] {
    const at = [...this.commits.keys()].indexOf(commit);
    const ci = at < 0 ? undefined : this.ci(at);
    const id = String(at + 1);
    return ci === undefined
      ? []
      : [{ ...ci, id, name: "test", headCommit: commit, url: `https://forge.example/run/${id}` }];
  }
}

function conflict(branch: string): PortError {
  return new PortError("forge", "permanent", "ref_conflict", `${branch} stands at another commit`, { status: 409 });
}
