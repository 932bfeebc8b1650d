import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "./errors.ts";
import { localConfig } from "./local-config.ts";
import { wranglerScript, wranglerState } from "./migrations.ts";
import { projectRoot } from "./preflight.ts";
import { toolEnv } from "./run-command.ts";
import { workerScript } from "./worker-build.ts";

/** The running Worker. */
export interface WorkerProcess {
  /** Leader of the process group that holds wrangler and workerd. */
  readonly pid: number;
  /** Resolves when the process has ended, whatever ended it. */
  readonly exited: Promise<void>;
  /** Ends the whole group; resolves when it is gone. Nothing acknowledged is lost: its storage is SQLite. */
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;
/** The time for which the Worker may answer that something is missing before the start counts as failed. */
const refusedForMs = 5_000;

function logTail(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-12).join("\n");
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has gone already.
  }
}

/**
 * Starts `wrangler dev` on 127.0.0.1 and waits until `/api/health` answers.
 * @param options.envFile the Worker's environment in dotenv form
 * @throws StackError with the end of the log when it ends early or isn't ready within 60 s
 */
export async function startWorker(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly envFile: string;
  readonly signal: AbortSignal;
}): Promise<WorkerProcess> {
  const logFile = path.join(options.dataDir, "logs/worker.log");
  mkdirSync(path.dirname(logFile), { recursive: true });
  // The log of the earlier start has the reason of its end.
  if (existsSync(logFile)) renameSync(logFile, path.join(options.dataDir, "logs/worker.previous.log"));
  const log = openSync(logFile, "w");
  const args = [
    ...[
      "dev",
      workerScript(options.dataDir),
      "--no-bundle",
      "--config",
      localConfig(options.dataDir).run,
      "--ip",
      "127.0.0.1",
      "--port",
      String(options.port),
      "--inspector-port",
      "0",
    ],
    ...["--persist-to", wranglerState(options.dataDir), "--env-file", options.envFile],
    ...["--show-interactive-dev-session=false", "--log-level", "log"],
  ];
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, "guard.ts"), process.execPath, "--no-warnings", wranglerScript, ...args],
    {
      cwd: projectRoot,
      env: toolEnv({
        WRANGLER_REGISTRY_PATH: path.join(options.dataDir, "registry"),
        WRANGLER_LOG_PATH: path.join(options.dataDir, "logs"),
      }),
      stdio: ["pipe", log, log],
      detached: true,
    },
  );
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new StackError("The Worker's process could not be started.");
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      ended = true;
      killGroup(pid);
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    killGroup(pid);
    await exited;
  };
  const deadline = Date.now() + readyWithinMs;
  let refusedAt: number | undefined;
  for (;;) {
    const health = await askHealth(options.port);
    if (health.ok) break;
    refusedAt = health.refusal === undefined ? undefined : (refusedAt ?? Date.now());
    if (refusedAt !== undefined && Date.now() - refusedAt > refusedForMs) {
      await stop();
      throw new StackError(`The Worker runs but refuses to work: ${health.refusal}`);
    }
    if (options.signal.aborted) {
      await stop();
      throw new StackError("Stopped.");
    }
    if (ended)
      throw new StackError(`The Worker ended before it was ready. The end of ${logFile}:\n${logTail(logFile)}`);
    if (Date.now() > deadline) {
      await stop();
      throw new StackError(
        `The Worker wasn't ready within ${readyWithinMs / 1000} s. The end of ${logFile}:\n${logTail(logFile)}`,
      );
    }
    await sleep(100);
  }
  const watch = watchHealth(options.port, () => killGroup(pid));
  void exited.then(watch);
  return { pid, exited, stop };
}

/**
 * Asks a running Worker now and then whether it still works; wrangler may live on while its runtime hangs.
 * @param onDead called once, when three questions in a row went unanswered
 * @returns a function that ends the watch
 */
function watchHealth(port: number, onDead: () => void): () => void {
  let unanswered = 0;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const health = await askHealth(port);
    asking = false;
    unanswered = health.ok || health.refusal !== undefined ? 0 : unanswered + 1;
    if (unanswered < 3) return;
    clearInterval(timer);
    onDead();
  };
  const timer = setInterval(() => void ask(), 10_000);
  return () => {
    clearInterval(timer);
  };
}

interface Health {
  readonly ok: boolean;
  /** The text of a Worker's answer that is no success. */
  readonly refusal: string | undefined;
}

async function askHealth(port: number): Promise<Health> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`, { signal: AbortSignal.timeout(15_000) });
    const text = await response.text();
    return { ok: response.ok, refusal: response.ok ? undefined : text.slice(0, 500) };
  } catch {
    return { ok: false, refusal: undefined };
  }
}
