import { App } from "@octokit/app";
import * as z from "zod";
import type { PortError } from "../../ports/errors.ts";
import type { RepositoryRef } from "../../ports/forge.ts";
import type { ForgeTransport, GitHubOptions } from "./client.ts";
import { forgeError, toPortError } from "./errors.ts";
import { toPkcs8Pem } from "./key.ts";
import { parseAnswer, repositoryIdentitySchema } from "./schemas.ts";

/** A token of one repository, which is at `at` now. */
export interface MintedToken {
  readonly token: string;
  readonly at: RepositoryRef;
}

type Permissions = Readonly<Record<string, "read" | "write">>;

export interface Mint {
  /**
   * A token for this one repository. Throws permanent `no_repository_id`, `repository_gone` when the installation does not reach it,
   * `installation_gone`, `installation_suspended`.
   */
  (repository: RepositoryRef, permissions: Permissions): Promise<MintedToken>;
  /** A token for all repositories of the installation. */
  whole(installationId: string, permissions: Permissions): Promise<string>;
}

const tokenSchema = z.object({ token: z.string().min(1), repositories: z.array(repositoryIdentitySchema).optional() });
const reachedSchema = z.object({ repositories: z.array(repositoryIdentitySchema) });

/** GitHub's ids are whole numbers that JSON carries. */
const isId = /^[1-9]\d{0,15}$/u;
/** Refuses names that GitHub can't have: a `..` would walk to another path of the API. */
const isName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/u;

/**
 * Mints installation tokens. Not `app.getInstallationOctokit`: it caches tokens, shares one pending promise between all requests of an
 * isolate, which a Worker forbids, and can't narrow a token to one repository.
 */
export function createMint(options: GitHubOptions, transport: ForgeTransport): Mint {
  let app: App | undefined;
  const ask = async (installationId: string, more: object): Promise<z.output<typeof tokenSchema>> => {
    if (!isId.test(installationId))
      throw forgeError("permanent", "invalid_request", "the installation id is not a number");
    const what = `mint a token of installation ${installationId}`;
    try {
      app ??= new App({
        appId: options.appId,
        privateKey: toPkcs8Pem(options.privateKeyPem),
        Octokit: transport.Octokit,
      });
      const { data } = await app.octokit.request("POST /app/installations/{installation_id}/access_tokens", {
        installation_id: Number(installationId),
        ...more,
      });
      return parseAnswer(tokenSchema, data, what);
    } catch (error) {
      throw refusedMint(toPortError(error, what));
    }
  };

  const one = async (repository: RepositoryRef, permissions: Permissions): Promise<MintedToken> => {
    const { externalId, installationId } = repository;
    if (!isId.test(externalId))
      throw forgeError("permanent", "no_repository_id", "a repository is reached by its id alone");
    const minted = await ask(installationId, { repository_ids: [Number(externalId)], permissions });
    const reached = minted.repositories ?? (await listReached(transport, minted.token));
    const found = reached.find((each) => each.externalId === externalId);
    if (found === undefined || reached.length !== 1)
      throw forgeError("permanent", "wrong_repository", `the token is not for the repository ${externalId}`);
    if (![found.owner, found.name].every((part) => isName.test(part)))
      throw forgeError("permanent", "invalid_request", "no repository has such a name");
    return { token: minted.token, at: { ...repository, owner: found.owner, name: found.name } };
  };

  return Object.assign(one, {
    whole: async (installationId: string, permissions: Permissions): Promise<string> =>
      (await ask(installationId, { permissions })).token,
  });
}

/** https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation */
async function listReached(
  transport: ForgeTransport,
  token: string,
): Promise<z.output<typeof reachedSchema>["repositories"]> {
  const what = "read the token's repository";
  try {
    const { data } = await transport.octokit(token, "reads").request("GET /installation/repositories");
    return parseAnswer(reachedSchema, data, what).repositories;
  } catch (error) {
    throw toPortError(error, what, { isFreshToken: true });
  }
}

/** Names the refusals that a person can do something about. GitHub tells a missing repository from a missing permission by its text alone. */
function refusedMint(error: PortError): PortError {
  const { message, status } = error;
  const named = (code: string): PortError =>
    forgeError("permanent", code, message, status === undefined ? {} : { status });
  if (status === 422 && /not accessible to the parent installation/iu.test(message)) return named("repository_gone");
  if (status === 404) return named("installation_gone");
  if (status === 403 && /suspended/iu.test(message)) return named("installation_suspended");
  return error;
}
