import { installationAnswer, organizationAnswer, privateUserAnswer, publicUserAnswer } from "../answers/accounts.ts";
import { repositoryAnswer } from "../answers/repositories.ts";
import { json } from "../http/answer.ts";
import { pageOf, type ApiRoutes, type Call } from "./calls.ts";
import { badCredentials, notAccessible, notFound } from "../http/errors.ts";
import { rateHeaders, type RateState } from "../http/rate-limits.ts";
import type { Account } from "../store/accounts.ts";
import type { Installation } from "../store/installations.ts";
import type { Schemas } from "../types.ts";

function personOf({ actor }: Call): Account {
  if (actor.kind === "user") return actor.user;
  if (actor.kind === "installation") throw notAccessible();
  throw badCredentials("Requires authentication");
}

function installationsOf(call: Call, person: Account): Installation[] {
  const { installations, accounts } = call.context.store;
  return installations.all().filter(({ accountId }) => accounts.isMember(accountId, person.id));
}

function emailOf(person: Account): Schemas["email"][] {
  if (person.email === null) return [];
  return [{ email: person.email, primary: true, verified: true, visibility: "private" }];
}

/** The signed-in person, and what anybody may know of an account. https://docs.github.com/rest/users/users */
export function addUserRoutes(routes: ApiRoutes): void {
  routes.plain("GET", "/user", (call) =>
    json<Schemas["private-user"]>(200, privateUserAnswer(call.context, personOf(call))),
  );

  routes.plain("GET", "/user/emails", (call) => json<Schemas["email"][]>(200, emailOf(personOf(call))));

  routes.plain("GET", "/user/orgs", async (call) => {
    const page = await pageOf(call, call.context.store.accounts.organizationsOf(personOf(call).id), (found) =>
      organizationAnswer(call.context, found),
    );
    return json<readonly Schemas["organization-simple"][]>(200, page.items, page.headers);
  });

  routes.plain("GET", "/user/memberships/orgs", async (call) => {
    const person = personOf(call);
    const page = await pageOf(
      call,
      call.context.store.accounts.organizationsOf(person.id),
      (found): Schemas["org-membership"] => {
        const organization = organizationAnswer(call.context, found);
        return {
          url: `${organization.url}/memberships/${encodeURIComponent(person.login)}`,
          state: "active",
          role: "member",
          organization_url: organization.url,
          organization,
          user: publicUserAnswer(call.context, person),
        };
      },
    );
    return json<readonly Schemas["org-membership"][]>(200, page.items, page.headers);
  });

  routes.plain("GET", "/user/installations", async (call) => {
    const page = await pageOf(call, installationsOf(call, personOf(call)), (found) =>
      installationAnswer(call.context, found),
    );
    return json<{ total_count: number; installations: readonly Schemas["installation"][] }>(
      200,
      { total_count: page.totalCount, installations: page.items },
      page.headers,
    );
  });

  routes.plain("GET", "/user/installations/:id/repositories", async (call) => {
    const { installations, repositories } = call.context.store;
    const id = call.parameters.number("id");
    const found = installationsOf(call, personOf(call)).find((installation) => installation.id === id);
    if (found === undefined) throw notFound();
    const person = personOf(call);
    const visible = installations.repositoryIds(found).filter((each) => repositories.letsRead(each, person.id));
    const page = await pageOf(call, visible, (repositoryId) =>
      repositoryAnswer(call.context, repositories.byId(repositoryId), found.permissions),
    );
    return json<{ total_count: number; repository_selection: string; repositories: readonly Schemas["repository"][] }>(
      200,
      { total_count: page.totalCount, repository_selection: found.selection, repositories: page.items },
      page.headers,
    );
  });

  routes.plain("GET", "/users/:login", ({ context, parameters }) => {
    const account = context.store.accounts.byLogin(parameters.text("login"));
    if (account === undefined) throw notFound();
    return json<Schemas["public-user"]>(200, publicUserAnswer(context, account));
  });

  routes.plain("GET", "/rate_limit", ({ context, actor }) => {
    const core = context.rateLimits.state(actor, context.now(), false);
    return json<{ resources: { core: RateState }; rate: RateState }>(
      200,
      { resources: { core }, rate: core },
      rateHeaders(core),
    );
  });
}
