import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Forge } from "../forge/index.ts";
import { startModel, type RunningModel } from "../model/index.ts";
import { ensureBubblewrap, startSandboxHost, type SandboxHost } from "../../sandbox-host/index.ts";
import { writeEnvFile } from "./env-file.ts";
import { StackError } from "./errors.ts";
import { startLocalForge } from "./forge-part.ts";
import { takeLock } from "./lock.ts";
import { applyMigrations } from "./migrations.ts";
import { choosePorts } from "./ports.ts";
import { checkMachine } from "./preflight.ts";
import { keepSecrets } from "./secrets.ts";
import { seed, type Seeded } from "./seed.ts";
import type { StackSettings } from "./settings.ts";
import { timed, type StackLog } from "./status.ts";
import { startSweeps } from "./sweeps.ts";
import { buildWeb } from "./web-build.ts";
import { buildWorker } from "./worker-build.ts";
import { publicUrl, workerEnv } from "./worker-env.ts";
import { startWorker } from "./worker-process.ts";

/** The options of a stack's start. */
export interface StackOptions {
  readonly settings: StackSettings;
  readonly log: StackLog;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** Pause before each piece that the local model streams, in ms; 12 unless told. */
  readonly modelDelayMs?: number;
  /** Takes the local model's place, for tests that count or disturb calls: an address without a path. */
  readonly modelUrl?: string;
  /** Another entry of the Worker than the deployment's, for benchmarks that look inside: a path within the repository. */
  readonly workerMain?: string;
}

/** A running stack. */
export interface Stack {
  readonly url: string;
  /** Undefined when a real GitHub App is set. */
  readonly forge: Forge | undefined;
  readonly model: RunningModel | undefined;
  readonly sandboxHost: SandboxHost;
  /** Leader of the process group of wrangler and workerd. */
  readonly workerPid: number;
  /** Undefined with a real GitHub App: nothing is put there. */
  readonly seeded: Seeded | undefined;
  /** Resolves when the Worker's process ends, also after `close`. */
  readonly workerExited: Promise<void>;
  /** Ends every part; resolves when all are gone. */
  close(): Promise<void>;
}

/**
 * Brings up the whole product on this machine: isolation, sandbox host, forge, model, D1, SPA, Worker, seed.
 * @throws StackError, with everything ended again, when a part can't start
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { settings, log } = options;
  const { dataDir } = settings;
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  const endings: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).toReversed()) await end();
  };
  try {
    checkMachine(dataDir);
    endings.push(takeLock(dataDir));
    mkdirSync(path.join(dataDir, "logs"), { recursive: true });
    const ports = await choosePorts(dataDir, settings.port);
    const secrets = keepSecrets(dataDir);
    const url = `http://127.0.0.1:${ports.worker}`;

    // All three are processes of their own and take the longest: they run beside the parts that live here.
    const startedAt = performance.now();
    const since = (work: Promise<string>): Promise<readonly [string, number]> =>
      work.then((text) => [text, performance.now() - startedAt] as const);
    const migrated = since(applyMigrations(dataDir, signal));
    const built = since(buildWeb(signal));
    const bundled = since(buildWorker(dataDir, signal, options.workerMain));
    const settled = Promise.allSettled([migrated, built, bundled]);
    endings.push(() => settled.then(() => undefined));
    endings.push(() => ending.abort());

    await timed(
      log,
      "Isolation",
      () => proveIsolation(log),
      (version) => `bubblewrap ${version}`,
    );
    const hostOptions = {
      port: ports.sandbox,
      dataDir: path.join(dataDir, "sandbox"),
      token: secrets.sandboxHostToken,
    };
    const sandboxHost = await timed(
      log,
      "Sandbox host",
      () => startSandboxHost(hostOptions),
      (host) => host.url,
    );
    endings.push(() => sandboxHost.close());
    const forge =
      settings.github === undefined
        ? await timed(
            log,
            "Forge",
            () => startLocalForge({ dataDir, port: ports.forge, secrets, workerUrl: url, sandboxHost }),
            (started) => `${started.url} (local GitHub)`,
          )
        : undefined;
    if (forge !== undefined) endings.push(() => forge.close());
    const usesModel =
      options.modelUrl === undefined && (settings.anthropic === undefined || settings.openai === undefined);
    const model = usesModel
      ? await timed(
          log,
          "Model",
          () => startModel({ port: ports.model, deltaDelayMs: options.modelDelayMs ?? 12 }),
          (started) => `${started.url} (offline demo agent, no model)`,
        )
      : undefined;
    if (model !== undefined) endings.push(() => model.close());
    noteRealParts(settings, log);

    const [database, databaseMs] = await migrated;
    log.part("Database", `D1, ${database}`, databaseMs);
    const [web, webMs] = await built;
    log.part("Web app", web, webMs);

    const [bundle, bundleMs] = await bundled;
    log.part("Bundle", `Worker ${bundle}`, bundleMs);

    const envFile = path.join(dataDir, "worker.env");
    writeEnvFile(
      envFile,
      workerEnv({
        settings,
        secrets,
        url,
        forge,
        modelUrl: options.modelUrl ?? model?.url,
        sandboxHostUrl: sandboxHost.url,
      }),
    );
    const worker = await timed(
      log,
      "Worker",
      () => startWorker({ dataDir, port: ports.worker, envFile, signal }),
      () => url,
    );
    endings.push(() => worker.stop());
    endings.push(startSweeps(url));
    const seeded =
      forge === undefined
        ? undefined
        : await timed(
            log,
            "Sample data",
            () => seed(url, forge),
            (made) => made.description,
          );
    if (signal.aborted) throw new StackError("Stopped.");
    return {
      url: publicUrl(settings, url),
      forge,
      model,
      sandboxHost,
      workerPid: worker.pid,
      seeded,
      workerExited: worker.exited,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes sure that sandboxes can be isolated here; bubblewrap's version. Without it nothing is started. */
async function proveIsolation(log: StackLog): Promise<string> {
  const found = await ensureBubblewrap((line) => log.note(line));
  if (!found.ok)
    throw new StackError(`Sandboxes can't be isolated here (${found.reason}), and nothing runs without: ${found.fix}`);
  return found.version;
}

function noteRealParts(settings: StackSettings, log: StackLog): void {
  if (settings.github !== undefined)
    log.note(`GitHub: the real one at ${settings.github.apiUrl} (GITHUB_APP_ID is set)`);
  if (settings.github !== undefined && settings.publicUrl === undefined)
    log.note(
      "GitHub's webhooks can't reach 127.0.0.1: name a tunnel's address with PUBLIC_URL, and CI results arrive at once",
    );
  if (settings.anthropic !== undefined)
    log.note(`Claude: the real one at ${settings.anthropic.baseUrl} (ANTHROPIC_API_KEY is set)`);
  if (settings.openai !== undefined)
    log.note(`Codex: the real one at ${settings.openai.baseUrl} (OPENAI_API_KEY is set)`);
}
