import { OpenAPIHono } from "@hono/zod-openapi";
import { createIdentity, type IdentityConfig } from "../../worker/adapters/better-auth/index.ts";
import type { ApiEnv, ServiceDeps } from "../../worker/context.ts";
import { createDatabase } from "../../worker/db/client.ts";
import { refuseInvalid } from "../../worker/errors.ts";
import { limitBody } from "../../worker/middleware/body-limit.ts";
import { answerError, logRequests } from "../../worker/middleware/log.ts";
import { answerUnknown } from "../../worker/middleware/not-found.ts";
import { sameOrigin } from "../../worker/middleware/origin.ts";
import { requestId } from "../../worker/middleware/request-id.ts";
import { securityHeaders } from "../../worker/middleware/security-headers.ts";
import { signedIn } from "../../worker/middleware/session.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgeReader, ForgeRepository } from "../../worker/ports/forge.ts";
import { registerAuth } from "../../worker/routes/auth.ts";
import { registerConnectors } from "../../worker/routes/connectors.ts";
import { registerDeployment } from "../../worker/routes/deployment.ts";
import { registerMe } from "../../worker/routes/me.ts";
import { registerModels } from "../../worker/routes/models.ts";
import { registerProjects } from "../../worker/routes/projects.ts";
import { registerRepositories } from "../../worker/routes/repositories.ts";
import type { ApiApp } from "../../worker/routes/shared.ts";
import { registerTickets } from "../../worker/routes/tickets.ts";
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

function unused(): never {
  throw new Error("not part of these tests");
}

const forge: ForgeReader = {
  listInstallationRepositories: async (installationId) => {
    if (installationId === "500") throw new PortError("forge", "transient", "server_error", "secret detail of the forge");
    return forgeRepositories.get(installationId) ?? [forgeRepository(installationId, "one")];
  },
  getRepository: unused,
  getBranchHead: unused,
  getTree: unused,
  getFile: unused,
  getTarball: unused,
  findPullRequest: unused,
  listWorkflowRuns: unused,
  getWorkflowRunLog: unused,
};

/** Dependencies over a D1 binding, as compose would make them. */
export function createDeps(d1: D1Database, config: IdentityConfig = testConfig): ServiceDeps {
  const db = createDatabase(d1);
  return {
    db,
    now: () => Date.now(),
    identity: createIdentity(config, db),
    forge,
    models: [
      { id: "claude-test", provider: "anthropic", name: "Claude Test", agent: "Claude", available: true, reason: null, isDefault: true },
    ],
    deployment: { name: "Assembly Lime", version: "0.0.0", forgeUrl: config.githubWebUrl, signIn: ["github"] },
    publicOrigin: new URL(config.publicUrl).origin,
  };
}

/** The whole API of this part, in the order that the product has. */
export function createTestApp(d1: D1Database, config: IdentityConfig = testConfig): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  const deps = createDeps(d1, config);
  app.onError(answerError);
  app.use(requestId, logRequests, async (c, next) => {
    c.set("deps", deps);
    await next();
  });
  app.use("/api/*", securityHeaders, sameOrigin, limitBody(1_000_000));
  registerDeployment(app);
  registerAuth(app);
  app.get("/api/openapi.json", (c) =>
    c.json(app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Assembly Lime", version: "0.0.0" } })),
  );
  app.get("/api/broken", () => {
    throw new Error("a secret from inside");
  });
  app.use("/api/*", signedIn);
  registerMe(app);
  registerProjects(app);
  registerTickets(app);
  registerRepositories(app);
  registerModels(app);
  registerConnectors(app);
  answerUnknown(app);
  return app;
}
