import { packageChange, type ChangedText, type PackageChange } from "./package-change.ts";
import { fileOwners, folderOf } from "./package-files.ts";
import { rangeIncludes, type RangeAnswer } from "./ranges.ts";
import { firstByKey } from "./text.ts";
import type { Dependency, DependencyKind, Manifest } from "./types.ts";
import { warningsOf, type VersionWarning } from "./version-warnings.ts";
import { bumpOf, isVersion, neededFrom, type Bump, type Need } from "./versions.ts";

/** A repository of a run, with its manifests and changed files before and after the run. */
export interface VersionedRepository {
  readonly repositoryId: string;
  readonly name: string;
  readonly manifestsBefore: readonly Manifest[];
  readonly manifestsAfter: readonly Manifest[];
  readonly changes: readonly ChangedText[];
}

/** A manifest of another repository that asks for the package. */
export interface PackageConsumer extends RangeAnswer {
  readonly repositoryId: string;
  readonly path: string;
  readonly range: string;
  /** Undefined when the manifest did not ask for the package before. */
  readonly rangeBefore: string | undefined;
  readonly kind: DependencyKind;
}

export interface PackageVersion {
  readonly repositoryId: string;
  readonly path: string;
  readonly name: string;
  /** Undefined for a new package, for a Go module, and where the manifest has no version. */
  readonly from: string | undefined;
  /** Undefined for a package that is gone, for a Go module, and where the manifest has no version. */
  readonly to: string | undefined;
  readonly bump: Bump;
  readonly needed: Need;
  /** One or more sentences for a person. */
  readonly why: string;
  readonly consumers: readonly PackageConsumer[];
}

export interface VersionBumps {
  readonly packages: readonly PackageVersion[];
  readonly warnings: readonly VersionWarning[];
}

/** One package before and after, and its need: the warnings are made of these. */
export interface PackageCase {
  readonly before: Manifest | undefined;
  readonly after: Manifest | undefined;
  readonly change: PackageChange;
  readonly version: PackageVersion;
}

/**
 * The version-bump matrix of a run: the packages that another of its repositories consumes or whose own version has
 * changed, how their version moved and how far it has to by semver, and whether their consumers' ranges follow. A
 * wrong or missing bump is a warning. Of two repositories with a package of one name the first has the consumers.
 * Linear in its texts; nothing is thrown.
 */
export function versionBumps(repositories: readonly VersionedRepository[]): VersionBumps {
  const consumers = consumersOf(repositories);
  const cases = repositories.flatMap((repository) => casesIn(repository, consumers));
  const listed = cases.filter(
    ({ version }) => version.consumers.length > 0 || (version.from !== undefined && version.from !== version.to),
  );
  const names = new Map(repositories.map(({ name, repositoryId }) => [repositoryId, name]));
  return {
    packages: listed.map(({ version }) => version),
    warnings: listed.flatMap((each) => warningsOf(each, (id) => names.get(id) ?? id)),
  };
}

type Asked = Omit<PackageConsumer, keyof RangeAnswer>;

function packageKey({ ecosystem }: Manifest, name: string): string {
  return `${ecosystem} ${name}`;
}

/** The manifests after the run that ask for a package of another repository, by `repositoryId ecosystem name`. */
function consumersOf(repositories: readonly VersionedRepository[]): ReadonlyMap<string, readonly Asked[]> {
  const owners = new Map<string, string>();
  for (const { manifestsAfter, manifestsBefore, repositoryId } of repositories) {
    for (const manifest of [...manifestsAfter, ...manifestsBefore]) {
      const key = packageKey(manifest, manifest.name);
      if (!owners.has(key)) owners.set(key, repositoryId);
    }
  }
  const found = new Map<string, Asked[]>();
  for (const { manifestsAfter, manifestsBefore, repositoryId } of repositories) {
    const own = new Set(manifestsAfter.map((manifest) => packageKey(manifest, manifest.name)));
    for (const manifest of manifestsAfter) {
      const before = rangesIn(manifestsBefore.find(({ path }) => path === manifest.path));
      for (const dependency of manifest.dependencies) {
        const key = packageKey(manifest, dependency.name);
        const owner = owners.get(key);
        if (owner === undefined || owner === repositoryId || own.has(key)) continue;
        const { kind, name, range } = dependency;
        const rangeBefore = before.get(`${kind} ${name}`) ?? before.get(name);
        const asked = found.get(`${owner} ${key}`) ?? [];
        asked.push({ repositoryId, path: manifest.path, range, rangeBefore, kind });
        found.set(`${owner} ${key}`, asked);
      }
    }
  }
  return found;
}

/** A manifest's ranges by kind and name, and by name alone for a dependency that changes its kind. */
function rangesIn(manifest: Manifest | undefined): ReadonlyMap<string, string> {
  const ranges = new Map<string, string>();
  const add = ({ kind, name, range }: Dependency): void => {
    ranges.set(`${kind} ${name}`, range);
    if (!ranges.has(name)) ranges.set(name, range);
  };
  for (const dependency of manifest?.dependencies ?? []) add(dependency);
  return ranges;
}

function casesIn(
  repository: VersionedRepository,
  consumers: ReadonlyMap<string, readonly Asked[]>,
): readonly PackageCase[] {
  const { manifestsAfter, manifestsBefore, repositoryId } = repository;
  const before = byPackage(manifestsBefore);
  const after = byPackage(manifestsAfter);
  const changes = changesByFolder(repository);
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key) => {
    const old = before.get(key);
    const now = after.get(key);
    const { ecosystem, name, path } = now ?? old ?? {};
    if (ecosystem === undefined || name === undefined || path === undefined) return [];
    const change = changeOf(old, now, changes);
    const { version: to } = now ?? {};
    const { version: from } = old ?? {};
    const version: PackageVersion = {
      repositoryId,
      path,
      name,
      from,
      to,
      bump: now === undefined ? "none" : bumpOf(ecosystem, from, to),
      needed: from === undefined ? change.need : neededFrom(ecosystem, from, change.need),
      why: whyOf(old, now, change),
      consumers: (consumers.get(`${repositoryId} ${key}`) ?? []).map((asked) => ({
        ...asked,
        ...(now === undefined ? { satisfied: false, isKnown: true } : rangeIncludes(ecosystem, asked.range, to)),
      })),
    };
    return [{ before: old, after: now, change, version }];
  });
}

function byPackage(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  return firstByKey(manifests, (manifest) => packageKey(manifest, manifest.name));
}

type ChangesByFolder = ReadonlyMap<string, readonly ChangedText[]>;

function changesByFolder({ changes, manifestsAfter, manifestsBefore }: VersionedRepository): ChangesByFolder {
  const ownersOf = fileOwners([...manifestsBefore, ...manifestsAfter]);
  const found = new Map<string, ChangedText[]>();
  for (const change of changes) {
    for (const owner of ownersOf(change.path)) {
      const list = found.get(owner) ?? [];
      list.push(change);
      found.set(owner, list);
    }
  }
  return found;
}

function changeOf(old: Manifest | undefined, now: Manifest | undefined, changes: ChangesByFolder): PackageChange {
  if (old === undefined) return { need: "none", because: "is new" };
  if (now === undefined) return { need: "none", because: "is no longer in its repository" };
  // A package that moves has its old files in one folder and its new ones in another.
  const folders = [...new Set([folderOf(old.path), folderOf(now.path)])];
  return packageChange(
    old,
    now,
    folders.flatMap((folder) => changes.get(`${old.ecosystem} ${folder}`) ?? []),
  );
}

function whyOf(old: Manifest | undefined, now: Manifest | undefined, { because, need }: PackageChange): string {
  const sentence = `The package ${because}.`;
  if (old === undefined || now === undefined || need === "none") return sentence;
  const { ecosystem, version } = old;
  if (ecosystem === "go") return `${sentence} A Go module's version is its tag, which is set after the merge.`;
  if (version === undefined) return `${sentence} Its manifest has no version.`;
  if (!isVersion(ecosystem, version) || neededFrom(ecosystem, version, need) === need) return sentence;
  const isEarly = neededFrom(ecosystem, version, "minor") === "patch" && /^v?0\./u.test(version);
  return `${sentence} ${isEarly ? "Before 1.0.0 a smaller bump is enough." : "After a pre-release any higher version will do."}`;
}
