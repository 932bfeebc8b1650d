import { readGoMod } from "./go-mod.ts";
import { readPackageJson } from "./package-json.ts";
import { readPyproject } from "./pyproject.ts";
import type { Manifest } from "./types.ts";

const readers: ReadonlyMap<string, (path: string, text: string) => Manifest | undefined> = new Map([
  ["package.json", readPackageJson],
  ["go.mod", readGoMod],
  ["pyproject.toml", readPyproject],
]);

/** Folders whose manifests are those of other people, or made up for tests. */
const skippedFolders: ReadonlySet<string> = new Set([
  "node_modules",
  "vendor",
  "fixtures",
  "__fixtures__",
  "testdata",
  "site-packages",
]);
const maxFolders = 3;
const maxManifests = 50;

/**
 * The facts of a package.json, go.mod or pyproject.toml, by the last part of its path. Undefined for another file,
 * for a text longer than 1 MiB, for one that does not parse, and for one without a lawful name. The text may be
 * hostile: the work is linear in its length, and nothing is thrown.
 */
export function readManifest(path: string, text: string): Manifest | undefined {
  return readers.get(fileName(path))?.(path, text);
}

/**
 * The manifests that are worth reading in a repository's tree: at most 50, in at most three folders under the root,
 * never of vendored packages and fixtures; those nearest to the root first, then by path.
 */
export function manifestPaths(treePaths: readonly string[]): readonly string[] {
  return treePaths
    .filter((path) => readers.has(fileName(path)))
    .map((path) => ({ path, folders: path.split("/", maxFolders + 2).slice(0, -1) }))
    .filter(({ folders }) => folders.length <= maxFolders && !folders.some((folder) => skippedFolders.has(folder)))
    .sort((a, b) => a.folders.length - b.folders.length || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .slice(0, maxManifests)
    .map(({ path }) => path);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
