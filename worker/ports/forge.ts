import type { CheckSource } from "../../contracts/check.ts";
import type { PullNow } from "../../domain/run/watch.ts";
import type { PullFile } from "../../contracts/review.ts";

/**
 * A repository at the forge. Its numeric id alone says which one it is: a name can be given up and taken by another repository, so owner and
 * name are only to be shown.
 */
export interface RepositoryRef {
  readonly installationId: string;
  /** The forge's numeric id. Empty in a run that was stored without it; no adapter takes such a reference. */
  readonly externalId: string;
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

/** A commit as the forge has it. */
export interface ForgeCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** The name that the commit gives its author, unchecked. */
  readonly authorName: string;
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

/** A check on a commit: a workflow run or one of its jobs, another app's check run, or a commit status. */
export interface ForgeCheck {
  /** A workflow run's id; of the others source and id, or the status's name. */
  readonly checkId: string;
  readonly source: CheckSource;
  readonly name: string;
  readonly appId: string | null;
  readonly commit: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly url: string | null;
  readonly isSuperseded: boolean;
}

/** A check that a branch demands before a merge; `appId` where only that app's counts. */
export interface ForgeRequiredCheck {
  readonly name: string;
  readonly appId: string | null;
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
  /** A commit by its id, also one that no branch holds. Throws `not_found`. */
  getCommit(repository: RepositoryRef, commit: string): Promise<ForgeCommit>;
  /** The whole tree of a commit, recursive, also where the forge lists it in parts. Throws `too_large` for more than 400,000 entries. */
  getTree(repository: RepositoryRef, commit: string): Promise<readonly ForgeTreeEntry[]>;
  getFile(repository: RepositoryRef, commit: string, path: string): Promise<Uint8Array>;
  /**
   * Reads blobs by id, a few at a time, and hands each to `use` as a stream. The bytes are not checked here: who uses them
   * compares their id. An error of `use` ends the reading.
   */
  readBlobs(
    repository: RepositoryRef,
    blobs: readonly string[],
    use: (blob: string, content: ReadableStream<Uint8Array>) => Promise<void>,
  ): Promise<void>;
  /** Gzipped tarball of a commit, streamed. */
  getTarball(repository: RepositoryRef, commit: string): Promise<ReadableStream<Uint8Array>>;
  findPullRequest(repository: RepositoryRef, headBranch: string): Promise<ForgePullRequest | undefined>;
  /** A pull request by its number, from a fork too. Throws `not_found`. */
  getPullRequest(repository: RepositoryRef, number: number): Promise<ForgePullDetails>;
  /** A pull request of a branch of this repository as it stands now. Throws `not_found`. */
  watchPullRequest(repository: RepositoryRef, number: number): Promise<PullNow>;
  /** The files that the pull request changes, in the forge's order, with each file's patch where the forge shows one. */
  listPullFiles(repository: RepositoryRef, number: number): Promise<readonly PullFile[]>;
  /** The review that an app submitted on this head commit and whose body has `marker` in it. */
  findReview(
    repository: RepositoryRef,
    number: number,
    commit: string,
    marker: string,
  ): Promise<ForgeReview | undefined>;
  /** Every check on a commit, in the forge's order. Throws `no_checks_permission` where the App may not read one kind of them. */
  listChecks(repository: RepositoryRef, headCommit: string): Promise<readonly ForgeCheck[]>;
  /** The checks that a branch demands, by its protection and by rules. */
  listRequiredChecks(repository: RepositoryRef, branch: string): Promise<readonly ForgeRequiredCheck[]>;
  /** The end of the log, at most `maxBytes`. */
  getWorkflowRunLog(repository: RepositoryRef, workflowRunId: string, maxBytes: number): Promise<string>;
}
