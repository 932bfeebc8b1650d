import { parse } from "semver";
import type { Ecosystem } from "./types.ts";

/** The bump that a change needs, by semver. */
export type Need = "none" | "patch" | "minor" | "major";

/** The bump that a version has had. */
export type Bump = Need | "lower" | "invalid";

const ranks: readonly Need[] = ["none", "patch", "minor", "major"];

type Numbers = readonly [major: number, minor: number, patch: number];

interface Version {
  readonly release: Numbers;
  readonly isPrerelease: boolean;
  /** Negative when this version is lower than the other one, 0 when they are equal in precedence. */
  compare(text: string): number;
}

/** True when the move is at least as large as the need. A lower or an unlawful version is never enough. */
export function isEnough(bump: Bump, need: Need): boolean {
  return need === "none" || (bump !== "lower" && bump !== "invalid" && ranks.indexOf(bump) >= ranks.indexOf(need));
}

/**
 * True when the text is a version of npm (semver 2.0.0) or of PyPI (PEP 440). Go modules are versioned by their tags
 * alone.
 */
export function isVersion(ecosystem: Ecosystem, text: string): boolean {
  return readVersion(ecosystem, text) !== undefined;
}

/**
 * The bump of a version: by the first number that differs, "patch" when only the pre-release part is higher, "none"
 * when nothing is or when there is nothing to compare. A package of npm that loses its version is "invalid".
 */
export function bumpOf(ecosystem: Ecosystem, from: string | undefined, to: string | undefined): Bump {
  if (to === undefined) return ecosystem === "npm" && from !== undefined ? "invalid" : "none";
  const after = readVersion(ecosystem, to);
  if (after === undefined) return "invalid";
  const before = from === undefined ? undefined : readVersion(ecosystem, from);
  if (before === undefined || from === undefined) return "none";
  const order = after.compare(from);
  if (order <= 0) return order < 0 ? "lower" : "none";
  const first = after.release.findIndex((number, index) => number !== before.release[index]);
  return first === 0 ? "major" : first === 1 ? "minor" : "patch";
}

/**
 * The need of a change for a package at that version. Before 1.0.0 anything may change (semver's item 4), and npm's
 * caret treats the first number that is not zero as the breaking one: at 0.x a breaking change needs a minor bump and
 * an addition a patch, at 0.0.x everything a patch. After a pre-release any higher version will do.
 */
export function neededFrom(ecosystem: Ecosystem, from: string, need: Need): Need {
  const version = readVersion(ecosystem, from);
  if (version === undefined || need === "none") return need;
  const [major, minor] = version.release;
  if (version.isPrerelease) return "patch";
  if (major > 0) return need;
  return need === "major" && minor > 0 ? "minor" : "patch";
}

/**
 * The lowest version that meets the need: 1.4.0 and "minor" give 1.5.0. After a pre-release it is the release itself.
 */
export function raised(ecosystem: Ecosystem, from: string, need: Need): string {
  const version = readVersion(ecosystem, from);
  if (version === undefined || need === "none") return from;
  const [major, minor, patch] = version.release;
  if (version.isPrerelease) return [major, minor, patch].join(".");
  if (need === "major") return [major + 1, 0, 0].join(".");
  return (need === "minor" ? [major, minor + 1, 0] : [major, minor, patch + 1]).join(".");
}

function readVersion(ecosystem: Ecosystem, text: string): Version | undefined {
  return ecosystem === "pypi" ? pythonVersion(text) : semverVersion(text);
}

function semverVersion(text: string): Version | undefined {
  const read = parse(text);
  if (read === null) return undefined;
  return {
    release: [read.major, read.minor, read.patch],
    isPrerelease: read.prerelease.length > 0,
    compare: (other) => (parse(other) === null ? 0 : read.compare(other)),
  };
}

/** PEP 440, appendix B, with the parts that order versions; a local part is read and plays no role. */
const pep440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/iu;

interface PythonKey {
  readonly release: readonly number[];
  /** Epoch, then pre-release, post-release and development marks as numbers that sort as PEP 440 says. */
  readonly epoch: number;
  readonly marks: readonly number[];
  readonly isPrerelease: boolean;
}

function pythonKey(text: string): PythonKey | undefined {
  const found = text.length > 256 ? null : pep440.exec(text.trim());
  if (found === null) return undefined;
  const [, epoch, release = "", pre, preNumber, dashPost, post, postNumber, dev, devNumber] = found;
  const isPost = dashPost !== undefined || post !== undefined;
  const letter = pre?.toLowerCase().charAt(0);
  const phase =
    letter === "a" ? 0 : letter === "b" ? 1 : letter !== undefined ? 2 : dev !== undefined && !isPost ? -1 : 3;
  return {
    epoch: Number(epoch ?? 0),
    release: release.split(".").map(Number),
    marks: [
      phase,
      Number(preNumber ?? 0),
      isPost ? Number(dashPost ?? postNumber ?? 0) : -1,
      dev === undefined ? Infinity : Number(devNumber ?? 0),
    ],
    isPrerelease: pre !== undefined || dev !== undefined,
  };
}

function pythonVersion(text: string): Version | undefined {
  const key = pythonKey(text);
  if (key === undefined) return undefined;
  const [major = 0, minor = 0, patch = 0] = key.release;
  return {
    release: [major, minor, patch],
    isPrerelease: key.isPrerelease,
    compare: (other) => {
      const second = pythonKey(other);
      if (second === undefined) return 0;
      return (
        key.epoch - second.epoch ||
        compareNumbers(key.release, second.release) ||
        compareNumbers(key.marks, second.marks)
      );
    },
  };
}

/** Compares number by number; a missing one counts as 0, as in 1.2 and 1.2.0. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
