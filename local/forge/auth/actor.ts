import type { ForgeCore } from "../core.ts";
import { badCredentials } from "../http/errors.ts";
import type { Account } from "../store/accounts.ts";
import type { Installation } from "../store/installations.ts";
import type { Repository } from "../store/repositories.ts";
import type { AccessLevel, PermissionName, Permissions } from "../types.ts";
import { looksLikeJwt, verifyAppJwt } from "./jwt.ts";
import { hashSecret } from "./tokens.ts";

/** The authenticated caller. */
export type Actor =
  | { readonly kind: "anonymous" }
  | { readonly kind: "app" }
  | {
      readonly kind: "installation";
      readonly tokenId: string;
      readonly installation: Installation;
      readonly permissions: Permissions;
      /** Undefined: whatever the installation reaches. */
      readonly repositoryIds: readonly number[] | undefined;
    }
  | { readonly kind: "user"; readonly tokenId: string; readonly user: Account };

/** One permission that a route asks for. */
export type Need = readonly [PermissionName, AccessLevel];

function credential(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, scheme = "", value = ""] = /^(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) throw badCredentials();
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  const [name, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  // Git sends `x-access-token:<token>`; older clients put the token in the user name.
  return password === "" || password === "x-oauth-basic" ? name : password;
}

/** Tells who is calling from an Authorization header. Throws ApiError 401 for a credential that is not valid. */
export function authenticate(core: ForgeCore, header: string | undefined): Actor {
  const token = credential(header);
  if (token === undefined) return { kind: "anonymous" };
  if (looksLikeJwt(token)) {
    verifyAppJwt(core.app, token, core.now());
    return { kind: "app" };
  }
  const hash = hashSecret(token);
  const record = core.store.installations.token(hash);
  if (record === undefined || record.expiresAtMs <= core.now()) throw badCredentials();
  const tokenId = hash.slice(0, 12);
  if (record.userId !== null) return { kind: "user", tokenId, user: core.store.accounts.byId(record.userId) };
  const installation =
    record.installationId === null ? undefined : core.store.installations.byId(record.installationId);
  if (installation === undefined) throw badCredentials();
  return {
    kind: "installation",
    tokenId,
    installation,
    permissions: record.permissions,
    repositoryIds: record.repositoryIds,
  };
}

/** The account that a caller's work is signed with: the app's bot, or the person. */
export function accountOf(core: ForgeCore, actor: Actor): Account {
  if (actor.kind === "user") return actor.user;
  return core.app.bot;
}

/** The caller's name in the ledger. */
export function actorName(actor: Actor): string {
  if (actor.kind === "installation") return `installation:${actor.installation.id}`;
  return actor.kind === "user" ? `user:${actor.user.login}` : actor.kind;
}

/**
 * The permissions of a caller in a repository; undefined when the repository must look missing to it. A person's
 * token reaches what both the person and the app reach, as on GitHub.
 */
export function permissionsIn(core: ForgeCore, actor: Actor, repository: Repository): Permissions | undefined {
  const reading: Permissions = {
    contents: "read",
    metadata: "read",
    issues: "read",
    pull_requests: "read",
    checks: "read",
    statuses: "read",
    actions: "read",
  };
  const publicly = repository.isPrivate ? undefined : reading;
  if (actor.kind === "installation") {
    const reachable = core.store.installations.repositoryIds(actor.installation);
    const reaches = reachable.includes(repository.id) && (actor.repositoryIds?.includes(repository.id) ?? true);
    return reaches ? narrow(actor.permissions, actor.installation.permissions) : publicly;
  }
  if (actor.kind === "user") {
    const installation = core.store.installations.byAccount(repository.ownerId);
    const { accounts, repositories } = core.store;
    const isReader =
      accounts.isMember(repository.ownerId, actor.user.id) && repositories.letsRead(repository.id, actor.user.id);
    if (installation === undefined || !isReader) return publicly;
    return core.store.installations.repositoryIds(installation).includes(repository.id)
      ? installation.permissions
      : publicly;
  }
  return publicly;
}

/** The weaker of two sets: permissions granted after a token was minted never widen it, revoked ones narrow it. */
function narrow(token: Permissions, granted: Permissions): Permissions {
  const result: Permissions = { metadata: "read" };
  for (const name of [
    "actions",
    "administration",
    "checks",
    "contents",
    "deployments",
    "issues",
    "members",
    "pull_requests",
    "statuses",
  ] as const) {
    if (allows(token, [name, "write"]) && allows(granted, [name, "write"])) result[name] = "write";
    else if (allows(token, [name, "read"]) && allows(granted, [name, "read"])) result[name] = "read";
  }
  if (token.workflows === "write" && granted.workflows === "write") result.workflows = "write";
  return result;
}

/** True when a set of permissions has at least the asked level. */
export function allows(permissions: Permissions, [name, level]: Need): boolean {
  const held = permissions[name];
  return held === "write" || (level === "read" && held === "read");
}
