import { roles, type Role } from "../contracts/common.ts";
import type { Deployment } from "../contracts/project.ts";
import type { ModelEntry } from "../domain/budget/models.ts";
import type { Database } from "./db/client.ts";
import { ServiceError } from "./errors.ts";
import type { BlobPort } from "./ports/blobs.ts";
import type { ForgeReader } from "./ports/forge.ts";
import type { ForgeWebhooks } from "./ports/forge-webhooks.ts";
import type { IdentityPort, IdentityUser } from "./ports/identity.ts";
import type { LlmProvider } from "./ports/llm.ts";
import type { Vault } from "./ports/vault.ts";
import type { RunHost } from "./ports/run-host.ts";

/** What the deployment gives to every service verb, made once by compose. */
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
  readonly blobs: BlobPort;
  /** Counts one upload for who is named; false when there were too many of late. */
  readonly mayUpload: (who: string) => Promise<boolean>;
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

/** Who asks, in which tenant, with which role. Every service verb takes it first. */
export interface ServiceContext extends ServiceDeps {
  readonly tenantId: number;
  readonly user: IdentityUser;
  readonly role: Role;
  readonly sessionId: number;
  readonly requestId: string;
}

/** Hono's environment of the API: `deps` is set by compose, `context` by the session middleware. */
export interface ApiEnv {
  Bindings: { readonly compose: () => ServiceDeps };
  Variables: { requestId: string; deps: ServiceDeps; context: ServiceContext };
}

/** True when a role may do what `least` may: viewer < qa < dev < pm < admin. */
export function hasRole(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

/** Throws `forbidden` unless the asking person's role is `least` or above. */
export function requireRole(context: Pick<ServiceContext, "role">, least: Role): void {
  if (hasRole(context.role, least)) return;
  throw new ServiceError("forbidden", `This needs the role ${least} or above; yours is ${context.role}.`);
}
