import { isExecutableMode } from "../../../contracts/file-mode.ts";
import { createHash } from "node:crypto";
import type { ApprovedClose, ApprovedDeletion } from "../../../domain/patch-set/approved-close.ts";
import type { PullNow } from "../../../domain/run/watch.ts";
import { posix } from "node:path";
import { PortError } from "../../../worker/ports/errors.ts";
import type {
  ForgeCheck,
  ForgeCommit,
  ForgePullRequest,
  ForgeRequiredCheck,
  ForgeTreeEntry,
} from "../../../worker/ports/forge.ts";
import { baseCommit } from "../run-start.ts";
import { FileEntry, type TrackedEntry } from "../sandbox/tree.ts";
import { writeTarball, type TarMember } from "../tar-writer.ts";

/** The state of CI on a commit; undefined: it has not run. */
export type CiStatus = Pick<ForgeCheck, "status" | "conclusion">;

export interface PullState extends ForgePullRequest {
  readonly isMerged?: boolean;
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
  readonly files: Map<string, TrackedEntry>;
  /** Paths of submodules. */
  readonly submodules: string[] = [];
  /** The archive's content where it is not the tree's, as `.gitattributes` has it; null for a file that is left out. */
  readonly archived = new Map<string, string | null>();
  /** Written commits by id, in order, also those that no branch has stood at. */
  readonly commits = new Map<string, ForgeCommit>();
  /** The commits that a branch has stood at, in order. */
  readonly pushed: string[] = [];
  /** Branches that others have made. No branch of ours can be inside of one, nor one of theirs inside of ours. */
  readonly otherBranches: string[] = [];
  /** Heads of written branches. */
  readonly branches = new Map<string, string>();
  readonly pulls: PullState[] = [];
  /** The text of each write of a pull request, in order. */
  readonly pullTexts: { readonly title: string; readonly body: string }[] = [];
  /** CI of a commit: by its number, from 0, among those that a branch has stood at. */
  ci: (commitNumber: number) => CiStatus | undefined = () => ({ status: "completed", conclusion: "success" });

  /** The changes that people made to the pull requests. */
  pullChanges: Partial<PullNow> = {};
  /** Further checks of the commit of that number. */
  moreChecks: (commitNumber: number) => readonly Omit<ForgeCheck, "commit">[] = () => [];
  /** The checks that its base branch demands. */
  requiredChecks: readonly ForgeRequiredCheck[] = [];

  constructor(files: ReadonlyMap<string, TrackedEntry>, base: string = baseCommit) {
    this.baseCommit = base;
    this.files = new Map(files);
  }

  /** The base's tree. */
  get tree(): readonly ForgeTreeEntry[] {
    const files = [...this.files].map(([path, { blob, bytes, mode }]) => ({
      ...{ path, mode, blob, type: "blob" as const },
      sizeBytes: bytes.length,
    }));
    const submodules = this.submodules.map((path) => ({
      ...{ path, mode: "160000", blob: "c".repeat(40), type: "commit" as const },
      sizeBytes: undefined,
    }));
    return [...files, ...submodules];
  }

  /** The tree of a commit: the base's, unless a test has another. */
  treeAt: (commit: string) => readonly ForgeTreeEntry[] = () => this.tree;

  /** A file of the base, as a forge gives files by their path: it follows links. Throws PortError. */
  file(path: string): Uint8Array {
    const entry = this.files.get(path);
    if (entry?.kind === "symlink") {
      const target = posix.join(posix.dirname(path), entry.target);
      if (!this.files.has(target)) throw new PortError("forge", "permanent", "not_a_file", path);
      return this.file(target);
    }
    if ((entry?.bytes.length ?? 0) > 10 * 1024 * 1024) throw new PortError("forge", "permanent", "too_large", path);
    if (entry === undefined) throw new PortError("forge", "permanent", "not_found", path);
    return entry.bytes;
  }

  /** The content of a blob of the base. Throws PortError `not_found`. */
  blob(id: string): Uint8Array {
    const entry = [...this.files.values()].find(({ blob }) => blob === id);
    if (entry === undefined) throw new PortError("forge", "permanent", "not_found", id);
    return entry.bytes;
  }

  /** The base as a gzipped tarball. */
  tarball(): Uint8Array<ArrayBuffer> {
    const members = [...this.files].flatMap(([path, entry]): readonly TarMember[] => {
      const archived = this.archived.get(path);
      if (archived === null) return [];
      if (entry.kind === "symlink") return [{ path: `top/${path}`, symlink: entry.target }];
      const executable = isExecutableMode(entry.mode);
      return [{ path: `top/${path}`, content: archived ?? entry.bytes, executable }];
    });
    return writeTarball(members);
  }

  /** Head of a branch; the base commit for every branch but a run's that was not written. Throws PortError `not_found`. */
  head(branch: string): string {
    const head = this.branches.get(branch);
    if (head === undefined && /^lime[/-]/u.test(branch))
      throw new PortError("forge", "permanent", "not_found", branch, { status: 404 });
    return head ?? this.baseCommit;
  }

  /** The id of an object: the same for the same identity, as the same bytes have the same id in git. */
  idOf(identity: unknown): string {
    return createHash("sha1").update(JSON.stringify(identity)).digest("hex");
  }

  /** The id of the next commit: each is dated and signed by the forge, so that no two are the same. */
  nextCommitId(): string {
    return this.idOf(["commit", this.baseCommit, this.commits.size]);
  }

  /** A commit that was written. Throws PortError `not_found`. */
  commitAt(id: string): ForgeCommit {
    const commit = this.commits.get(id);
    if (commit === undefined) throw new PortError("forge", "permanent", "not_found", id, { status: 404 });
    return commit;
  }

  /** Makes a branch. Throws PortError `ref_conflict` when it exists at another commit, `name_taken` when another is in its way. */
  createBranch(name: string, commit: string): void {
    const stands = this.branches.get(name);
    if (stands !== undefined && stands !== commit) throw conflict(name);
    const isInTheWay = (other: string): boolean => other.startsWith(`${name}/`) || name.startsWith(`${other}/`);
    if (stands === undefined && this.otherBranches.some(isInTheWay))
      throw new PortError("forge", "permanent", "name_taken", "create the branch: 422 Reference update failed", {
        status: 422,
      });
    this.#push(name, commit);
  }

  #push(name: string, commit: string): void {
    this.branches.set(name, commit);
    if (!this.pushed.includes(commit)) this.pushed.push(commit);
  }

  /** Moves a branch on. Throws PortError `ref_conflict` when it is at another commit. */
  advanceBranch(name: string, { from, to }: { readonly from: string; readonly to: string }): void {
    const stands = this.branches.get(name);
    if (stands !== from && stands !== to) throw conflict(name);
    this.#push(name, to);
  }

  /** Opens a pull request, or answers the one of the same branch with its head as it is now. */
  openPull({
    baseBranch,
    body,
    headBranch,
    title,
  }: Pick<PullState, "headBranch" | "baseBranch" | "title"> & { readonly body?: string }): PullState {
    this.pullTexts.push({ title, body: body ?? "" });
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

  /** Closes a run's own pull request. Throws PortError `moved` when its head is another's commit. */
  closeOwn({ number, ownCommits }: ApprovedClose): void {
    if (!ownCommits.includes(this.pullNow(number).headCommit)) throw moved(`pull request ${number}`);
    this.setPull(number, "closed");
  }

  /** Deletes a branch of a run. Throws PortError `moved` when its head is another's commit. */
  deleteOwnBranch({ branch, ownCommits }: ApprovedDeletion): void {
    const head = this.branches.get(branch);
    if (head !== undefined && !ownCommits.includes(head)) throw moved(branch);
    this.branches.delete(branch);
  }

  /** Closes, merges or reopens a pull request and answers it. Throws PortError `not_found`. */
  setPull(number: number, state: "open" | "closed", isMerged = false): PullState {
    const pull = this.pulls[number - 1];
    if (pull === undefined) throw new PortError("forge", "permanent", "not_found", `pull request ${number}`);
    const changed = { ...pull, state, isMerged };
    this.pulls[number - 1] = changed;
    return changed;
  }

  /** A pull request as a person left it: `pullChanges` stand over what was written. Throws PortError `not_found`. */
  pullNow(number: number): PullNow {
    const pull = this.pulls[number - 1];
    if (pull === undefined) throw new PortError("forge", "permanent", "not_found", `pull request ${number}`);
    const { headBranch, state } = pull;
    return { state, headCommit: this.head(headBranch), isMergeable: true, isBranchDeleted: false, ...this.pullChanges };
  }

  /** The checks of a commit: one workflow run, once CI has begun, and those that were added. */
  checksOf(commit: string): readonly ForgeCheck[] {
    const at = this.pushed.indexOf(commit);
    const ci = at < 0 ? undefined : this.ci(at);
    const id = String(at + 1);
    const url = `https://forge.example/run/${id}`;
    const run = {
      checkId: id,
      source: "workflow_run",
      name: "test",
      appId: null,
      commit,
      url,
      isSuperseded: false,
    } as const;
    return [
      ...(ci === undefined ? [] : [{ ...run, ...ci }]),
      ...this.moreChecks(at).map((check) => ({ ...check, commit })),
    ];
  }
}

function moved(name: string): PortError {
  return new PortError("forge", "permanent", "moved", `the head of ${name} is another's commit`);
}

function conflict(branch: string): PortError {
  return new PortError("forge", "permanent", "ref_conflict", `${branch} stands at another commit`, { status: 409 });
}
