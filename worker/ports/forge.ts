import type { ApprovedPatchSet } from "../../domain/patch-set/approval.ts";

/** A repository as the forge names it. */
export interface RepositoryRef {
  readonly installationId: string;
  readonly owner: string;
  readonly name: string;
}

export interface ForgeRepository {
  readonly externalId: string;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  readonly description: string | null;
  readonly primaryLanguage: string | null;
}

export interface ForgeTreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly blob: string;
  readonly sizeBytes: number | undefined;
}

export interface ForgePullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  readonly headBranch: string;
  readonly headCommit: string;
  readonly baseBranch: string;
}

export interface ForgeWorkflowRun {
  readonly id: string;
  readonly name: string;
  readonly headCommit: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly url: string;
}

/** Reads of a forge. Errors are PortError: `not_found`, `empty_repository`, `unauthorized`, `rate_limited`, `too_large`, `server_error`, `timeout`. */
export interface ForgeReader {
  listInstallationRepositories(installationId: string): Promise<readonly ForgeRepository[]>;
  getRepository(repository: RepositoryRef): Promise<ForgeRepository>;
  /** Commit id of a branch's head. */
  getBranchHead(repository: RepositoryRef, branch: string): Promise<string>;
  /** The whole tree of a commit, recursive. Throws `too_large` when the forge truncates it. */
  getTree(repository: RepositoryRef, commit: string): Promise<readonly ForgeTreeEntry[]>;
  getFile(repository: RepositoryRef, commit: string, path: string): Promise<Uint8Array>;
  /** Gzipped tarball of a commit, streamed. */
  getTarball(repository: RepositoryRef, commit: string): Promise<ReadableStream<Uint8Array>>;
  findPullRequest(repository: RepositoryRef, headBranch: string): Promise<ForgePullRequest | undefined>;
  listWorkflowRuns(repository: RepositoryRef, headCommit: string): Promise<readonly ForgeWorkflowRun[]>;
  /** The end of the log, at most `maxBytes`. */
  getWorkflowRunLog(repository: RepositoryRef, workflowRunId: string, maxBytes: number): Promise<string>;
}

/** What the write gate writes: everything that decides the commit's bytes, so that a repeat makes the same commit. */
export interface CommitPlan {
  readonly branch: string;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** UTC milliseconds, whole seconds: the approval's time. */
  readonly committedAtMs: number;
}

/**
 * Writes to a forge. Imported by the write gate alone. Every method demands an approved patch set, which only the
 * domain's approval decision makes, and is idempotent: done twice, it leaves what once leaves.
 */
export interface ForgeWriter {
  /** Blobs, tree and commit with parent = base; returns the commit id. No ref is moved. */
  writeCommit(repository: RepositoryRef, approved: ApprovedPatchSet, plan: CommitPlan): Promise<{ readonly commit: string; readonly tree: string }>;
  /** Makes the branch at the commit, never forced. An existing branch at the same commit is success; at another, permanent `ref_conflict`. */
  createBranch(repository: RepositoryRef, approved: ApprovedPatchSet, branch: string, commit: string): Promise<void>;
  /** Opens a pull request, or returns the open one of the same head branch. */
  openPullRequest(
    repository: RepositoryRef,
    approved: ApprovedPatchSet,
    request: { readonly headBranch: string; readonly baseBranch: string; readonly title: string; readonly body: string },
  ): Promise<ForgePullRequest>;
}
