/** Choices of `globMatcher`. */
export interface GlobOptions {
  /** Letters match whatever their case. */
  readonly ignoreCase?: boolean;
  /** A pattern that matches a folder matches all that is in it. */
  readonly coversFolders?: boolean;
}

/**
 * Returns a function that says whether a path, its parts separated by slashes, matches one of the globs. A glob is parts
 * separated by slashes: a part that is `**` stands for any number of parts, none included; in other parts `*` stands for any
 * number of characters and `?` for one. All other characters stand for themselves, and a dot at the start of a name is one of
 * them. Empty parts and `.` are left out.
 *
 * People write these patterns, so no regular expression is made of them: a match takes at most pattern length times path
 * length, whatever the pattern.
 */
export function globMatcher(globs: readonly string[], options: GlobOptions = {}): (path: string) => boolean {
  const fold = (text: string): string => (options.ignoreCase === true ? text.toLowerCase() : text);
  const patterns = globs.map((glob) => patternParts(fold(glob)));
  return (path) => {
    const parts = fold(path).split("/");
    return patterns.some((pattern) => matchesParts(pattern, parts, options.coversFolders === true));
  };
}

function patternParts(glob: string): readonly string[] {
  const parts = glob.split("/").filter((part) => part !== "" && part !== ".");
  // Two `**` in a row stand for no more than one.
  return parts.filter((part, index) => part !== "**" || parts[index - 1] !== "**");
}

/** Whether the pattern's parts match all parts of the path, or with `coversFolders` the first of them. */
function matchesParts(pattern: readonly string[], path: readonly string[], coversFolders: boolean): boolean {
  // reached[count]: the pattern so far matches the path's first `count` parts.
  let reached: boolean[] = [true, ...path.map(() => false)];
  for (const part of pattern) {
    const next = reached.map(() => false);
    let isAnywhere = false;
    for (let count = 0; count <= path.length; count += 1) {
      if (part === "**") next[count] = reached[count] === true || (count > 0 && next[count - 1] === true);
      else if (count > 0 && reached[count - 1] === true) next[count] = matchesName(part, path[count - 1] ?? "");
      isAnywhere ||= next[count] === true;
    }
    if (!isAnywhere) return false;
    reached = next;
  }
  return coversFolders ? reached.includes(true) : reached[path.length] === true;
}

/**
 * Whether a name matches a pattern of `*` and `?`. It is enough to go back to the last star: whatever an earlier star could
 * take instead, the last one can take too.
 */
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
