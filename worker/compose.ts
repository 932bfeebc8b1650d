import { costMicros } from "../domain/budget/cost.ts";
import { models } from "../domain/budget/models.ts";
import type { FeedTopic } from "../contracts/feed.ts";
import type { SlotHold } from "../domain/board/slots.ts";
import { RunPace } from "../domain/tenancy/run-pace.ts";
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
import { readAutopilot } from "./db/stores/autopilot.ts";
import { findRepositoryPlace } from "./db/stores/connector.ts";
import { findSealedKey } from "./db/stores/provider-key.ts";
import { findRunRow, rewriteRunRow, writeFirstRow } from "./db/stores/projection.ts";
import { applyProjection } from "./db/stores/run.ts";
import { accessOfSessions } from "./db/stores/session.ts";
import { listSlotRuns } from "./db/stores/slots.ts";
import { PortError } from "./ports/errors.ts";

import type { LlmPort, LlmProvider } from "./ports/llm.ts";
import type { Vault } from "./ports/vault.ts";
import type { BoardPlace } from "./ports/board-host.ts";
import type { RunPlace, RunRowOrigin, SessionAccess } from "./ports/run-host.ts";
import type { Env } from "./env.ts";
import { boardHost, budgetHost, feedHost, runHost, tellFeed } from "./hosts.ts";
import type { QueueMessage } from "./queues/messages.ts";
import { providerKeyIdentity } from "./services/model/provider-keys.ts";
import { bearsToken } from "./middleware/bearer.ts";
import { startTicket } from "./services/run/start-ticket.ts";
import { createPlanTickets } from "./services/board/create-plan-tickets.ts";
import { createMoneyRecord } from "./services/budget/money-record.ts";
import { createRunEffects, type RunEffects } from "./services/run/run-effects.ts";
import { withTreeCache } from "./services/patch-set/tree-cache.ts";
import { createWriteGate } from "./services/patch-set/write-gate.ts";
import { MemoryStartGate } from "./services/tenancy/start-gate.ts";
import { createSandboxProvider } from "./services/sandbox/provider.ts";
import { bindForge, starterId } from "./services/run/engine/bind-forge.ts";
import type { EngineDeps } from "./services/run/engine/deps.ts";
import type { RunJournal } from "./services/run/engine/journal.ts";
import type { ProjectionWrite } from "../domain/run/projection.ts";
import type { RunRow } from "../domain/run/projection-check.ts";

export { missingSettings, type Env } from "./env.ts";

const version = "0.1.0";
const startGate = new MemoryStartGate();
const runPace = new RunPace();

/**
 * Builds everything that a request, a queue batch or a cron needs; made anew for each, since what one request opened
 * another may not use. Cheap: nothing is requested, keys are read at their first use. `waitUntil` keeps background work alive.
 */
export function compose(env: Env, waitUntil: (work: Promise<unknown>) => void): ServiceDeps {
  const db = createDatabase(env.DB);
  const forge = lazily(() => github(env).reader);
  const enqueue = (message: QueueMessage): void =>
    waitUntil(
      env.QUEUE.send(message).catch((error: unknown) =>
        log("warn", "queue send failed", { kind: message.kind, detail: String(error) }),
      ),
    );
  return {
    db,
    now: () => Date.now(),
    identity: identityOf(env, db),
    get forge() {
      return forge();
    },
    models: {
      list: models,
      missingKeys: {
        anthropic: missingKey("ANTHROPIC_API_KEY", env.ANTHROPIC_API_KEY),
        openai: missingKey("OPENAI_API_KEY", env.OPENAI_API_KEY),
      },
    },
    deployment: { name: "Assembly Lime", version, forgeUrl: env.GITHUB_WEB_URL, signIn: ["github"] },
    publicOrigin: new URL(env.PUBLIC_URL).origin,
    runs: runHost(env.RUNS),
    boards: boardHost(env.BOARDS),
    feeds: feedHost(env.FEEDS),
    tellFeed: (tenantId, topic) => waitUntil(tellFeed(env.FEEDS, tenantId, topic, log)),
    budgets: budgetHost(env.BOARDS),
    sandboxes: hostSandbox(env),
    isOperator: (authorization) => bearsToken(authorization, env.OPERATIONS_TOKEN ?? ""),
    blobs: createR2(env.BLOBS),
    mayUpload: async (who) => (await env.UPLOAD_LIMIT.limit({ key: who })).success,
    withinQuota: async (quota, tenantId) => {
      const limit = { requests: env.REQUEST_LIMIT, starts: env.START_LIMIT }[quota];
      return (await limit.limit({ key: `tenant:${tenantId}` })).success;
    },
    startGate,
    runPace,
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
  readonly engine: Omit<EngineDeps, "forge" | "writeGate">;
  /** The engine's ports for one run: the forge reaches the run's repositories by their ids alone. */
  readonly engineOf: (journal: Pick<RunJournal, "spec" | "view">) => EngineDeps;
  readonly projectRun: (tenantId: number, runId: number, projection: ProjectionWrite) => Promise<void>;
  /** Writes the row that is not there yet. Safe to repeat. */
  readonly writeFirstRow: (place: RunPlace, origin: RunRowOrigin, row: RunRow) => Promise<void>;
  readonly findRow: (tenantId: number, runId: number) => Promise<RunRow | undefined>;
  readonly rewriteRow: (tenantId: number, runId: number, row: RunRow) => Promise<void>;
  readonly effects: RunEffects;
  /** Of these sessions, those that live. Throws whatever the database throws. */
  readonly sessionAccess: (tenantId: number, sessionIds: readonly number[]) => Promise<readonly SessionAccess[]>;
}

/** Builds the engine's ports. */
export function composeRun(env: Env): RunDeps {
  const db = createDatabase(env.DB);
  const identity = identityOf(env, db);
  const forge = lazily(() => {
    const { reader, writer } = github(env);
    const cached = withTreeCache(reader);
    return { reader: cached, writeGate: createWriteGate({ reader: cached, writer }) };
  });
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
  const sandboxes = createSandboxProvider({ host: hostSandbox(env) });
  const engine: RunDeps["engine"] = {
    llm: async (provider, tenantId): Promise<LlmPort | undefined> => {
      const sealed = await findSealedKey(db, tenantId, provider).catch(databaseFailed);
      if (sealed === undefined) return deploymentLlm[provider];
      return llmWith(await vault.open(sealed, providerKeyIdentity(tenantId, provider)), provider);
    },
    sandboxFor: (settings) => sandboxes.sandboxFor(settings),
    nowMs: () => Date.now(),
    random: () => Math.random(),
    budget: budgetHost(env.BOARDS),
    costMicros,
    noreplyEmail: (userId) => identity.noreplyEmail(userId),
    blobs: createR2(env.BLOBS),
    createTickets: (plan) => createPlanTickets({ boards: boardHost(env.BOARDS), db }, plan),
    log,
  };
  return {
    engine,
    engineOf: (journal) => {
      const bound = lazily(() =>
        bindForge(forge(), {
          spec: () => journal.spec,
          starter: () => starterId(journal),
          find: (tenantId, id) => findRepositoryPlace(db, tenantId, id).catch(databaseFailed),
          canSee: (userId, externalId) => identity.canSeeRepository(userId, externalId),
        }),
      );
      return {
        ...engine,
        get forge() {
          return bound().reader;
        },
        get writeGate() {
          return bound().writeGate;
        },
      };
    },
    projectRun: (tenantId, runId, projection) => applyProjection(db, tenantId, runId, projection),
    writeFirstRow: (place, origin, row) => writeFirstRow(db, place, origin, row),
    findRow: (tenantId, runId) => findRunRow(db, tenantId, runId),
    rewriteRow: (tenantId, runId, row) => rewriteRunRow(db, tenantId, runId, row),
    effects: createRunEffects({
      db,
      boards: boardHost(env.BOARDS),
      runs: runHost(env.RUNS),
      tellFeed: (tenantId, topic) => tellFeed(env.FEEDS, tenantId, topic, log),
    }),
    sessionAccess: (tenantId, sessionIds) => accessOfSessions(db, tenantId, sessionIds, Date.now()),
  };
}

/** Builds the ports of a project's board. */
export function composeBoard(env: Env, waitUntil: (work: Promise<unknown>) => void) {
  const db = createDatabase(env.DB);
  return {
    /** Starts a run on a ticket for the project's autopilot; see `services/run/start-ticket.ts`. */
    startTicket: (place: BoardPlace, ticketId: string, atVersion: number) =>
      startTicket(compose(env, waitUntil), place, ticketId, atVersion),
    readAutopilot: (place: BoardPlace, ticketIds: readonly string[]) => readAutopilot(db, place, ticketIds),
    db,
    moneyRecord: createMoneyRecord(db),
    tellFeed: (tenantId: number, topic: FeedTopic) => tellFeed(env.FEEDS, tenantId, topic, log),
    listSlotRuns: (place: BoardPlace, holds: readonly SlotHold[]) => listSlotRuns(db, place, holds),
    nowMs: () => Date.now(),
    log,
    /** Of these sessions, those that live. Throws whatever the database throws. */
    sessionAccess: (tenantId: number, sessionIds: readonly number[]): Promise<readonly SessionAccess[]> =>
      accessOfSessions(db, tenantId, sessionIds, Date.now()),
  };
}

/** Builds the ports of a tenant's feed. */
export function composeFeed(env: Env) {
  const db = createDatabase(env.DB);
  return {
    nowMs: () => Date.now(),
    log,
    /** Of these sessions, those that live. Throws whatever the database throws. */
    sessionAccess: (tenantId: number, sessionIds: readonly number[]): Promise<readonly SessionAccess[]> =>
      accessOfSessions(db, tenantId, sessionIds, Date.now()),
  };
}

/** A database that fails is waited for: the run is not to blame. */
function databaseFailed(error: unknown): never {
  throw new PortError("database", "transient", "database_failed", String(error), { cause: error });
}

function identityOf(env: Env, db: ReturnType<typeof createDatabase>): ReturnType<typeof createIdentity> {
  return createIdentity(
    {
      secret: env.BETTER_AUTH_SECRET,
      publicUrl: env.PUBLIC_URL,
      githubWebUrl: env.GITHUB_WEB_URL,
      githubApiUrl: env.GITHUB_API_URL,
      clientId: env.GITHUB_CLIENT_ID,
      clientSecret: env.GITHUB_CLIENT_SECRET,
      allowedLogins: (env.ALLOWED_LOGINS ?? "").match(/[^\s,]+/gu) ?? [],
      rateLimit: true,
      log,
    },
    db,
  );
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

function hostSandbox(env: Env): ReturnType<typeof createHostSandbox> | undefined {
  return optional(env.SANDBOX_HOST_URL, (url) => createHostSandbox({ url, token: env.SANDBOX_HOST_TOKEN }));
}

function missingKey(name: string, key: string | undefined): string | null {
  return (key ?? "") === ""
    ? `There is no key for it: neither this deployment's ${name} nor one of the tenant's own.`
    : null;
}

/** Makes a value at its first use: most requests never ask the forge, and its client takes longer to build than all the rest. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
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
