import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contentStamp } from "./content-stamp.ts";
import { projectRoot } from "./preflight.ts";
import { runTool } from "./run-command.ts";

/** The wrangler command, as a file that Node runs without one more process between. */
export const wranglerScript = path.join(projectRoot, "node_modules/wrangler/wrangler-dist/cli.js");

/** Where wrangler keeps local D1, R2 and Durable Objects. */
export function wranglerState(dataDir: string): string {
  return path.join(dataDir, "wrangler");
}

/**
 * Brings the local D1 up to the newest migration.
 * @returns what was done, in words; a start with nothing new costs no process
 */
export async function applyMigrations(dataDir: string, signal: AbortSignal): Promise<string> {
  const stamp = contentStamp(projectRoot, ["migrations"]);
  const stampFile = path.join(dataDir, "migrations.stamp");
  if (existsSync(wranglerState(dataDir)) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
    return "up to date";
  await runTool(
    "Applying the D1 migrations",
    wranglerScript,
    ["d1", "migrations", "apply", "DB", "--local", "--persist-to", wranglerState(dataDir)],
    signal,
  );
  writeFileSync(stampFile, stamp);
  return "migrations applied";
}
