import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contentStamp } from "./content-stamp.ts";
import { localConfig, writeLocalConfig } from "./local-config.ts";
import { wranglerScript } from "./migrations.ts";
import { projectRoot } from "./preflight.ts";
import { runTool } from "./run-command.ts";

const sources = [
  "worker",
  "durable-objects",
  "domain",
  "contracts",
  "wrangler.toml",
  "package-lock.json",
  "tsconfig.base.json",
];

/** The bundle's file in a data folder. */
export function workerScript(dataDir: string): string {
  return path.join(dataDir, "worker/index.js");
}

/**
 * Bundles the Worker as a deployment does, unless a bundle of the same sources is there. That bundle is what runs: a file
 * that is edited meanwhile changes nothing until the next start.
 * @param main another entry than the deployment's, for benchmarks that look inside
 * @returns what was done, in words
 * @throws StackError with wrangler's output when the bundle can't be made
 */
export async function buildWorker(dataDir: string, signal: AbortSignal, main?: string): Promise<string> {
  const script = workerScript(dataDir);
  const stampFile = path.join(dataDir, "worker.stamp");
  const stamp = contentStamp(projectRoot, sources) + (main ?? "");
  writeLocalConfig(dataDir, main);
  if (existsSync(script) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return "up to date";
  rmSync(path.dirname(script), { recursive: true, force: true });
  const args = [
    "deploy",
    "--dry-run",
    "--containers-rollout=none",
    "--config",
    localConfig(dataDir).bundle,
    "--outdir",
    path.dirname(script),
  ];
  await runTool("Bundling the Worker", wranglerScript, args, signal, { WRANGLER_LOG_PATH: path.join(dataDir, "logs") });
  writeFileSync(stampFile, stamp);
  return "bundled";
}
