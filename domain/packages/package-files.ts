import { isTestPath } from "../run/test-paths.ts";
import { sourceEcosystem } from "./exported-names.ts";
import type { Ecosystem, Manifest } from "./types.ts";

const notShipped: readonly RegExp[] = [
  // Tests and their data.
  /(?:^|\/)(?:__snapshots__|fixtures|testdata|bench|benchmarks|e2e)\//u,
  /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/u,
  /_test\.go$/u,
  // Documents.
  /(?:^|\/)(?:docs?|examples?)\//u,
  /\.(?:md|mdx|markdown|rst|adoc)$/iu,
  /(?:^|\/)(?:license|licence|copying|notice|changelog|authors|readme|codeowners)(?:\.[^/]*)?$/iu,
  // Settings of tools, lockfiles and vendored packages.
  /(?:^|\/)\./u,
  /(?:^|\/)(?:tsconfig[^/]*\.json|[^/]*\.config\.[cm]?[jt]s|makefile|dockerfile)$/iu,
  /(?:^|\/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.sum|poetry\.lock|uv\.lock)$/u,
  /(?:^|\/)(?:node_modules|vendor)\//u,
];

/**
 * True when a change of the file can change what a package's users get: no test, document, lockfile or setting of a
 * tool.
 */
export function isShipped(path: string): boolean {
  return !isTestPath(path) && !notShipped.some((pattern) => pattern.test(path));
}

/** The folder of a manifest; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/**
 * Answers which of the manifests' packages a file belongs to, each as `ecosystem folder`: source code to the nearest
 * package of its own ecosystem, another file to the packages in the nearest folder that has any.
 */
export function fileOwners(manifests: readonly Manifest[]): (path: string) => readonly string[] {
  const ecosystems = new Map<string, Set<Ecosystem>>();
  let deepest = 0;
  for (const { ecosystem, path } of manifests) {
    const folder = folderOf(path);
    const known = ecosystems.get(folder) ?? new Set();
    ecosystems.set(folder, known.add(ecosystem));
    deepest = Math.max(deepest, depthOf(folder));
  }
  return (path) => {
    const language = sourceEcosystem(path);
    const parts = path.split("/", deepest + 1);
    const folders = Math.min(depthOf(folderOf(path)), deepest);
    for (let count = folders; count >= 0; count -= 1) {
      const folder = parts.slice(0, count).join("/");
      const found = ecosystems.get(folder);
      if (found === undefined) continue;
      if (language === undefined) return [...found].map((ecosystem) => `${ecosystem} ${folder}`);
      if (found.has(language)) return [`${language} ${folder}`];
    }
    return [];
  };
}

function depthOf(folder: string): number {
  return folder === "" ? 0 : folder.split("/").length;
}
