import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvaluatedPackage } from "./packages.ts";

export interface PreparedPackage {
  /** The unpacked tarball, untouched. */
  readonly folder: string;
  /** node_modules with what the tests need. */
  readonly dependencies: string;
}

/** Downloads and unpacks a package with npm, and installs what its tests need, without running any install script. */
export function preparePackage(wanted: EvaluatedPackage, home: string): PreparedPackage {
  const root = join(home, wanted.name.replaceAll("/", "__"));
  const folder = join(root, "package");
  const needs = join(root, "needs");
  if (!existsSync(folder)) {
    mkdirSync(root, { recursive: true });
    npm(["pack", "--silent", `${wanted.name}@${wanted.version}`], root);
    const tarball = readdirSync(root).find((name) => name.endsWith(".tgz"));
    if (tarball === undefined) throw new Error(`npm pack gave no tarball for ${wanted.name}.`);
    execFileSync("tar", ["xzf", tarball], { cwd: root });
  }
  const dependencies = join(needs, "node_modules");
  if (!existsSync(dependencies)) {
    mkdirSync(dependencies, { recursive: true });
    writeFileSync(join(needs, "package.json"), '{"private":true}');
    if (wanted.needs.length > 0)
      npm(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", ...wanted.needs], needs);
  }
  return { folder, dependencies };
}

/** Makes node_modules of a copy point at the installed dependencies. */
export function linkDependencies(copy: string, dependencies: string): void {
  if (!existsSync(join(copy, "node_modules"))) symlinkSync(dependencies, join(copy, "node_modules"));
}

/** The text of a file of the package. */
export function sourceText(prepared: PreparedPackage, path: string): string {
  return readFileSync(join(prepared.folder, path), "utf8");
}

function npm(args: readonly string[], cwd: string): void {
  execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
