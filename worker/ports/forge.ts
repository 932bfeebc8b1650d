import type { PullFile } from "../../contracts/review.ts";

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

/** A pull request with the fields that a reviewer reads; its head may be in a fork. */
export interface ForgePullDetails extends ForgePullRequest {
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly baseCommit: string;
}

/** A review that a forge has. */
export interface ForgeReview {
  readonly id: string;
  readonly url: string;
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
  /** A pull request by its number, from a fork too. Throws `not_found`. */
  getPullRequest(repository: RepositoryRef, number: number): Promise<ForgePullDetails>;
  /** The files that the pull request changes, in the forge's order, with each file's patch where the forge shows one. */
  listPullFiles(repository: RepositoryRef, number: number): Promise<readonly PullFile[]>;
  /** The review that an app submitted on this head commit and whose body has `marker` in it. */
  findReview(
    repository: RepositoryRef,
    number: number,
    commit: string,
    marker: string,
  ): Promise<ForgeReview | undefined>;
  listWorkflowRuns(repository: RepositoryRef, headCommit: string): Promise<readonly ForgeWorkflowRun[]>;
  /** The end of the log, at most `maxBytes`. */
  getWorkflowRunLog(repository: RepositoryRef, workflowRunId: string, maxBytes: number): Promise<string>;
}
