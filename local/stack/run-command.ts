import { spawn } from "node:child_process";
import { projectRoot } from "./preflight.ts";
import { StackError } from "./errors.ts";

/** Environment for our own tools: the caller's paths, but none of its keys, and nothing that phones home. */
export function toolEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TMPDIR",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "SystemRoot",
    "TEMP",
    "APPDATA",
  ]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return {
    ...kept,
    CI: "1",
    NO_COLOR: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    X_LOCAL_OBSERVABILITY: "false",
    X_LOCAL_EXPLORER: "false",
    ...extra,
  };
}

/**
 * Runs one of the project's own command-line tools to its end.
 * @param script the tool's JavaScript file, run by this Node
 * @throws StackError with the end of its output when it fails; `signal` kills it
 */
export async function runTool(
  what: string,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(process.execPath, ["--no-warnings", script, ...args], {
    cwd: projectRoot,
    env: toolEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const keep = (piece: Buffer): void => {
    output = (output + piece.toString()).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (signal.aborted) throw new StackError("Stopped.");
    if (code !== 0)
      throw new StackError(`${what} failed (exit code ${code}):\n${output.trim().split("\n").slice(-15).join("\n")}`);
  } finally {
    signal.removeEventListener("abort", kill);
    process.removeListener("exit", kill);
  }
}
