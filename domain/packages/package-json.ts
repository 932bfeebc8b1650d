import { asRecord, ownValue, readJsonObject, shownWord } from "./text.ts";
import type { Dependency, DependencyKind, Manifest } from "./types.ts";

/** npm's names, with the capitals of old packages (https://docs.npmjs.com/cli/configuring-npm/package-json#name). */
const lawfulName = /^(?:@[\w.~-]+\/)?[\w.~-]+$/u;
const maxNameLength = 214;

const groups: readonly (readonly [field: string, kind: DependencyKind])[] = [
  ["dependencies", "runtime"],
  ["peerDependencies", "peer"],
  ["optionalDependencies", "optional"],
  ["devDependencies", "development"],
];

/**
 * The facts of a package.json, or undefined when it is no JSON object or has no lawful name. Workspaces are not
 * followed.
 */
export function readPackageJson(path: string, text: string): Manifest | undefined {
  const json = readJsonObject(text);
  const name = ownValue(json, "name");
  if (typeof name !== "string" || !isLawful(name)) return undefined;
  const version = ownValue(json, "version");
  return {
    ecosystem: "npm",
    path,
    name,
    version: typeof version === "string" ? shownWord(version) : undefined,
    dependencies: groups.flatMap(([field, kind]) => dependenciesIn(ownValue(json, field), kind)),
  };
}

/**
 * The entries that a package.json offers to importers: "." and the subpaths of `exports`, or "." for `main` where it
 * has no `exports`, which hides `main` (https://nodejs.org/api/packages.html#package-entry-points). Undefined when it
 * is no JSON object.
 */
export function readEntries(text: string): ReadonlySet<string> | undefined {
  const json = readJsonObject(text);
  if (json === undefined) return undefined;
  const exported = ownValue(json, "exports");
  if (exported === undefined || exported === null) {
    return new Set(typeof ownValue(json, "main") === "string" ? ["."] : []);
  }
  const record = asRecord(exported);
  if (record === undefined) return new Set(["."]);
  const paths = Object.keys(record).filter((key) => key.startsWith("."));
  if (paths.length === 0) return new Set(Object.keys(record).length === 0 ? [] : ["."]);
  return new Set(paths.filter((key) => record[key] !== null));
}

function dependenciesIn(group: unknown, kind: DependencyKind): readonly Dependency[] {
  return Object.entries(asRecord(group) ?? {}).flatMap(([key, value]) => {
    if (typeof value !== "string" || !isLawful(key)) return [];
    const { name, range } = withoutAlias(key, value);
    return [{ name, range: shownWord(range), kind }];
  });
}

/** `"units": "npm:@acme/units@^1.2.0"` asks for @acme/units under another name. */
function withoutAlias(key: string, value: string): { readonly name: string; readonly range: string } {
  if (!value.startsWith("npm:")) return { name: key, range: value };
  const target = value.slice("npm:".length);
  const at = target.indexOf("@", 1);
  const name = at === -1 ? target : target.slice(0, at);
  return isLawful(name) ? { name, range: at === -1 ? "" : target.slice(at + 1) } : { name: key, range: value };
}

function isLawful(name: string): boolean {
  return name.length <= maxNameLength && lawfulName.test(name);
}
