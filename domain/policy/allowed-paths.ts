import { globMatcher } from "./glob.ts";

/** Most characters of one pattern. */
export const maxAllowedPathLength = 200;

/**
 * Returns the reason that a pattern can't be one of a run's allowed paths, in words that continue "the pattern can't be used:",
 * or undefined when it can be.
 */
export function allowedPathProblem(pattern: string): string | undefined {
  if (pattern.trim() === "") return "it is empty";
  if (pattern.length > maxAllowedPathLength) return `it has more than ${maxAllowedPathLength} characters`;
  if (pattern.startsWith("/")) return "paths are relative to the repository's root";
  if (pattern.split("/").some((part) => part === "..")) return "it leads out of the repository";
  if (/[\u0000-\u001f\\]/u.test(pattern)) return "it has a backslash or a control character";
  return undefined;
}

/**
 * Returns a function that says whether a run may change a path; without patterns it may change all. A pattern that matches a
 * folder allows all that is in it (see `globMatcher` for the language).
 */
export function pathAllowance(patterns: readonly string[] | undefined): (path: string) => boolean {
  if (patterns === undefined) return () => true;
  return globMatcher(
    patterns.map((pattern) => pattern.trim()),
    { coversFolders: true },
  );
}
