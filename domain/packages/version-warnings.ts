import { shownWord } from "./text.ts";
import type { PackageCase } from "./version-bumps.ts";
import { isEnough, isVersion, raised } from "./versions.ts";

export interface VersionWarning {
  readonly repositoryId: string;
  readonly path: string;
  readonly rule:
    | "version-bump-missing"
    | "version-bump-too-small"
    | "version-lowered"
    | "version-invalid"
    | "consumer-range";
  /** A sentence for a person. */
  readonly message: string;
}

/** The warnings about one package and its consumers; `nameOf` gives the name of a repository to show. */
export function warningsOf(each: PackageCase, nameOf: (repositoryId: string) => string): readonly VersionWarning[] {
  const { path, repositoryId } = each.version;
  const own = each.after?.ecosystem === "go" ? goWarning(each) : versionWarning(each);
  return [...(own === undefined ? [] : [{ repositoryId, path, ...own }]), ...rangeWarnings(each, nameOf)];
}

type Finding = Pick<VersionWarning, "rule" | "message">;

function versionWarning({ after, change, version }: PackageCase): Finding | undefined {
  const { bump, from, name, needed, to } = version;
  if (after === undefined) return undefined;
  if (bump === "invalid") {
    if (from === to && needed === "none") return undefined;
    const message =
      to === undefined
        ? `${name} no longer has a version; it was ${from ?? "none"}.`
        : `${name} has the version "${to}", which is not a version by the rules of ${rulesOf(after.ecosystem)}.`;
    return { rule: "version-invalid", message };
  }
  if (from === undefined || to === undefined || !isVersion(after.ecosystem, from)) return undefined;
  if (bump === "lower")
    return {
      rule: "version-lowered",
      message: `The version of ${name} becomes lower: it was ${from} and is now ${to}.`,
    };
  if (isEnough(bump, needed)) return undefined;
  const state = from === to ? `it is still ${to}` : `it becomes ${to}`;
  return {
    rule: bump === "none" ? "version-bump-missing" : "version-bump-too-small",
    message: `${name} ${change.because}, so ${from} has to become ${raised(after.ecosystem, from, needed)}; ${state}.`,
  };
}

function rulesOf(ecosystem: string): string {
  return ecosystem === "pypi" ? "Python (PEP 440)" : "npm (semver)";
}

/**
 * Go's major version is in the module's path from 2 on (https://go.dev/ref/mod#major-version-suffixes). A module
 * whose consumers ask for version 1 or later needs a new path for a breaking change; of earlier ones, and of
 * gopkg.in's, it returns no warning.
 */
function goWarning({ before, change, version }: PackageCase): Finding | undefined {
  const { consumers, name, needed } = version;
  if (before === undefined || needed !== "major" || name.startsWith("gopkg.in/")) return undefined;
  const [, root = name, suffix] = /^(.*)\/v(\d{1,9})$/u.exec(name) ?? [];
  const isStable = consumers.some(({ range }) => /^v[1-9]/u.test(range));
  if (suffix === undefined && !isStable) return undefined;
  const next = `${root}/v${Number(suffix ?? 1) + 1}`;
  const message = `${name} ${change.because}, so its module path has to become ${next}; it is still ${name}.`;
  return { rule: "version-bump-missing", message };
}

/** A mismatch that neither the version nor the range of this run has made is shown in the matrix, and is no warning. */
function rangeWarnings(
  { after, version }: PackageCase,
  nameOf: (repositoryId: string) => string,
): readonly VersionWarning[] {
  const { consumers, from, name, to } = version;
  return consumers
    .filter(
      ({ range, rangeBefore, satisfied }) =>
        !satisfied && (from !== to || range !== rangeBefore || after === undefined),
    )
    .map(({ path, range, repositoryId }) => {
      const asks = `${shownWord(nameOf(repositoryId))}/${shownWord(path)} asks for ${name}${range === "" ? "" : ` ${range}`}`;
      const message =
        after === undefined
          ? `${asks}, which is no longer in its repository.`
          : `${asks}, which does not include ${to ?? "its version"}.`;
      return { repositoryId, path, rule: "consumer-range", message };
    });
}
