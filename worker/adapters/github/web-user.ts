import * as z from "zod";
import type { ForgeRepository } from "../../ports/forge.ts";
import { createTransport } from "./client.ts";
import type { ForgeAddress, ForgeOctokit } from "./client.ts";
import { toPortError } from "./errors.ts";
import { collectPages, perPage } from "./pages.ts";
import { parseAnswer, repositorySchema } from "./schemas.ts";

/** The person that a user token belongs to. */
export interface ForgeViewer {
  readonly externalId: string;
  readonly login: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly avatarUrl: string;
}

/** An installation of the App that the person may see, with the repositories in it that the person may see too. */
export interface ForgeInstallation {
  readonly externalId: string;
  readonly accountLogin: string;
  readonly accountType: "user" | "organization";
  readonly repositorySelection: "all" | "selected";
  readonly isSuspended: boolean;
  readonly repositories: readonly ForgeRepository[];
}

/** The reads of sign-in under the person's own token. Errors are PortError; a token that is refused is a permanent `unauthorized`. */
export interface ForgeUserReader {
  getViewer(userToken: string): Promise<ForgeViewer>;
  listUserInstallations(userToken: string): Promise<readonly ForgeInstallation[]>;
}

const id = z.number().transform(String);

const viewerSchema = z
  .object({ id, login: z.string(), name: z.string().nullish(), email: z.string().nullish(), avatar_url: z.string() })
  .transform((raw): ForgeViewer => ({
    externalId: raw.id,
    login: raw.login,
    name: raw.name ?? null,
    email: raw.email ?? null,
    avatarUrl: raw.avatar_url,
  }));

const installationPageSchema = z.object({
  installations: z.array(
    z.object({
      id: z.number(),
      account: z.object({ login: z.string(), type: z.string() }),
      repository_selection: z.enum(["all", "selected"]),
      suspended_at: z.string().nullish(),
    }),
  ),
});
const repositoryPageSchema = z.object({ repositories: z.array(repositorySchema) });

/** https://docs.github.com/en/rest/users/users#get-the-authenticated-user and https://docs.github.com/en/rest/apps/installations */
export function createGitHubUserReader(address: ForgeAddress): ForgeUserReader {
  const transport = createTransport(address);
  const asUser = async <T>(
    userToken: string,
    what: string,
    work: (octokit: ForgeOctokit) => Promise<T>,
  ): Promise<T> => {
    try {
      return await work(transport.octokit(userToken, "reads"));
    } catch (error) {
      throw toPortError(error, what);
    }
  };

  return {
    getViewer: (userToken) =>
      asUser(userToken, "read the signed-in person", async (octokit) => {
        const { data } = await octokit.request("GET /user");
        return parseAnswer(viewerSchema, data, "read the signed-in person");
      }),

    listUserInstallations: (userToken) =>
      asUser(userToken, "list the person's installations", async (octokit) => {
        const what = "list the person's installations";
        const installations = await collectPages(what, async (page) => {
          const response = await octokit.request("GET /user/installations", { per_page: perPage, page });
          return {
            items: parseAnswer(installationPageSchema, response.data, what).installations,
            link: response.headers.link,
          };
        });
        const result: ForgeInstallation[] = [];
        for (const installation of installations) {
          const repositories = await collectPages<ForgeRepository>(what, async (page) => {
            const response = await octokit.request("GET /user/installations/{installation_id}/repositories", {
              installation_id: installation.id,
              per_page: perPage,
              page,
            });
            return {
              items: parseAnswer(repositoryPageSchema, response.data, what).repositories,
              link: response.headers.link,
            };
          });
          result.push({
            externalId: String(installation.id),
            accountLogin: installation.account.login,
            accountType: installation.account.type === "Organization" ? "organization" : "user",
            repositorySelection: installation.repository_selection,
            isSuspended: typeof installation.suspended_at === "string",
            repositories,
          });
        }
        return result;
      }),
  };
}
