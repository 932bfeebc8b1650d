import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contentStamp } from "./content-stamp.ts";
import { StackError } from "./errors.ts";
import { projectRoot } from "./preflight.ts";
import { runTool } from "./run-command.ts";

const sources = ["web", "contracts", "package-lock.json", "tsconfig.base.json", "tsconfig/web.json"];

/**
 * Builds the SPA into dist/web unless a build of the same sources is there.
 * @returns what was done, in words
 * @throws StackError with Vite's output when the build fails
 */
export async function buildWeb(signal: AbortSignal): Promise<string> {
  const target = path.join(projectRoot, "dist/web");
  const stampFile = path.join(projectRoot, "dist/web.stamp");
  const stamp = contentStamp(projectRoot, sources);
  if (existsSync(path.join(target, "index.html")) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
    return "up to date";
  if (!existsSync(path.join(projectRoot, "web/index.html")))
    throw new StackError("web/index.html is missing: this copy of the project is incomplete.");
  // Built aside and moved in one step, so that a running stack never serves half a build.
  const fresh = path.join(projectRoot, `dist/web.new-${process.pid}`);
  const old = path.join(projectRoot, `dist/web.old-${process.pid}`);
  mkdirSync(path.dirname(fresh), { recursive: true });
  try {
    await runTool(
      "Building the SPA",
      path.join(projectRoot, "node_modules/vite/bin/vite.js"),
      ["build", "web", "--outDir", fresh, "--emptyOutDir", "--logLevel", "warn"],
      signal,
    );
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
    writeFileSync(stampFile, stamp);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
  return "built";
}
