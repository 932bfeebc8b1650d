import type { Database } from "../../db/client.ts";
import type { IdentityPort } from "../../ports/identity.ts";
import type { Auth } from "./auth.ts";
import type { IdentityConfig } from "./config.ts";
import { fetchAccount, fetchInstallations, fetchRepositoryIds, fetchVisibility } from "./github-user.ts";
import { handleAuthRequest } from "./handler.ts";
import { readSession, readSessionToken } from "./session.ts";
import { readSocketGrant, writeSocketGrant } from "./socket-grant.ts";

export type { IdentityConfig } from "./config.ts";

/**
 * Identity by better-auth: people sign in with GitHub. The library is loaded with the first request to `/api/auth`, not
 * with the Worker.
 */
export function createIdentity(given: IdentityConfig, db: Database): IdentityPort {
  const config = { ...given, publicUrl: new URL(given.publicUrl).origin };
  let loading: Promise<Auth> | undefined;
  const load = (): Promise<Auth> => (loading ??= import("./auth.ts").then(({ createAuth }) => createAuth(config, db)));
  const tokenOf = async (userId: number): Promise<string> => {
    const { getGitHubToken } = await import("./auth.ts");
    return getGitHubToken(await load(), db, userId);
  };
  return {
    handler: (request) => handleAuthRequest(load, request),
    sessionToken: (headers) => readSessionToken(config, headers),
    socketGrantCookie: (token, grant) => writeSocketGrant(config, token, grant),
    socketGrant: (token, runId, headers) => readSocketGrant(config, token, runId, headers),
    getSession: (headers) => readSession(config, db, headers, Date.now()),
    listInstallations: async (userId) => fetchInstallations(config.githubApiUrl, await tokenOf(userId)),
    listRepositoryIds: async (userId, installationId) =>
      fetchRepositoryIds(config.githubApiUrl, await tokenOf(userId), installationId),
    noreplyEmail: async (userId) => {
      const { id, login } = await fetchAccount(config.githubApiUrl, await tokenOf(userId));
      return `${id}+${login}@users.noreply.${new URL(config.githubWebUrl).hostname}`;
    },
    canSeeRepository: async (userId, externalId) =>
      fetchVisibility(config.githubApiUrl, await tokenOf(userId), externalId),
  };
}
