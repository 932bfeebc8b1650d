import type { InstallationRepositoriesEvent } from "@octokit/webhooks-types";
import { installationAnswer, userAnswer } from "../answers/accounts.ts";
import { defaultPermissions, nodeId } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import type { Installation } from "../store/installations.ts";
import type { Repository } from "../store/repositories.ts";
import type { InstallationRequest } from "../types.ts";

/** A request that names something the forge doesn't have, or has already. */
export class SetupError extends Error {
  override readonly name = "SetupError";
  readonly code: "invalid" | "not_found" | "name_taken";

  constructor(code: SetupError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Checks an account's login: letters, digits and single hyphens, at most 39. Throws SetupError. */
export function checkLogin(login: string): void {
  if (!/^[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}$/.test(login)) {
    throw new SetupError(
      "invalid",
      `«${login}» is no account name: use letters, digits and single hyphens, at most 39`,
    );
  }
}

function lite(
  repositories: readonly Repository[],
): { id: number; node_id: string; name: string; full_name: string; private: boolean }[] {
  return repositories.map((repository) => ({
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    private: repository.isPrivate,
  }));
}

/**
 * Installs the app on an account, or changes the reach and rights of its installation, and sends the webhook.
 * Throws SetupError for an unknown repository.
 */
export function install(context: ForgeContext, request: InstallationRequest): Installation {
  checkLogin(request.owner);
  const { accounts, installations, repositories } = context.store;
  const account = accounts.ensure(request.owner, request.ownerType ?? "Organization", context.now());
  const selection = request.repositories === undefined || request.repositories === "all" ? "all" : "selected";
  const names = request.repositories === undefined || request.repositories === "all" ? [] : request.repositories;
  const ids = names.map((name) => {
    const found = repositories.byName(account.login, name);
    if (found === undefined) throw new SetupError("not_found", `${account.login} has no repository ${name}`);
    return found.id;
  });
  const before = installations.byAccount(account.id);
  const reachedBefore = before === undefined ? [] : installations.repositoryIds(before);
  const permissions = { ...(request.permissions ?? defaultPermissions), metadata: "read" as const };
  const id = installations.save(account.id, selection, permissions, ids, context.now());
  const installation = installations.byId(id);
  if (installation === undefined) throw new Error("installation was not kept");
  const reachedNow = installations.repositoryIds(installation);
  if (before === undefined) {
    const reached = reachedNow.map((reachedId) => repositories.byId(reachedId));
    const payload = {
      action: "created" as const,
      installation: installationAnswer(context, installation),
      repositories: lite(reached),
      sender: userAnswer(context, account),
    };
    context.deliveries.emit("installation", payload, { installationId: id, action: "created" });
  }
  const changed = (some: readonly number[], others: readonly number[]): Repository[] =>
    some.filter((reachedId) => !others.includes(reachedId)).map((reachedId) => repositories.byId(reachedId));
  if (before !== undefined) tellReach(context, installation, "added", changed(reachedNow, reachedBefore));
  if (before !== undefined) tellReach(context, installation, "removed", changed(reachedBefore, reachedNow));
  return installation;
}

/** Sends the webhook about repositories that an installation reaches from now on, or no longer. */
export function tellReach(
  context: ForgeContext,
  installation: Installation,
  action: "added" | "removed",
  changed: readonly Repository[],
): void {
  if (changed.length === 0) return;
  const common = {
    installation: installationAnswer(context, installation),
    repository_selection: installation.selection,
    requester: null,
    sender: userAnswer(context, context.store.accounts.byId(installation.accountId)),
  };
  const payload: InstallationRepositoriesEvent =
    action === "added"
      ? { ...common, action, repositories_added: lite(changed), repositories_removed: [] }
      : {
          ...common,
          action,
          repositories_added: [],
          repositories_removed: lite(changed).map((repository) => ({ ...repository })),
        };
  context.deliveries.emit("installation_repositories", payload, { installationId: installation.id, action });
}

/** Takes the app off an account: its tokens end at once, and the webhook is sent. */
export function uninstall(context: ForgeContext, installation: Installation): void {
  const { accounts, installations, repositories } = context.store;
  const account = accounts.byId(installation.accountId);
  const reached = installations.repositoryIds(installation).map((id) => repositories.byId(id));
  const payload = {
    action: "deleted" as const,
    installation: installationAnswer(context, installation),
    repositories: lite(reached),
    sender: userAnswer(context, account),
  };
  context.store.transaction(() => {
    installations.remove(installation.id);
    context.deliveries.emit("installation", payload, { installationId: installation.id, action: "deleted" });
  });
}

/** Lets the owner's installation, if there is one, reach a new repository, and sends the webhook. */
export function addToInstallation(context: ForgeContext, repository: Repository): void {
  const { installations } = context.store;
  const installation = installations.byAccount(repository.ownerId);
  if (installation === undefined) return;
  if (installation.selection === "selected") installations.addRepository(installation.id, repository.id);
  tellReach(context, installation, "added", [repository]);
}
