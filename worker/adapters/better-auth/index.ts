import type { Database } from "../../db/client.ts";
import type { IdentityPort } from "../../ports/identity.ts";
import type { Auth } from "./auth.ts";
import type { IdentityConfig } from "./config.ts";
import { fetchInstallations } from "./github-user.ts";
import { handleAuthRequest } from "./handler.ts";
import { readSession, readSessionToken } from "./session.ts";

export type { IdentityConfig } from "./config.ts";

/**
 * Identity by better-auth: people sign in with GitHub. The library is loaded with the first request to `/api/auth`, not
 * with the Worker.
 */
export function createIdentity(given: IdentityConfig, db: Database): IdentityPort {
  const config = { ...given, publicUrl: new URL(given.publicUrl).origin };
  let loading: Promise<Auth> | undefined;
  const load = (): Promise<Auth> => (loading ??= import("./auth.ts").then(({ createAuth }) => createAuth(config, db)));
  return {
    handler: (request) => handleAuthRequest(load, request),
    sessionToken: (headers) => readSessionToken(config, headers),
    getSession: (headers) => readSession(config, db, headers, Date.now()),
    listInstallations: async (userId) => {
      const { getGitHubToken } = await import("./auth.ts");
      return fetchInstallations(config.githubApiUrl, await getGitHubToken(await load(), db, userId));
    },
  };
}
