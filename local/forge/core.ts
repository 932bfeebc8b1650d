import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Git } from "./git/git.ts";
import type { Account } from "./store/accounts.ts";
import type { Repository } from "./store/repositories.ts";
import type { Store } from "./store/store.ts";
import type { Permissions } from "./types.ts";

/** The GitHub App that this forge knows. */
export interface AppIdentity {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookSecret: string;
  readonly publicKey: KeyObject;
  readonly callbackUrls: readonly string[];
  readonly setupUrl: string | undefined;
  /** The key under which the forge signs commits of the app. */
  readonly signingKey: Buffer;
  /** The account that the app acts as. */
  readonly bot: Account;
  readonly createdAtMs: number;
}

/** The dependencies that every part of the forge shares. */
export interface ForgeCore {
  readonly app: AppIdentity;
  /** Address of pages, OAuth and git, without a trailing slash. */
  readonly url: string;
  readonly apiUrl: string;
  readonly dataDir: string;
  readonly store: Store;
  readonly git: Git;
  readonly locks: RepositoryLocks;
  readonly maxTreeEntries: number;
  now(): number;
}

/** The permissions that the app requests when it is installed. */
export const defaultPermissions: Readonly<Permissions> = {
  actions: "write",
  checks: "read",
  contents: "write",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
  statuses: "read",
  workflows: "write",
};

/** Where a repository's bare git directory lies: named by id, so that no name ever becomes a path. */
export function gitDirectory(core: Pick<ForgeCore, "dataDir">, repository: Pick<Repository, "id">): string {
  return join(core.dataDir, "repositories", `${repository.id}.git`);
}

/** One at a time per repository: whatever moves refs runs under its lock, so that before and after are truthful. */
export class RepositoryLocks {
  readonly #tails = new Map<number, Promise<unknown>>();

  async hold<T>(repositoryId: number, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(repositoryId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const tail = mine.catch(() => undefined);
    this.#tails.set(repositoryId, tail);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(repositoryId) === tail) this.#tails.delete(repositoryId);
    }
  }
}

/** The address under which an account's commits are shown without its own: id, login and the forge's host, as on GitHub. */
export function noreplyAddress({ url }: Pick<ForgeCore, "url">, { id, login }: Pick<Account, "id" | "login">): string {
  return `${id}+${login}@users.noreply.${new URL(url).hostname}`;
}

/** UTC milliseconds as GitHub writes times: whole seconds, `Z`. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** An opaque global id in the manner of GitHub's `node_id`. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`, "utf8").toString("base64url");
}

/** A path or branch as part of an address: each segment encoded, slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
