import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { repositoryUrls } from "../answers/repositories.ts";
import { gitDirectory } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import { remeasure } from "../events/ref-changes.ts";
import { isValidRef, readRef } from "../git/refs.ts";
import type { ImportedRepository, ImportRequest } from "../types.ts";
import { fillRepository } from "./fill.ts";
import { addToInstallation, checkLogin, SetupError } from "./installations.ts";

/** Checks a repository's name as GitHub takes them. Throws SetupError. */
export function checkName(name: string): void {
  if (!/^[\w.-]{1,100}$/.test(name) || name === "." || name === ".." || /\.(git|wiki)$/i.test(name)) {
    throw new SetupError(
      "invalid",
      `«${name}» is no repository name: use letters, digits, ., - and _, at most 100, not ending in .git`,
    );
  }
}

function ownerOf(context: ForgeContext, wanted: string | undefined): string {
  if (wanted !== undefined) return wanted;
  const first = context.store.installations.all()[0];
  if (first === undefined) throw new SetupError("invalid", "no account has the app installed yet: name an owner");
  return context.store.accounts.byId(first.accountId).login;
}

/**
 * Makes a repository of a folder, a git repository or an archive, or an empty one; it then belongs to its owner's
 * installation. Throws SetupError: `name_taken`, `not_found` (the source), `invalid`.
 */
export async function importRepository(context: ForgeContext, request: ImportRequest): Promise<ImportedRepository> {
  const { accounts, repositories } = context.store;
  const login = ownerOf(context, request.owner);
  checkLogin(login);
  checkName(request.name);
  if (
    request.defaultBranch !== undefined &&
    !(await isValidRef(context.git, context.dataDir, `refs/heads/${request.defaultBranch}`))
  ) {
    throw new SetupError("invalid", `«${request.defaultBranch}» is no branch name`);
  }
  const owner = accounts.ensure(login, "Organization", context.now());
  if (repositories.byName(owner.login, request.name) !== undefined) {
    throw new SetupError("name_taken", `${owner.login} already has a repository named ${request.name}`);
  }
  const id = repositories.insert({
    ownerId: owner.id,
    name: request.name,
    description: request.description ?? null,
    isPrivate: request.private ?? true,
    defaultBranch: request.defaultBranch ?? "main",
    nowMs: context.now(),
  });
  const directory = gitDirectory(context, { id });
  try {
    await mkdir(dirname(directory), { recursive: true });
    repositories.markReady(id, await fillRepository(context.git, directory, request.source, request.defaultBranch));
  } catch (error) {
    repositories.forget(id);
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const made = repositories.byId(id);
  const head = await readRef(context.git, directory, `refs/heads/${made.defaultBranch}`);
  if (head !== undefined) await remeasure(context, made, head.sha);
  addToInstallation(context, made);
  return {
    id,
    fullName: `${made.owner}/${made.name}`,
    htmlUrl: repositoryUrls(context, made).html,
    defaultBranch: made.defaultBranch,
    headCommit: head?.sha,
  };
}
