import type { components } from "@octokit/openapi-types";

/** GitHub's own schemas: every answer of the forge is built as one of these. */
export type Schemas = components["schemas"];

export type AccessLevel = "read" | "write";

/** The permissions of an installation or of one of its tokens, by GitHub's names. */
export interface Permissions {
  actions?: AccessLevel;
  administration?: AccessLevel;
  checks?: AccessLevel;
  contents?: AccessLevel;
  deployments?: AccessLevel;
  issues?: AccessLevel;
  members?: AccessLevel;
  metadata?: AccessLevel;
  pull_requests?: AccessLevel;
  statuses?: AccessLevel;
  workflows?: "write";
}

export type PermissionName = keyof Permissions;

export const permissionNames: readonly PermissionName[] = [
  "actions",
  "administration",
  "checks",
  "contents",
  "deployments",
  "issues",
  "members",
  "metadata",
  "pull_requests",
  "statuses",
  "workflows",
];

/** The input of a job of continuous integration: a commit's files and the command to run in them. */
export interface CiJob {
  /** Gzipped tar with one top directory. */
  readonly tarball: Uint8Array;
  readonly command: string;
  readonly timeoutMs: number;
  onOutput(text: string): void;
  readonly signal: AbortSignal;
}

/** Runs a repository's test command in isolation; the forge never runs one itself. */
export interface CiRunner {
  run(job: CiJob): Promise<{ exitCode: number; timedOut: boolean }>;
}

export interface ForgeAppOptions {
  /** Numeric id as text, like GITHUB_APP_ID. */
  id: string;
  slug: string;
  /** PKCS#8 or PKCS#1 PEM; generated once (RSA 2048) and kept in the data directory when absent. */
  privateKeyPem?: string;
  clientId: string;
  clientSecret: string;
  webhookSecret: string;
  webhookUrl?: string;
  /**
   * Registered OAuth callback URLs; a redirect_uri must have the same origin and lie at or under the path of one.
   * With none registered, only loopback addresses are accepted.
   */
  callbackUrls?: readonly string[];
  /** Where a person is sent after installing the app, with installation_id, setup_action and state. */
  setupUrl?: string;
}

export interface ForgeOptions {
  /** 0 takes a free one. */
  port: number;
  dataDir: string;
  /** The address that answers and links carry; the listening address when absent. */
  publicUrl?: string;
  app: ForgeAppOptions;
  ci: CiRunner;
  /** Entries of a tree that one answer lists, 100,000 unless told; a longer one is truncated. */
  maxTreeEntries?: number;
}

/** One accepted mutation of a repository or of its issues, pull requests and runs. */
export interface ForgeWrite {
  readonly id: number;
  readonly atMs: number;
  /** `installation:<id>` or `user:<login>`. */
  readonly actor: string;
  /** The first 12 hex digits of the token's SHA-256, to tell tokens apart without keeping them. */
  readonly tokenId: string;
  readonly method: string;
  readonly path: string;
  /** `owner/name`, when the path names one. */
  readonly repository: string | null;
  readonly status: number;
  /** The result: an object id, a ref and its commit, or the new resource's address. */
  readonly result: string;
}

export interface ImportRequest {
  /** Account that owns it, made as an organisation when unknown; the first installed account when absent. */
  owner?: string;
  name: string;
  description?: string;
  /** Absent: an empty repository. */
  source?: { kind: "directory" | "tarball"; path: string };
  defaultBranch?: string;
  /** Default true. */
  private?: boolean;
}

export interface ImportedRepository {
  readonly id: number;
  readonly fullName: string;
  readonly htmlUrl: string;
  readonly defaultBranch: string;
  /** Commit of the default branch; undefined for an empty repository. */
  readonly headCommit: string | undefined;
}

export interface MoveRequest {
  owner: string;
  name: string;
  /** The account that it is transferred to, made as an organisation when unknown. */
  newOwner?: string;
  newName?: string;
}

export interface ReadersRequest {
  owner: string;
  name: string;
  /** Logins of the only people who see it; absent: all members of its owner. */
  logins?: readonly string[];
}

export interface InstallationRequest {
  owner: string;
  ownerType?: "Organization" | "User";
  /** Names without the owner, or every present and future repository. Default `all`. */
  repositories?: "all" | readonly string[];
  /** Default: the permissions that the product's app requests. */
  permissions?: Permissions;
}

export interface UserRequest {
  login: string;
  name?: string;
  email?: string;
  /** Organisations that the person belongs to, made when unknown. */
  organizations?: readonly string[];
}

/** A check that a service beside the forge reports on a commit. */
export interface OutsideCheckRequest {
  /** `owner/name`. */
  repository: string;
  commit: string;
  kind: "check_run" | "status";
  name: string;
  /** Null while it runs. */
  conclusion: string | null;
  url?: string;
}

/** The checks that a branch demands before a merge; no names lift the demand. */
export interface RequiredChecksRequest {
  /** `owner/name`. */
  repository: string;
  branch: string;
  names: readonly string[];
}

/** Whether a repository's branches take signed commits alone. */
export interface RequiredSignaturesRequest {
  /** `owner/name`. */
  repository: string;
  required: boolean;
}

/** A running forge. */
export interface Forge {
  /** Address of pages, OAuth and git, without a trailing slash. */
  readonly url: string;
  /** Base URL of the REST API. */
  readonly apiUrl: string;
  readonly privateKeyPem: string;
  /** Every accepted mutation, oldest first; also at GET /_forge/writes. Minting a token is none. */
  writes(): readonly ForgeWrite[];
  importRepository(request: ImportRequest): Promise<ImportedRepository>;
  /** Renames or transfers a repository, and sends the webhook. */
  moveRepository(request: MoveRequest): Promise<void>;
  /** Lets only some members of its owner see a repository. GitHub sends no webhook for that. */
  setReaders(request: ReadersRequest): Promise<void>;
  /** Idempotent by owner: a second call replaces the selection and the permissions. */
  createInstallation(request: InstallationRequest): Promise<{ readonly id: number }>;
  /** Idempotent by login. */
  createUser(request: UserRequest): Promise<{ readonly id: number; readonly login: string }>;
  /** A token that acts as that person, as the OAuth flow gives it. */
  createUserToken(login: string): Promise<string>;
  /** Reports a commit status or another app's check run. Rejects with SetupError `not_found` for an unknown repository or commit. */
  setCheck(request: OutsideCheckRequest): Promise<void>;
  setRequiredChecks(request: RequiredChecksRequest): void;
  /** A rule over all branches, which refuses refs of the API at new commits without a valid signature. */
  setRequiredSignatures(request: RequiredSignaturesRequest): void;
  setWebhookUrl(url: string | undefined): void;
  /** Stops the server, the running job (it is run again at the next start) and deliveries. */
  close(): Promise<void>;
}
