import { costMicros } from "../domain/budget/cost.ts";
import { models } from "../domain/budget/models.ts";
import type { RunObject } from "../durable-objects/run/run-object.ts";
import { createAnthropic } from "./adapters/anthropic/index.ts";
import { createIdentity } from "./adapters/better-auth/index.ts";
import { createGitHub } from "./adapters/github/index.ts";
import { parseWebhook, verifyWebhookSignature } from "./adapters/github/webhook.ts";
import { createHostSandbox } from "./adapters/host-sandbox/index.ts";
import { tryProviderKey } from "./adapters/llm/try-key.ts";
import { createOpenAi } from "./adapters/openai/index.ts";
import { createR2 } from "./adapters/r2/index.ts";
import { createVault } from "./adapters/vault/index.ts";
import type { ServiceDeps } from "./context.ts";
import { createDatabase } from "./db/client.ts";
import { findSealedKey } from "./db/stores/provider-key.ts";
import { findRunRow, rewriteRunRow, writeFirstRow } from "./db/stores/projection.ts";
import { applyProjection } from "./db/stores/run.ts";
import { PortError } from "./ports/errors.ts";
import type { LlmPort, LlmProvider } from "./ports/llm.ts";
import type { Vault } from "./ports/vault.ts";
import type { RunHost, RunPlace, RunRowOrigin } from "./ports/run-host.ts";
import type { QueueMessage } from "./queues/messages.ts";
import { providerKeyIdentity } from "./services/model/provider-keys.ts";
import { bearsToken } from "./middleware/bearer.ts";
import { createPlanTickets } from "./services/board/create-plan-tickets.ts";
import { createBudget } from "./services/budget/project-money.ts";
import { createRunEffects, type RunEffects } from "./services/run/run-effects.ts";
import { withTreeCache } from "./services/patch-set/tree-cache.ts";
import { createWriteGate } from "./services/patch-set/write-gate.ts";
import { createSandboxProvider } from "./services/sandbox/provider.ts";
import type { EngineDeps } from "./services/run/engine/deps.ts";
import type { ProjectionWrite } from "../domain/run/projection.ts";
import type { RunRow } from "../domain/run/projection-check.ts";

/** The version that the deployment reports. */
const version = "0.1.0";

/** Bindings and settings of the Worker. Read here and nowhere else. */
export interface Env {
  readonly DB: D1Database;
  readonly RUNS: DurableObjectNamespace<RunObject>;
  readonly QUEUE: Queue<QueueMessage>;
  readonly BLOBS: R2Bucket;
  readonly UPLOAD_LIMIT: RateLimit;
  readonly PUBLIC_URL: string;
  readonly BETTER_AUTH_SECRET: string;
  readonly GITHUB_WEB_URL: string;
  readonly GITHUB_API_URL: string;
  readonly GITHUB_APP_ID: string;
  readonly GITHUB_APP_PRIVATE_KEY: string;
  readonly GITHUB_CLIENT_ID: string;
  readonly GITHUB_CLIENT_SECRET: string;
  readonly GITHUB_WEBHOOK_SECRET: string;
  readonly SANDBOX_HOST_URL: string;
  readonly SANDBOX_HOST_TOKEN: string;
  /** 32 bytes in base64: seals tenants' secrets. */
  readonly MASTER_KEY: string;
  /** The master key before this one, while secrets sealed under it are still there. */
  readonly MASTER_KEY_PREVIOUS?: string;
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  readonly ALLOWED_LOGINS?: string;
  /** Opens the operator's routes; at least 32 characters. Absent: they are closed. */
  readonly OPERATIONS_TOKEN?: string;
}

const required = [
  "PUBLIC_URL",
  "BETTER_AUTH_SECRET",
  "GITHUB_WEB_URL",
  "GITHUB_API_URL",
  "GITHUB_APP_ID",
  "GITHUB_APP_PRIVATE_KEY",
  "GITHUB_CLIENT_ID",
  "GITHUB_CLIENT_SECRET",
  "GITHUB_WEBHOOK_SECRET",
  "SANDBOX_HOST_URL",
  "SANDBOX_HOST_TOKEN",
  "MASTER_KEY",
] as const satisfies readonly (keyof Env)[];

/** Names of required settings that are missing: the deployment answers nothing but that until they are there. */
export function missingSettings(env: Env): readonly string[] {
  return required.filter((name) => (env[name] ?? "") === "");
}

/**
 * Builds everything that a request, a queue batch or a cron needs; made anew for each, since what one request opened
 * another may not use. Cheap: nothing is requested, keys are read at their first use. `waitUntil` keeps background work alive.
 */
export function compose(env: Env, waitUntil: (work: Promise<unknown>) => void): ServiceDeps {
  const db = createDatabase(env.DB);
  const enqueue = (message: QueueMessage): void =>
    waitUntil(
      env.QUEUE.send(message).catch((error: unknown) =>
        log("warn", "queue send failed", { kind: message.kind, detail: String(error) }),
      ),
    );
  return {
    db,
    now: () => Date.now(),
    identity: createIdentity(
      {
        secret: env.BETTER_AUTH_SECRET,
        publicUrl: env.PUBLIC_URL,
        githubWebUrl: env.GITHUB_WEB_URL,
        githubApiUrl: env.GITHUB_API_URL,
        clientId: env.GITHUB_CLIENT_ID,
        clientSecret: env.GITHUB_CLIENT_SECRET,
        allowedLogins: (env.ALLOWED_LOGINS ?? "")
          .split(",")
          .map((login) => login.trim())
          .filter((login) => login !== ""),
        rateLimit: true,
        log,
      },
      db,
    ),
    forge: github(env).reader,
    models: {
      list: models,
      missingKeys: {
        anthropic: missingKey("ANTHROPIC_API_KEY", env.ANTHROPIC_API_KEY),
        openai: missingKey("OPENAI_API_KEY", env.OPENAI_API_KEY),
      },
    },
    deployment: { name: "Assembly Lime", version, forgeUrl: env.GITHUB_WEB_URL, signIn: ["github"] },
    publicOrigin: new URL(env.PUBLIC_URL).origin,
    runs: runHost(env),
    isOperator: (authorization) => bearsToken(authorization, env.OPERATIONS_TOKEN ?? ""),
    blobs: createR2(env.BLOBS),
    mayUpload: async (who) => (await env.UPLOAD_LIMIT.limit({ key: who })).success,
    enqueueRun: (message) => enqueue({ kind: "run", ...message }),
    enqueueDelivery: (id) => enqueue({ kind: "delivery", id }),
    webhooks: {
      verify: (body, signature) => verifyWebhookSignature(env.GITHUB_WEBHOOK_SECRET, body, signature),
      parse: parseWebhook,
    },
    vault: vaultOf(env),
    tryProviderKey: (provider, key) => tryProviderKey(provider, key, baseUrl(providerBaseUrl(env, provider))),
    log,
  };
}

/** The dependencies of a run's Durable Object. */
export interface RunDeps {
  readonly engine: EngineDeps;
  readonly projectRun: (tenantId: number, runId: number, projection: ProjectionWrite) => Promise<void>;
  /** Writes the row that is not there yet. Safe to repeat. */
  readonly writeFirstRow: (place: RunPlace, origin: RunRowOrigin, row: RunRow) => Promise<void>;
  readonly findRow: (tenantId: number, runId: number) => Promise<RunRow | undefined>;
  readonly rewriteRow: (tenantId: number, runId: number, row: RunRow) => Promise<void>;
  readonly effects: RunEffects;
}

/** Builds the engine's ports. */
export function composeRun(env: Env): RunDeps {
  const db = createDatabase(env.DB);
  const { reader: uncached, writer } = github(env);
  const reader = withTreeCache(uncached);
  const vault = vaultOf(env);
  const llmWith = (apiKey: string, provider: LlmProvider): LlmPort =>
    (provider === "anthropic" ? createAnthropic : createOpenAi)({
      apiKey,
      ...baseUrl(providerBaseUrl(env, provider)),
    });
  const deploymentLlm = {
    anthropic: optional(env.ANTHROPIC_API_KEY, (key) => llmWith(key, "anthropic")),
    openai: optional(env.OPENAI_API_KEY, (key) => llmWith(key, "openai")),
  };
  const sandboxes = createSandboxProvider({
    host: optional(env.SANDBOX_HOST_URL, (url) => createHostSandbox({ url, token: env.SANDBOX_HOST_TOKEN })),
  });
  return {
    engine: {
      llm: async (provider, tenantId): Promise<LlmPort | undefined> => {
        const sealed = await findSealedKey(db, tenantId, provider).catch(databaseFailed);
        if (sealed === undefined) return deploymentLlm[provider];
        return llmWith(await vault.open(sealed, providerKeyIdentity(tenantId, provider)), provider);
      },
      sandboxFor: (settings) => sandboxes.sandboxFor(settings),
      forge: reader,
      writeGate: createWriteGate({ reader, writer }),
      nowMs: () => Date.now(),
      random: () => Math.random(),
      budget: createBudget(db),
      costMicros,
      blobs: createR2(env.BLOBS),
      createTickets: (plan) => createPlanTickets(db, plan, Date.now()),
      log,
    },
    projectRun: (tenantId, runId, projection) => applyProjection(db, tenantId, runId, projection),
    writeFirstRow: (place, origin, row) => writeFirstRow(db, place, origin, row),
    findRow: (tenantId, runId) => findRunRow(db, tenantId, runId),
    rewriteRow: (tenantId, runId, row) => rewriteRunRow(db, tenantId, runId, row),
    effects: createRunEffects(db, runHost(env)),
  };
}

/** A database that fails is waited for like any other side: the run is not to blame. */
function databaseFailed(error: unknown): never {
  throw new PortError("database", "transient", "database_failed", String(error), { cause: error });
}

function vaultOf(env: Env): Vault {
  return createVault([env.MASTER_KEY, env.MASTER_KEY_PREVIOUS ?? ""].filter((key) => key !== ""));
}

function providerBaseUrl(env: Env, provider: LlmProvider): string | undefined {
  return provider === "anthropic" ? env.ANTHROPIC_BASE_URL : env.OPENAI_BASE_URL;
}

function github(env: Env): ReturnType<typeof createGitHub> {
  return createGitHub({
    apiBaseUrl: env.GITHUB_API_URL,
    webBaseUrl: env.GITHUB_WEB_URL,
    appId: env.GITHUB_APP_ID,
    privateKeyPem: env.GITHUB_APP_PRIVATE_KEY,
  });
}

function runHost(env: Env): RunHost {
  const of = (runId: number): DurableObjectStub<RunObject> => env.RUNS.getByName(`run:${runId}`);
  return {
    command: (runId, caller, command) => of(runId).command(caller, command),
    read: (runId, query) => of(runId).read(query),
    socket: (runId, request, since, sessionKey) => {
      const headers = new Headers({ upgrade: "websocket", "x-run-since": String(since), "x-run-session": sessionKey });
      return of(runId).fetch(new Request(request.url, { headers }));
    },
  };
}

function missingKey(name: string, key: string | undefined): string | null {
  return (key ?? "") === ""
    ? `There is no key for it: neither this deployment's ${name} nor one of the tenant's own.`
    : null;
}

function optional<T>(value: string | undefined, make: (value: string) => T): T | undefined {
  return value === undefined || value === "" ? undefined : make(value);
}

function baseUrl(url: string | undefined): { baseUrl?: string } {
  return url === undefined || url === "" ? {} : { baseUrl: url };
}

function log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>): void {
  console[level](JSON.stringify({ level, message, ...fields }));
}
