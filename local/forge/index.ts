import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { mintUserToken } from "./auth/tokens.ts";
import { checkLogin, install, SetupError } from "./bring-in/installations.ts";
import { moveRepository, setReaders } from "./bring-in/moves.ts";
import { importRepository } from "./bring-in/repository.ts";
import { CiEngine } from "./ci/engine.ts";
import type { ForgeContext } from "./context.ts";
import { RepositoryLocks, type AppIdentity, type ForgeCore } from "./core.ts";
import { Deliveries } from "./events/deliveries.ts";
import { setOutsideCheck, setRequiredChecks, setRequiredSignatures } from "./bring-in/outside-checks.ts";
import { Git } from "./git/git.ts";
import { ApiRoutes } from "./routes/calls.ts";
import { Faults } from "./http/faults.ts";
import { RateLimits } from "./http/rate-limits.ts";
import { serve } from "./server.ts";
import { addRoutes } from "./routes/index.ts";
import { openStore, type Store } from "./store/store.ts";
import type { Forge, ForgeAppOptions, ForgeOptions } from "./types.ts";

export type * from "./types.ts";

/** The file in the data directory that holds the address of the forge that runs there. */
export const addressFile = "address";

/** The app's key: given, or made once and kept; always PKCS#8, which every runtime reads. */
function privateKey(dataDir: string, given: string | undefined): string {
  if (given !== undefined) return createPrivateKey(given).export({ type: "pkcs8", format: "pem" }).toString();
  const file = join(dataDir, "app-key.pem");
  if (existsSync(file)) return readFileSync(file, "utf8");
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  writeFileSync(file, pem, { mode: 0o600 });
  return pem;
}

function appIdentity(store: Store, app: ForgeAppOptions, privateKeyPem: string): AppIdentity {
  const id = Number(app.id);
  if (!Number.isSafeInteger(id) || id <= 0)
    throw new SetupError("invalid", "the app's id must be a positive whole number");
  const bot = store.accounts.ensure(`${app.slug}[bot]`, "Bot", Date.now());
  return {
    id,
    slug: app.slug,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    webhookSecret: app.webhookSecret,
    publicKey: createPublicKey(privateKeyPem),
    signingKey: createHash("sha256").update(`commits\n${privateKeyPem}`).digest(),
    callbackUrls: app.callbackUrls ?? [],
    setupUrl: app.setupUrl,
    bot,
    createdAtMs: bot.createdAtMs,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", fail);
      done();
    });
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the forge has no address");
  return address.port;
}

async function checkGit(git: Git, dataDir: string): Promise<void> {
  const version = await git.text(dataDir, ["--version"]).catch(() => undefined);
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  if (version === undefined) throw new SetupError("not_found", "git is missing: install it and start again");
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 38))
    throw new SetupError("invalid", `git 2.38 or later is needed; this is ${version}`);
}

/**
 * Starts a forge on 127.0.0.1 over the data in `dataDir`, made when missing. Rejects when the port is taken (EADDRINUSE),
 * when git is missing or too old (SetupError), or when the data can't be read.
 */
export async function startForge(options: ForgeOptions): Promise<Forge> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const git = new Git(dataDir);
  await checkGit(git, dataDir);
  const store = openStore(join(dataDir, "forge.sqlite"));
  const privateKeyPem = privateKey(dataDir, options.app.privateKeyPem);
  const routes = new ApiRoutes();
  addRoutes(routes);
  const underWay = new Set<Promise<void>>();
  let context: ForgeContext | undefined;
  const server = createServer((request, response) => {
    if (context === undefined) response.writeHead(503).end();
    else {
      const work = serve(context, routes.router, request, response)
        .catch((error: unknown) => console.error("forge:", error))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    }
  });
  try {
    const port = await listen(server, options.port);
    const local = `http://127.0.0.1:${port}`;
    const url = (options.publicUrl ?? local).replace(/\/+$/, "");
    const app = appIdentity(store, options.app, privateKeyPem);
    const core: ForgeCore = {
      app,
      url,
      apiUrl: `${url}/api/v3`,
      dataDir,
      store,
      git,
      locks: new RepositoryLocks(),
      maxTreeEntries: options.maxTreeEntries ?? 100_000,
      now: () => Date.now(),
    };
    const deliveries = new Deliveries(core, options.app.webhookUrl ?? store.setting("webhook_url"));
    const ci = new CiEngine(core, deliveries, options.ci);
    context = { ...core, deliveries, ci, faults: new Faults(), rateLimits: new RateLimits() };
    writeFileSync(join(dataDir, addressFile), local);
    deliveries.wake();
    ci.resume();
    return forgeOf(context, server, privateKeyPem, underWay);
  } catch (error) {
    server.close();
    store.close();
    throw error;
  }
}

function forgeOf(
  context: ForgeContext,
  server: Server,
  privateKeyPem: string,
  underWay: ReadonlySet<Promise<void>>,
): Forge {
  const { store } = context;
  return {
    url: context.url,
    apiUrl: context.apiUrl,
    privateKeyPem,
    writes: () => store.writes.all(),
    importRepository: (request) => importRepository(context, request),
    moveRepository: async (request) => moveRepository(context, request),
    setReaders: async (request) => setReaders(context, request),
    createInstallation: async (request) => ({ id: install(context, request).id }),
    createUser: async (request) => {
      checkLogin(request.login);
      const details = {
        ...(request.name === undefined ? {} : { name: request.name }),
        ...(request.email === undefined ? {} : { email: request.email }),
      };
      const user = store.accounts.ensure(request.login, "User", context.now(), details);
      for (const login of request.organizations ?? []) {
        checkLogin(login);
        store.accounts.addMember(store.accounts.ensure(login, "Organization", context.now()).id, user.id);
      }
      return { id: user.id, login: user.login };
    },
    createUserToken: async (login) => {
      const user = store.accounts.byLogin(login);
      if (user?.type !== "User") throw new SetupError("not_found", `there is no person ${login}`);
      return mintUserToken(context, user.id);
    },
    setCheck: async (request) => setOutsideCheck(context, request),
    setRequiredChecks: (request) => setRequiredChecks(context, request),
    setRequiredSignatures: (request) => setRequiredSignatures(context, request),
    setWebhookUrl: (url) => {
      store.setSetting("webhook_url", url);
      context.deliveries.setUrl(url);
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(underWay);
      await context.ci.close();
      await context.deliveries.close();
      rmSync(join(context.dataDir, addressFile), { force: true });
      store.close();
    },
  };
}
