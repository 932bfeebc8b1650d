import type { TextEdit } from "../repair/types.ts";

/** Whether a path is a changelog at its repository's root. */
export function isChangelog(path: string): boolean {
  return /^(?:changelog|changes|history)(?:\.md)?$/iu.test(path);
}

/**
 * Edits that set a package's version in its package.json or lockfile. `times`: how many of the first occurrences are this
 * package's own (a lockfile names it twice).
 */
export function versionEdits(text: string, present: string, next: string, times: number): readonly TextEdit[] {
  const pattern = new RegExp(`("version":\\s*")${present.replaceAll(".", "\\.")}(?=")`, "gu");
  return [...text.matchAll(pattern)].slice(0, times).map((match) => {
    const start = match.index + (match[1] ?? "").length;
    return { start, end: start + present.length, text: next };
  });
}

/** The edit that adds a bullet to a changelog, under the version's heading, which is made when it isn't there. */
export function entryEdit(text: string, version: string, entry: string): TextEdit {
  const bullet = /^([-*]) /mu.exec(text)?.[1] ?? "-";
  const line = `${bullet} ${entry.replace(/[.\s]*$/u, ".")}`;
  const own = new RegExp(`^## \\[?v?${version.replaceAll(".", "\\.")}\\]?[^\\n]*\\n+`, "mu").exec(text);
  if (own) return { start: own.index + own[0].length, end: own.index + own[0].length, text: `${line}\n` };
  const first = /^## (\[?)v?\d/mu.exec(text);
  const heading = first?.[1] === "[" ? `## [${version}]` : `## ${version}`;
  const at = first?.index ?? text.length;
  return { start: at, end: at, text: `${first ? "" : "\n"}${heading}\n\n${line}\n${first ? "\n" : ""}` };
}

/** The version with its `major`, `minor` or `patch` part raised; `undefined` when it is no version. */
export function raised(version: string, part: string): string | undefined {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/u.exec(version)?.slice(1).map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers ?? [];
  if (numbers === undefined) return undefined;
  return part === "major"
    ? `${major + 1}.0.0`
    : part === "minor"
      ? `${major}.${minor + 1}.0`
      : `${major}.${minor}.${patch + 1}`;
}
