/** Most characters of one pattern. */
export const maxAllowedPathLength = 200;

/**
 * Why a pattern can't be one of a run's allowed paths, or undefined. `*` stands for a part of a name, `**` for any folders, `?` for
 * a character; a folder's name stands for all that is in it.
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
 * Whether a run may change a path. `undefined` patterns: it may change all. Our own matching and not the policy's: people write
 * these patterns, and a compiled glob of many stars takes exponential time. This one takes pattern times path at most.
 */
export function pathAllowance(patterns: readonly string[] | undefined): (path: string) => boolean {
  if (patterns === undefined) return () => true;
  const wanted = patterns.map((pattern) =>
    pattern
      .trim()
      .split("/")
      .filter((part) => part !== "" && part !== "."),
  );
  return (path) => {
    const parts = path.split("/");
    return wanted.some((pattern) => coversPath(pattern, parts));
  };
}

/** True when the pattern's parts match the path or a folder above it. */
function coversPath(pattern: readonly string[], path: readonly string[]): boolean {
  // reached[i]: the pattern so far matches the path's first i parts.
  let reached: boolean[] = [true, ...path.map(() => false)];
  for (const part of pattern) {
    const next: boolean[] = Array.from({ length: path.length + 1 }, () => false);
    for (let index = 0; index <= path.length; index += 1) {
      if (part === "**") next[index] = reached[index] === true || (index > 0 && next[index - 1] === true);
      else if (index > 0 && reached[index - 1] === true) next[index] = matchesName(part, path[index - 1] ?? "");
    }
    reached = next;
  }
  return reached.includes(true);
}

/** A name against a pattern of `*` and `?`: greedy, going back to the last star only. */
function matchesName(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === "*") {
      star = at;
      at += 1;
      resumeAt = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resumeAt += 1;
      index = resumeAt;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
