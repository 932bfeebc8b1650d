import * as z from "zod";
import { PortError } from "../../ports/errors.ts";
import type { IdentityInstallation } from "../../ports/identity.ts";

const timeoutMs = 10_000;
const pageSize = 100;

const userSchema = z.object({
  id: z.int(),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
});
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const repositoriesSchema = z.object({ total_count: z.int(), repositories: z.array(z.object({ id: z.int() })) });
const repositorySchema = z.object({ id: z.int() });
const installationsSchema = z.object({
  total_count: z.int(),
  installations: z.array(z.object({ id: z.int(), account: z.object({ login: z.string() }).nullable() })),
});

/** A person as GitHub shows them to themselves, with the verified address to write to. */
export interface GitHubPerson {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly email: string;
}

async function get(apiUrl: string, path: string, token: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${apiUrl}${path}`, {
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "assembly-lime",
        "x-github-api-version": "2022-11-28",
      },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new PortError("forge", "transient", "timeout", `GET ${path} got no answer`, { cause });
  }
  if (response.ok) return response.json();
  const { status } = response;
  await response.body?.cancel();
  if (status === 401) throw new PortError("forge", "permanent", "unauthorized", `GET ${path} answered 401`, { status });
  if (status === 404) throw new PortError("forge", "permanent", "not_found", `GET ${path} answered 404`, { status });
  if (status === 403 || status === 429)
    throw new PortError("forge", "transient", "rate_limited", `GET ${path} answered ${status}`, { status });
  throw new PortError("forge", "transient", "server_error", `GET ${path} answered ${status}`, { status });
}

/**
 * The person that a user token belongs to, or null when GitHub knows no verified address of theirs: an unverified one
 * could be anybody's. https://docs.github.com/en/rest/users/users and .../users/emails. Throws PortError (forge).
 */
export async function fetchPerson(apiUrl: string, token: string): Promise<GitHubPerson | null> {
  const [user, emails] = await Promise.all([
    get(apiUrl, "/user", token).then((body) => userSchema.parse(body)),
    get(apiUrl, `/user/emails?per_page=${pageSize}`, token).then((body) => emailsSchema.parse(body)),
  ]);
  const verified = emails.filter((email) => email.verified);
  const email = verified.find((candidate) => candidate.primary) ?? verified[0];
  if (email === undefined) return null;
  const name = user.name ?? "";
  return {
    id: user.id,
    login: user.login,
    name: name === "" ? user.login : name,
    avatarUrl: user.avatar_url ?? null,
    email: email.email,
  };
}

/** The account that a user token belongs to, by its id and today's login. https://docs.github.com/en/rest/users/users. Throws PortError (forge). */
export async function fetchAccount(
  apiUrl: string,
  token: string,
): Promise<{ readonly id: number; readonly login: string }> {
  return userSchema.parse(await get(apiUrl, "/user", token));
}

/**
 * The installations of this GitHub App that the token's person can see, all pages.
 * https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token. Throws PortError (forge).
 */
export async function fetchInstallations(apiUrl: string, token: string): Promise<readonly IdentityInstallation[]> {
  const found: IdentityInstallation[] = [];
  for (let page = 1; ; page++) {
    const body = installationsSchema.parse(
      await get(apiUrl, `/user/installations?per_page=${pageSize}&page=${page}`, token),
    );
    for (const installation of body.installations) {
      found.push({ installationId: String(installation.id), accountLogin: installation.account?.login ?? "" });
    }
    if (body.installations.length < pageSize || found.length >= body.total_count) return found;
  }
}

/**
 * Ids of the installation's repositories that the token's person can see, all pages.
 * https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-user-access-token. Throws PortError (forge).
 */
export async function fetchRepositoryIds(
  apiUrl: string,
  token: string,
  installationId: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let page = 1; ; page++) {
    const path = `/user/installations/${encodeURIComponent(installationId)}/repositories?per_page=${pageSize}&page=${page}`;
    const { repositories } = repositoriesSchema.parse(await get(apiUrl, path, token));
    for (const { id } of repositories) found.add(String(id));
    if (repositories.length < pageSize) return found;
  }
}

/** True when the token's person can see the repository with this id. Throws PortError (forge). */
export async function fetchVisibility(apiUrl: string, token: string, externalId: string): Promise<boolean> {
  try {
    const body = repositorySchema.parse(await get(apiUrl, `/repositories/${encodeURIComponent(externalId)}`, token));
    return String(body.id) === externalId;
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found") return false;
    throw error;
  }
}
