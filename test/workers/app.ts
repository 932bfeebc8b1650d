import { models } from "../../domain/budget/models.ts";
import { RunPace } from "../../domain/tenancy/run-pace.ts";
import { env } from "cloudflare:workers";
import { createApp } from "../../worker/app.ts";
import { createIdentity, type IdentityConfig } from "../../worker/adapters/better-auth/index.ts";
import type { ServiceDeps } from "../../worker/context.ts";
import { createVault } from "../../worker/adapters/vault/index.ts";
import { createR2 } from "../../worker/adapters/r2/index.ts";
import { boardHost, budgetHost, feedHost } from "../../worker/hosts.ts";
import { createDatabase } from "../../worker/db/client.ts";
import { PortError } from "../../worker/ports/errors.ts";
import { MemoryStartGate } from "../../worker/services/tenancy/start-gate.ts";
import type { ForgeReader, ForgeRepository } from "../../worker/ports/forge.ts";
import { fakeGitHub } from "./fake-github-config.ts";

export const testConfig: IdentityConfig = {
  secret: "a secret of the tests, long enough to be one",
  publicUrl: "http://lime.test",
  githubWebUrl: fakeGitHub.web,
  githubApiUrl: fakeGitHub.api,
  clientId: fakeGitHub.clientId,
  clientSecret: fakeGitHub.clientSecret,
  allowedLogins: [],
  rateLimit: false,
  log: () => undefined,
};

/** Repositories of an installation, which tests may change; unknown ones have one, named after the installation. */
export const forgeRepositories = new Map<string, readonly ForgeRepository[]>();

/** A repository as the forge would list it. */
export function forgeRepository(installationId: string, name: string): ForgeRepository {
  return {
    externalId: `${installationId}/${name}`,
    owner: `org-${installationId}`,
    name,
    defaultBranch: "main",
    isPrivate: true,
    description: null,
    primaryLanguage: "TypeScript",
  };
}

/** Ids of an installation's repositories that its people see at the forge, where they don't see all. */
export const seenRepositories = new Map<string, readonly string[]>();

/** The repositories that single people see, by `<user's id>@<installation>`: ids, or the code with which the forge refuses the question. */
export const seenByPerson = new Map<string, readonly string[] | string>();

/** How often the forge was asked for each person of `seenByPerson`. */
export const visibilityQuestions = new Map<string, number>();

function visibleIds(userId: number, installationId: string): ReadonlySet<string> {
  const person = `${userId}@${installationId}`;
  visibilityQuestions.set(person, (visibilityQuestions.get(person) ?? 0) + 1);
  const own = seenByPerson.get(person);
  if (typeof own === "string") throw new PortError("forge", "permanent", own, "refused");
  const all = listed(installationId).map(({ externalId }) => externalId);
  return new Set(own ?? seenRepositories.get(installationId) ?? all);
}

function listed(installationId: string): readonly ForgeRepository[] {
  return forgeRepositories.get(installationId) ?? [forgeRepository(installationId, "one")];
}

function unused(): never {
  throw new Error("not part of these tests");
}

const forge: ForgeReader = {
  listInstallationRepositories: async (installationId) => {
    if (installationId === "500")
      throw new PortError("forge", "transient", "server_error", "secret detail of the forge");
    return listed(installationId);
  },
  getRepository: unused,
  getBranchHead: unused,
  getCommit: unused,
  getTree: unused,
  getFile: unused,
  readBlobs: unused,
  getTarball: unused,
  findPullRequest: unused,
  // Pull request 7 is open, 8 is merged, 500 finds the forge down, others are not there.
  getPullRequest: async (repository, number) => {
    if (number === 500) throw new PortError("forge", "transient", "server_error", "secret detail of the forge");
    if (number !== 7 && number !== 8) throw new PortError("forge", "permanent", "not_found", "no such pull");
    return {
      number,
      url: `https://github.test/${repository.owner}/${repository.name}/pull/${number}`,
      state: number === 7 ? "open" : "closed",
      merged: number === 8,
      headBranch: "topic",
      headCommit: "f".repeat(40),
      baseBranch: "release",
      baseCommit: "a".repeat(40),
      title: "A change",
      body: "",
      author: "grace",
    };
  },
  listPullFiles: unused,
  findReview: unused,
  watchPullRequest: unused,
  listChecks: unused,
  listRequiredChecks: unused,
  getWorkflowRunLog: unused,
};

/** Dependencies over a D1 binding, as compose would make them, without runs and webhooks. */
export function createDeps(d1: D1Database, config: IdentityConfig = testConfig): ServiceDeps {
  const db = createDatabase(d1);
  return {
    db,
    now: () => Date.now(),
    identity: {
      ...createIdentity(config, db),
      listRepositoryIds: async (userId, installationId) => visibleIds(userId, installationId),
    },
    forge,
    models: {
      list: [
        ...models,
        { id: "claude-test", provider: "anthropic", name: "Claude Test", agent: "Claude", supportsEffort: true },
      ],
      missingKeys: { anthropic: null, openai: "This deployment has no OPENAI_API_KEY." },
    },
    deployment: { name: "Assembly Lime", version: "0.0.0", forgeUrl: config.githubWebUrl, signIn: ["github"] },
    publicOrigin: new URL(config.publicUrl).origin,
    boards: boardHost(env.BOARDS),
    feeds: feedHost(env.FEEDS),
    tellFeed: (tenantId, topic) =>
      void feedHost(env.FEEDS)
        .tell(tenantId, [topic])
        .catch(() => undefined),
    budgets: budgetHost(env.BOARDS),
    runs: { command: unused, read: unused, socket: unused, grantedSocket: unused },
    sandboxes: undefined,
    isOperator: async () => false,
    blobs: createR2(env.BLOBS),
    mayUpload: async () => true,
    withinQuota: async () => true,
    startGate: new MemoryStartGate(),
    runPace: new RunPace(),
    vault: createVault([btoa("k".repeat(32))]),
    tryProviderKey: async (_provider, key) => (key.startsWith("refused") ? "refused" : "taken"),
    enqueueRun: unused,
    enqueueDelivery: unused,
    webhooks: { verify: unused, parse: unused },
    log: () => undefined,
  };
}

/** The product's own app over these dependencies. */
export interface TestApi {
  fetch(request: Request): Promise<Response>;
}

/** The product's routes over the test database; `change` replaces single dependencies. */
export function createTestApi(
  d1: D1Database,
  config: IdentityConfig = testConfig,
  change: Partial<ServiceDeps> = {},
): TestApi {
  const app = createApp();
  const deps = { ...createDeps(d1, config), ...change };
  return { fetch: async (request) => app.fetch(request, { compose: () => deps }) };
}
