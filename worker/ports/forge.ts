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
