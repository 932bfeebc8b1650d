import { isSymlinkMode } from "../../contracts/file-mode.ts";
import { gitBlobId } from "../hash.ts";
import { gitFileMode } from "./file-mode.ts";
import { collisionKey, newPathProblem, pathProblem, symlinkEscapes } from "./paths.ts";
import type { TreeChange } from "./types.ts";

/** One entry of the base commit's tree, as the forge lists it. */
export interface BaseEntry {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
}

/** Largest file and largest patch set that may be written, in bytes. */
export const maxFileBytes = 5_000_000;
export const maxPatchSetBytes = 10_000_000;
export const maxPatchSetFiles = 3_000;

/**
 * Checks a patch set against the tree it claims to start from; returns every problem found, none when it may be written.
 * Paths are safe, modes known, bytes match their blob ids, sizes are bounded, modified or deleted files exist with the
 * blob that was seen, added files do not, submodules stay, and no added path collides with another on a case-insensitive file
 * system.
 */
export function applyProblems(changes: readonly TreeChange[], base: readonly BaseEntry[]): readonly string[] {
  const problems: string[] = [];
  const baseByPath = new Map(base.map((entry) => [entry.path, entry]));
  const after = new Map<string, string>(base.map((entry) => [entry.path, entry.mode]));
  const seen = new Set<string>();
  let totalBytes = 0;

  if (changes.length > maxPatchSetFiles) problems.push(`more than ${maxPatchSetFiles} files`);
  for (const change of changes) {
    const say = (problem: string): void => void problems.push(`${JSON.stringify(change.path)}: ${problem}`);
    const pathFault = baseByPath.has(change.path) ? pathProblem(change.path) : newPathProblem(change.path);
    if (pathFault !== undefined) say(pathFault);
    if (seen.has(change.path)) say("named twice");
    seen.add(change.path);
    checkBase(change, baseByPath.get(change.path), say);
    if (change.status === "deleted") {
      after.delete(change.path);
      if (change.bytes !== undefined || change.afterMode !== undefined) say("deleted, yet it has content");
      continue;
    }
    after.set(change.path, change.afterMode ?? "");
    if (change.afterMode === undefined || change.bytes === undefined || change.afterBlob === undefined) {
      say("has no content or no mode");
      continue;
    }
    if (!["100644", "100755", "120000"].includes(change.afterMode)) say(`mode ${change.afterMode} can't be written`);
    if (gitBlobId(change.bytes) !== change.afterBlob) say("the content is not the one that was hashed");
    if (change.bytes.length > maxFileBytes) say(`larger than ${maxFileBytes} bytes`);
    if (isSymlinkMode(change.afterMode) && symlinkEscapes(change.path, new TextDecoder().decode(change.bytes)))
      say("the symlink points outside the repository");
    totalBytes += change.bytes.length;
  }
  if (totalBytes > maxPatchSetBytes) problems.push(`more than ${maxPatchSetBytes} bytes together`);
  problems.push(...treeProblems(baseByPath, after, seen));
  return problems;
}

const submoduleMode = "160000";

function checkBase(change: TreeChange, entry: BaseEntry | undefined, say: (problem: string) => void): void {
  if (entry?.mode === submoduleMode) {
    say("is a submodule, which belongs to another repository");
    return;
  }
  if (change.status === "added") {
    if (entry !== undefined) say("added, yet it exists in the base");
    return;
  }
  if (entry === undefined) say(`${change.status}, yet it does not exist in the base`);
  else if (entry.blob !== change.beforeBlob || gitFileMode(entry.mode) !== change.beforeMode)
    say("the base has another content or mode");
}

/** Problems of the tree that would result, where a changed path takes part. */
function treeProblems(
  base: ReadonlyMap<string, BaseEntry>,
  after: ReadonlyMap<string, string>,
  changed: ReadonlySet<string>,
): readonly string[] {
  const problems: string[] = [];
  const byKey = new Map<string, string>();
  for (const path of after.keys()) {
    const other = byKey.get(collisionKey(path));
    // Two names that the base has already are as they are: only a new one can add a collision.
    if (other !== undefined && [path, other].some((each) => changed.has(each) && !base.has(each))) {
      problems.push(`${JSON.stringify(path)}: differs from ${JSON.stringify(other)} only by case or normalisation`);
    }
    byKey.set(collisionKey(path), path);
  }
  for (const path of changed) {
    if (!after.has(path)) continue;
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join("/");
      if (after.get(parent) === submoduleMode)
        problems.push(
          `${JSON.stringify(path)}: lies in the submodule ${JSON.stringify(parent)}, which belongs to another repository`,
        );
      else if (after.has(parent))
        problems.push(`${JSON.stringify(path)}: lies under ${JSON.stringify(parent)}, which is not a directory`);
    }
  }
  return problems;
}
