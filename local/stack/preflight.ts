import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { StackError } from "./errors.ts";

/** The project's root folder. */
export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** Makes a folder and its parents. One by one: Node's recursive form never returns where a file system refuses with ENOENT. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}

/**
 * Checks the machine before a start: installed packages, git, a writable data folder.
 * @throws StackError naming the first thing that is missing and what to do
 */
export function checkMachine(dataDir: string): void {
  if (!existsSync(path.join(projectRoot, "node_modules/wrangler/package.json"))) {
    throw new StackError("The packages aren't installed: run `npm ci` first.");
  }
  const git = spawnSync("git", ["--version"], { encoding: "utf8" });
  if (git.status !== 0) {
    throw new StackError(
      "git is missing: install it (on Debian: apt-get install git; on macOS: xcode-select --install) and start again.",
    );
  }
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK);
  } catch {
    throw new StackError(
      `The data folder ${dataDir} can't be written: make it yours, or name another with: ALIME_DATA_DIR=/path npm start`,
    );
  }
}
