import { installationAnswer } from "../answers/accounts.ts";
import { appAnswer } from "../answers/app.ts";
import { repositoryAnswer } from "../answers/repositories.ts";
import { allows } from "../auth/actor.ts";
import { hashSecret, mintInstallationToken } from "../auth/tokens.ts";
import { iso } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import { empty, json } from "../http/answer.ts";
import { fieldsOf, pageOf, type ApiRoutes, type Call } from "./calls.ts";
import { badCredentials, notAccessible, notFound, unprocessable } from "../http/errors.ts";
import type { Fields } from "../http/request.ts";
import { parsePermissions, type Installation } from "../store/installations.ts";
import { permissionNames, type Permissions, type Schemas } from "../types.ts";
import { uninstall } from "../bring-in/installations.ts";

function installationOf(call: Call): Installation {
  const found = call.context.store.installations.byId(call.parameters.number("id"));
  if (found === undefined) throw notFound();
  return found;
}

function wantedPermissions(fields: Fields, installation: Installation): Permissions {
  const asked = fields.object("permissions");
  if (asked === undefined) return { metadata: "read", ...installation.permissions };
  const permissions = parsePermissions(fields.raw("permissions"));
  for (const name of permissionNames) {
    const level = permissions[name];
    if (level !== undefined && name !== "metadata" && !allows(installation.permissions, [name, level])) {
      throw unprocessable("The permissions requested are not granted to this installation.");
    }
  }
  return { ...permissions, metadata: "read" };
}

function wantedRepositories(context: ForgeContext, fields: Fields, installation: Installation): number[] | undefined {
  const names = fields.texts("repositories");
  const ids = fields.list("repository_ids");
  if (names === undefined && ids === undefined) return undefined;
  const reachable = context.store.installations
    .repositoryIds(installation)
    .map((id) => context.store.repositories.byId(id));
  const wanted: number[] = [];
  for (const name of names ?? []) {
    const found = reachable.find((repository) => repository.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) {
      throw unprocessable(
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
      );
    }
    wanted.push(found.id);
  }
  for (const id of ids ?? []) {
    const found = reachable.find((repository) => repository.id === Number(id));
    if (found === undefined) {
      throw unprocessable(
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
      );
    }
    wanted.push(found.id);
  }
  return [...new Set(wanted)];
}

function accessToken(call: Call): ReturnType<typeof json> {
  const { context } = call;
  const installation = installationOf(call);
  const fields = fieldsOf(call);
  const permissions = wantedPermissions(fields, installation);
  const repositoryIds = wantedRepositories(context, fields, installation);
  const minted = mintInstallationToken(context, installation, permissions, repositoryIds);
  return json<Schemas["installation-token"]>(201, {
    token: minted.token,
    expires_at: iso(minted.expiresAtMs),
    permissions,
    repository_selection: repositoryIds === undefined ? installation.selection : "selected",
    ...(repositoryIds === undefined
      ? {}
      : {
          repositories: repositoryIds.map((id) =>
            repositoryAnswer(context, context.store.repositories.byId(id), permissions),
          ),
        }),
  });
}

/** The app about itself, its installations and their tokens. https://docs.github.com/rest/apps/apps */
export function addAppRoutes(routes: ApiRoutes): void {
  routes.app("GET", "/app", ({ context }) => json<Schemas["integration"]>(200, appAnswer(context)));

  routes.app("GET", "/app/installations", async (call) => {
    const page = await pageOf(call, call.context.store.installations.all(), (found) =>
      installationAnswer(call.context, found),
    );
    return json<readonly Schemas["installation"][]>(200, page.items, page.headers);
  });

  routes.app("GET", "/app/installations/:id", (call) =>
    json<Schemas["installation"]>(200, installationAnswer(call.context, installationOf(call))),
  );

  routes.app("DELETE", "/app/installations/:id", (call) => {
    uninstall(call.context, installationOf(call));
    return empty(204);
  });

  routes.app("POST", "/app/installations/:id/access_tokens", accessToken);

  routes.app("GET", "/repos/:owner/:repo/installation", ({ context, parameters }) => {
    const repository = context.store.repositories.byName(parameters.text("owner"), parameters.text("repo"));
    const found = repository === undefined ? undefined : context.store.installations.byAccount(repository.ownerId);
    if (
      repository === undefined ||
      found === undefined ||
      !context.store.installations.repositoryIds(found).includes(repository.id)
    )
      throw notFound();
    return json<Schemas["installation"]>(200, installationAnswer(context, found));
  });

  for (const pattern of ["/orgs/:login/installation", "/users/:login/installation"]) {
    routes.app("GET", pattern, ({ context, parameters }) => {
      const account = context.store.accounts.byLogin(parameters.text("login"));
      const found = account === undefined ? undefined : context.store.installations.byAccount(account.id);
      if (found === undefined) throw notFound();
      return json<Schemas["installation"]>(200, installationAnswer(context, found));
    });
  }

  routes.plain("GET", "/installation/repositories", async (call) => {
    const { context, actor } = call;
    if (actor.kind === "anonymous") throw badCredentials("Requires authentication");
    if (actor.kind !== "installation") throw notAccessible();
    const ids = context.store.installations
      .repositoryIds(actor.installation)
      .filter((id) => actor.repositoryIds?.includes(id) ?? true);
    const page = await pageOf(call, ids, (id) =>
      repositoryAnswer(context, context.store.repositories.byId(id), actor.permissions),
    );
    return json<{ total_count: number; repositories: readonly Schemas["repository"][]; repository_selection: string }>(
      200,
      {
        total_count: page.totalCount,
        repository_selection: actor.repositoryIds === undefined ? actor.installation.selection : "selected",
        repositories: page.items,
      },
      page.headers,
    );
  });

  routes.plain("DELETE", "/installation/token", ({ context, actor, authorization }) => {
    if (actor.kind !== "installation") throw badCredentials("Requires authentication");
    context.store.installations.deleteToken(hashSecret(authorization.replace(/^\S+\s+/, "")));
    return empty(204);
  });
}
