import type { RepositoryRenamedEvent, RepositoryTransferredEvent } from "@octokit/webhooks-types";
import { userAnswer } from "../answers/accounts.ts";
import type { ForgeContext } from "../context.ts";
import { envelope } from "../events/emit.ts";
import type { Repository } from "../store/repositories.ts";
import type { MoveRequest, ReadersRequest } from "../types.ts";
import { checkLogin, SetupError, tellReach } from "./installations.ts";
import { checkName } from "./repository.ts";

function existing({ store }: ForgeContext, owner: string, name: string): Repository {
  const found = store.repositories.byName(owner, name);
  if (found === undefined) throw new SetupError("not_found", `${owner} has no repository ${name}`);
  return found;
}

/**
 * Renames a repository, or transfers it to another account, whose installation then reaches it; sends the webhook. The old name leads to it
 * until another repository takes it. Throws SetupError: `not_found`, `name_taken`, `invalid`.
 */
export function moveRepository(context: ForgeContext, request: MoveRequest): void {
  const { accounts, installations, repositories } = context.store;
  const before = existing(context, request.owner, request.name);
  const login = request.newOwner ?? before.owner;
  checkLogin(login);
  const name = request.newName ?? before.name;
  checkName(name);
  const owner = accounts.ensure(login, "Organization", context.now());
  const taken = repositories.byName(owner.login, name);
  if (taken !== undefined && taken.id !== before.id)
    throw new SetupError("name_taken", `${owner.login} already has a repository named ${name}`);
  const left = owner.id === before.ownerId ? undefined : installations.byAccount(before.ownerId);
  const wasReached = left !== undefined && installations.repositoryIds(left).includes(before.id);
  context.store.transaction(() => {
    repositories.move(before, owner.id, name);
    const after = repositories.byId(before.id);
    const joined = owner.id === before.ownerId ? undefined : installations.byAccount(owner.id);
    if (joined?.selection === "selected") installations.addRepository(joined.id, after.id);
    if (left !== undefined && wasReached) tellReach(context, left, "removed", [before]);
    tellMove(context, before, after);
  });
}

function tellMove(context: ForgeContext, before: Repository, after: Repository): void {
  const about = envelope(context, after, context.store.accounts.byId(after.ownerId));
  if (about === undefined) return;
  if (after.name !== before.name) {
    const payload: RepositoryRenamedEvent = {
      ...about.fields,
      action: "renamed",
      changes: { repository: { name: { from: before.name } } },
    };
    context.deliveries.emit("repository", payload, { ...about.subject, action: "renamed" });
  }
  if (after.ownerId !== before.ownerId) {
    const payload: RepositoryTransferredEvent = {
      ...about.fields,
      action: "transferred",
      changes: { owner: { from: { user: userAnswer(context, context.store.accounts.byId(before.ownerId)) } } },
    };
    context.deliveries.emit("repository", payload, { ...about.subject, action: "transferred" });
  }
}

/** Lets only some people see a repository, or all members of its owner again. Throws SetupError `not_found`. */
export function setReaders(context: ForgeContext, request: ReadersRequest): void {
  const { accounts, repositories } = context.store;
  const found = existing(context, request.owner, request.name);
  const ids = request.logins?.map((login) => {
    const person = accounts.byLogin(login);
    if (person === undefined) throw new SetupError("not_found", `there is no person ${login}`);
    return person.id;
  });
  repositories.setReaders(found.id, ids);
}
