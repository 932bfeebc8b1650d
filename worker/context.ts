import type { Actor, PersonActor } from "../contracts/actor.ts";
import { roleSchema, type Role } from "../contracts/common.ts";
import type { FeedTopic } from "../contracts/feed.ts";
import type { Deployment } from "../contracts/project.ts";
import type { ModelEntry } from "../domain/budget/models.ts";
import {
  isPersonal,
  keyMay,
  permissions,
  roleMay,
  roleRefusal,
  type KeyScope,
  type PermissionName,
} from "../domain/tenancy/permissions.ts";
import type { RunPace } from "../domain/tenancy/run-pace.ts";
import type { Database } from "./db/client.ts";
import { ServiceError } from "./errors.ts";
import type { BlobPort } from "./ports/blobs.ts";
import type { ForgeReader } from "./ports/forge.ts";
import type { ForgeWebhooks } from "./ports/forge-webhooks.ts";
import type { IdentityPort, IdentitySession } from "./ports/identity.ts";
import type { LlmProvider } from "./ports/llm.ts";
import type { Vault } from "./ports/vault.ts";
import type { BoardHost } from "./ports/board-host.ts";
import type { BudgetHost } from "./ports/budget.ts";
import type { FeedHost } from "./ports/feed-host.ts";
import type { RunHost } from "./ports/run-host.ts";
import type { SandboxInventory } from "./ports/sandbox.ts";

/** The deployment's parts that a service verb works with, made by compose. A verb takes them beside its scope. */
export interface ServiceDeps {
  readonly db: Database;
  /** UTC milliseconds. */
  readonly now: () => number;
  readonly identity: IdentityPort;
  readonly forge: ForgeReader;
  /** The product's models, and of each provider why it can't be used here: null when it can. */
  readonly models: {
    readonly list: readonly ModelEntry[];
    readonly missingKeys: Readonly<Record<ModelEntry["provider"], string | null>>;
  };
  readonly deployment: Deployment;
  /** Origin that browsers use, such as `https://lime.example.com`: the only one that may send a change. */
  readonly publicOrigin: string;
  readonly runs: RunHost;
  readonly boards: BoardHost;
  readonly feeds: FeedHost;
  /** Tells a tenant's open pages, in the background, that a list has changed. */
  readonly tellFeed: (tenantId: number, topic: FeedTopic) => void;
  readonly budgets: Pick<BudgetHost, "read" | "set">;
  /** The open sandboxes of the deployment's host; undefined where none is configured. */
  readonly sandboxes: SandboxInventory | undefined;
  readonly blobs: BlobPort;
  /** Records an upload of this caller; false when the caller is over the rate limit. */
  readonly mayUpload: (caller: string) => Promise<boolean>;
  /** Counts one of a tenant's requests or starts; false when the tenant is over its quota of the minute. */
  readonly withinQuota: (quota: "requests" | "starts", tenantId: number) => Promise<boolean>;
  /** Both are the isolate's own: one for all of its requests. */
  readonly startGate: StartGate;
  readonly runPace: Pick<RunPace, "workAfterMs">;
  /** Puts a run on the dispatch queue, in the background. */
  readonly enqueueRun: (message: { readonly tenantId: number; readonly runId: number }) => void;
  /** True when an Authorization header carries the deployment's operations token. */
  readonly isOperator: (authorization: string) => Promise<boolean>;
  readonly webhooks: ForgeWebhooks;
  /** Puts a kept webhook delivery on the queue, in the background. */
  readonly enqueueDelivery: (id: number) => void;
  readonly vault: Vault;
  /** Whether a provider takes a key. */
  readonly tryProviderKey: (provider: LlmProvider, key: string) => Promise<"taken" | "refused" | "unknown">;
  /** One structured line for the operator. */
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Lets starts of runs in, a few of a tenant at once. */
export interface StartGate {
  /**
   * Lets a session's start in. Throws `rate_limited`, with when to go on.
   *
   * @param nowMs UTC milliseconds
   * @returns the place that it has
   */
  enter(sessionToken: string, nowMs: number): StartPlace;
}

/** The place of a start that was let in. */
export interface StartPlace {
  /** The tenant in which the session started a run last, as far as this isolate remembers. The person may have switched since. */
  readonly lastTenantId: number | undefined;
  /** To be called once, when the start was answered. */
  readonly leave: (outcome: StartOutcome) => void;
}

/** The end of a start that was let in: its tenant, once the session was read, and the error that refused it, if one did. */
export interface StartOutcome {
  readonly tenantId: number | undefined;
  readonly error: unknown;
  readonly nowMs: number;
}

/** An actor in a tenant, and what it may do there. Every service verb takes one after the deployment's parts. */
export interface Scope {
  readonly tenantId: number;
  readonly actor: Actor;
  readonly can: (permission: PermissionName) => boolean;
  readonly requestId: string;
}

/** A signed-in person. Verbs that only a person may call take this: to approve, to switch tenants, to connect an installation. */
export interface PersonScope extends Scope {
  readonly actor: PersonActor;
  readonly userId: number;
  readonly role: Role;
  readonly sessionId: number;
}

/** A scope whose actor is of one kind that is no person. */
export interface ActorScope<Kind extends Exclude<Actor["kind"], "person">> extends Scope {
  readonly actor: Extract<Actor, { readonly kind: Kind }>;
}

/** Hono's environment of the API: `deps` is set by compose, `scope` by the session middleware. */
export interface ApiEnv {
  Bindings: { readonly compose: () => ServiceDeps };
  Variables: {
    requestId: string;
    deps: ServiceDeps;
    scope: Scope;
    /** The token of the session cookie, for routes that read the session themselves. */
    sessionToken: string;
    /** The tenant in which this session started a run last; see `StartPlace`. */
    lastTenantId: number | undefined;
  };
}

/** The scope of a session's person. Throws `forbidden` for a person who belongs to no tenant. */
export function personScope(session: IdentitySession, requestId: string): PersonScope {
  const { membership, sessionId, user } = session;
  if (membership === null) throw new ServiceError("forbidden", "You belong to no tenant. Ask for an invitation.");
  const role = roleSchema.parse(membership.role);
  return {
    tenantId: membership.tenantId,
    actor: { kind: "person", id: String(user.id), name: user.name, avatarUrl: user.avatarUrl },
    userId: user.id,
    role,
    sessionId,
    can: (permission) => roleMay(role, permission),
    requestId,
  };
}

/** The scope of an API key: it may do what both its scopes and its owner's role allow. */
export function apiKeyScope(key: {
  readonly tenantId: number;
  readonly actor: Omit<Extract<Actor, { readonly kind: "api_key" }>, "kind">;
  readonly scopes: readonly KeyScope[];
  readonly ownerRole: Role;
  readonly requestId: string;
}): ActorScope<"api_key"> {
  const { actor, ownerRole, requestId, scopes, tenantId } = key;
  return {
    tenantId,
    actor: { kind: "api_key", ...actor },
    can: (permission) => keyMay(scopes, permission) && roleMay(ownerRole, permission),
    requestId,
  };
}

/** The scope of a project's rule: it may do what it was set up for, and never a thing that only a person may do. */
export function ruleScope(rule: {
  readonly tenantId: number;
  readonly actor: Omit<Extract<Actor, { readonly kind: "rule" }>, "kind">;
  readonly grants: readonly PermissionName[];
  readonly requestId: string;
}): ActorScope<"rule"> {
  const { actor, grants, requestId, tenantId } = rule;
  return {
    tenantId,
    actor: { kind: "rule", ...actor },
    can: (permission) => grants.includes(permission) && !isPersonal(permission),
    requestId,
  };
}

/** The scope of the product's own work in a tenant: all verbs but those of people alone. `name` is the part that works. */
export function systemScope(tenantId: number, name: string, requestId: string): ActorScope<"system"> {
  return {
    tenantId,
    actor: { kind: "system", name },
    can: (permission) => !isPersonal(permission),
    requestId,
  };
}

/** Throws `forbidden`, with a sentence that names the missing permission, unless the actor may do this. */
export function requirePermission(scope: Scope, permission: PermissionName): void {
  if (scope.can(permission)) return;
  throw new ServiceError("forbidden", refusalOf(scope, permission));
}

/** The scope as a person's. Throws `forbidden` when the actor is no person: some things only a person may do. */
export function requirePerson(scope: Scope): PersonScope {
  if (isPersonScope(scope)) return scope;
  throw new ServiceError("forbidden", "Only a person who is signed in may do this.");
}

/** The person who answers for what an actor makes: the person, or the owner of the API key; null for all others. */
export function responsibleUserId(actor: Actor): number | null {
  if (actor.kind === "person") return Number(actor.id);
  return actor.kind === "api_key" ? Number(actor.ownerId) : null;
}

function isPersonScope(scope: Scope): scope is PersonScope {
  return scope.actor.kind === "person" && "sessionId" in scope && "role" in scope;
}

function refusalOf(scope: Scope, permission: PermissionName): string {
  const { role, scope: keyScope } = permissions[permission];
  if (isPersonScope(scope)) return roleRefusal(scope.role, permission) ?? "You may not do this.";
  const { actor } = scope;
  if (isPersonal(permission)) return `Only a person may do this; ${describeActor(actor)} may not.`;
  if (actor.kind === "api_key")
    return `This needs an API key with the scope ${keyScope}, whose owner has the role ${role} or above.`;
  return `This needs the permission ${permission}, which ${describeActor(actor)} does not have.`;
}

function describeActor(actor: Actor): string {
  if (actor.kind === "system") return `the product's ${actor.name}`;
  return `the ${actor.kind === "api_key" ? "API key" : actor.kind} ${actor.name}`;
}
