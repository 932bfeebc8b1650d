import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { PortError } from "../../ports/errors.ts";
import type { RepositoryRef } from "../../ports/forge.ts";
import { forgeError, toPortError } from "./errors.ts";
import { createForgeFetch, defaultLimits } from "./forge-fetch.ts";
import type { FetchFunction, ForgeFetch, ForgeLimits } from "./forge-fetch.ts";
import { createMint, type MintedToken } from "./mint.ts";

/** Where the forge is. `apiBaseUrl` of github.com is `https://api.github.com`, of a server `https://<host>/api/v3`. */
export interface ForgeAddress {
  readonly apiBaseUrl: string;
  readonly webBaseUrl: string;
  /** Stands in for the global `fetch`. */
  readonly fetch?: FetchFunction;
  readonly limits?: Partial<ForgeLimits>;
}

export interface GitHubOptions extends ForgeAddress {
  readonly appId: string;
  /** PKCS#1 or PKCS#8. Read at the first use, so that a bad key fails GitHub calls alone. */
  readonly privateKeyPem: string;
}

/** Octokit under one token. */
export type ForgeOctokit = Octokit;

export interface ForgeTransport {
  readonly limits: ForgeLimits;
  readonly fetch: ForgeFetch;
  /** Octokit under a token; `reads` tries a failed request again twice, `writes` never repeats one that may have happened. */
  octokit(token: string, purpose: "reads" | "writes"): ForgeOctokit;
  readonly Octokit: typeof Octokit;
}

/** Statuses from 400 to 599 besides those named. */
function allBut(...kept: readonly number[]): number[] {
  return Array.from({ length: 200 }, (_, index) => 400 + index).filter((status) => !kept.includes(status));
}

// A fresh installation token may be refused for a moment, and a refused request did nothing: 401 is safe to repeat for both.
// The delays are this base times 1 and 4. Rate limits and longer outages wait in the caller, durably.
const retryBaseMs = 150;
const readRetry = { retries: 2, retryAfterBaseValue: retryBaseMs, doNotRetry: allBut(401, 408, 500, 502, 503, 504) };
const writeRetry = { retries: 2, retryAfterBaseValue: retryBaseMs, doNotRetry: allBut(401) };

/**
 * Octokit's class for a forge, with bounded fetch and retries. The throttling plugin stays out on purpose: its queues and their
 * interval live in module scope, which in a Worker ties requests of different objects together, keeps an object from
 * hibernating, and would hold a rate-limited call in memory for minutes where the run's alarm waits durably.
 */
export function createTransport(address: ForgeAddress): ForgeTransport {
  const limits = { ...defaultLimits, ...address.limits };
  const origins = [new URL(address.apiBaseUrl).origin, new URL(address.webBaseUrl).origin];
  const forgeFetch = createForgeFetch(address.fetch ?? ((url, init) => fetch(url, init)), origins, limits);
  const Configured = Octokit.plugin(retry).defaults({
    baseUrl: address.apiBaseUrl.replace(/\/+$/u, ""),
    userAgent: "assembly-lime",
    request: { fetch: forgeFetch.buffered },
    retry: readRetry,
  });
  return {
    limits,
    fetch: forgeFetch,
    octokit: (token, purpose) => new Configured({ auth: token, retry: purpose === "reads" ? readRetry : writeRetry }),
    Octokit: Configured,
  };
}

type Permissions = Readonly<Record<string, "read" | "write">>;
const readPermissions: Permissions = {
  metadata: "read",
  contents: "read",
  actions: "read",
  checks: "read",
  pull_requests: "read",
};
/** Asked for apart from the other reads, so that an App without one of them can still do everything else. */
const checkPermissions: Permissions = {
  metadata: "read",
  actions: "read",
  checks: "read",
  statuses: "read",
};
const listPermissions: Permissions = { metadata: "read" };
const writePermissions: Permissions = { contents: "write", pull_requests: "write" };
const reviewPermissions: Permissions = { pull_requests: "write" };

/** Makes calls under a token. `at` is the token's repository with today's owner and name. */
type RepositoryWork<T> = (octokit: ForgeOctokit, at: RepositoryRef) => Promise<T>;

/**
 * Mints installation tokens and makes calls under them. A token serves one call of the port and is kept nowhere. A repository is chosen by
 * its numeric id alone: its token reaches no other, and each request under it goes to the name that the repository has now.
 */
export interface GitHubClient {
  readonly transport: ForgeTransport;
  /** Runs `work` with a token for reading this one repository. Its errors come out as PortError; `what` names the work. */
  reading<T>(repository: RepositoryRef, what: string, work: RepositoryWork<T>): Promise<T>;
  /** Runs `work` with a token for reading the checks of this one repository. Throws permanent `no_checks_permission`. */
  checking<T>(repository: RepositoryRef, what: string, work: RepositoryWork<T>): Promise<T>;
  /**
   * Runs `work` with a token for writing contents and pull requests of this one repository, nothing else; with `workflows` also its
   * workflow files, which GitHub guards by a permission of their own. Throws permanent `no_workflows_permission` without that.
   */
  writing<T>(
    repository: RepositoryRef,
    what: string,
    work: RepositoryWork<T>,
    needs?: { readonly workflows: boolean },
  ): Promise<T>;
  /** Runs `work` with a token for writing pull requests of this one repository, but not its contents. */
  reviewing<T>(repository: RepositoryRef, what: string, work: RepositoryWork<T>): Promise<T>;
  /** Runs `work` with a token that sees the metadata of all of the installation's repositories. */
  listing<T>(installationId: string, what: string, work: (octokit: ForgeOctokit) => Promise<T>): Promise<T>;
}

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export function createClient(options: GitHubOptions): GitHubClient {
  const transport = createTransport(options);
  const mint = createMint(options, transport);

  const call = async <T>(
    { token, at }: MintedToken,
    purpose: "reads" | "writes",
    what: string,
    work: RepositoryWork<T>,
  ): Promise<T> => {
    try {
      return await work(boundTo(transport.octokit(token, purpose), at), at);
    } catch (error) {
      throw toPortError(error, what, { isFreshToken: true });
    }
  };

  return {
    transport,
    reading: async (repository, what, work) => call(await mint(repository, readPermissions), "reads", what, work),
    checking: async (repository, what, work) => {
      const minted = await mint(repository, checkPermissions).catch((error: unknown) => {
        if (!(error instanceof PortError) || error.status !== 422 || error.code === "repository_gone") throw error;
        throw forgeError("permanent", "no_checks_permission", `${what}: the App may not read it`, { status: 422 });
      });
      return call(minted, "reads", what, work);
    },
    writing: async (repository, what, work, needs) => {
      if (needs?.workflows !== true) return call(await mint(repository, writePermissions), "writes", what, work);
      const minted = await mint(repository, { ...writePermissions, workflows: "write" }).catch((error: unknown) => {
        if (!(error instanceof PortError) || error.status !== 422 || error.code === "repository_gone") throw error;
        throw forgeError("permanent", "no_workflows_permission", `${what}: the App may not write workflows`, {
          status: 422,
        });
      });
      return call(minted, "writes", what, work);
    },
    reviewing: async (repository, what, work) => call(await mint(repository, reviewPermissions), "writes", what, work),
    listing: async (installationId, what, work) => {
      try {
        return await work(transport.octokit(await mint.whole(installationId, listPermissions), "reads"));
      } catch (error) {
        throw toPortError(error, what, { isFreshToken: true });
      }
    },
  };
}

/**
 * Sends every request for a repository to this one, whichever name the caller has: a name that was true when it was stored may belong to
 * another repository now.
 */
function boundTo(octokit: ForgeOctokit, at: RepositoryRef): ForgeOctokit {
  octokit.hook.before("request", (request) => {
    if ("owner" in request && "repo" in request) Object.assign(request, { owner: at.owner, repo: at.name });
  });
  return octokit;
}
