/** One changed file of a unified diff. */
export interface FileDiff {
  readonly path: string;
  readonly removed: boolean;
  readonly added: readonly DiffLine[];
  readonly deleted: readonly DiffLine[];
}

export interface DiffLine {
  /** Line number in the new file for added lines, in the old file for deleted ones. */
  readonly line: number;
  readonly text: string;
}

/** A file while its part of the diff is read. */
interface OpenFile {
  path: string;
  removed: boolean;
  readonly added: DiffLine[];
  readonly deleted: DiffLine[];
  /** True from a heading until the `---` line that follows it, which is of the same file. */
  isHeadingOnly: boolean;
}

/**
 * Reads a unified diff: as git writes it, with `diff --git` before each file; or as a patch set's diff has it, where a line such as
 * `added path` stands before a file whose lines are not shown or whose mode changes. Parts that are no diff are passed over.
 */
export function readDiff(diff: string): readonly FileDiff[] {
  const files: OpenFile[] = [];
  const hunk = new HunkReader();
  const lines = diff.split("\n");
  for (const [index, text] of lines.entries()) {
    const file = files.at(-1);
    if (file !== undefined && hunk.take(text, file)) continue;
    const headed = heading(text, lines[index + 1] ?? "");
    if (headed !== undefined)
      files.push({ ...headed, added: [], deleted: [], isHeadingOnly: !isNote(lines[index + 1]) });
    else if (/^--- (?:a\/|\/dev\/null)/u.test(text)) beginNames(files, text);
    else if (file !== undefined && text.startsWith("+++ ")) endNames(file, text);
    else if (file !== undefined && /^deleted file mode/u.test(text)) file.removed = true;
  }
  return files
    .filter(({ path }) => path !== "")
    .map(({ added, deleted, path, removed }) => ({ path, removed, added, deleted }));
}

/** Counts the lines of a hunk down, so that a changed line that looks like a heading is none. */
class HunkReader {
  #old = 0;
  #now = 0;
  #leftOld = 0;
  #leftNow = 0;

  /** Whether the line belongs to a hunk, or begins one. */
  take(text: string, file: OpenFile): boolean {
    if (this.#leftOld <= 0 && this.#leftNow <= 0) return this.#begin(text);
    if (text.startsWith("+")) {
      file.added.push({ line: this.#now++, text: text.slice(1) });
      this.#leftNow -= 1;
    } else if (text.startsWith("-")) {
      file.deleted.push({ line: this.#old++, text: text.slice(1) });
      this.#leftOld -= 1;
    } else if (!text.startsWith("\\")) {
      this.#old += 1;
      this.#now += 1;
      this.#leftOld -= 1;
      this.#leftNow -= 1;
    }
    return true;
  }

  #begin(text: string): boolean {
    const found = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(text);
    if (found === null) return false;
    [this.#old, this.#now] = [Number(found[1]), Number(found[3])];
    [this.#leftOld, this.#leftNow] = [Number(found[2] ?? 1), Number(found[4] ?? 1)];
    return true;
  }
}

/** The file that a heading begins: git's own, or a patch set's before something that is not shown or the names of a file. */
function heading(text: string, next: string): Pick<OpenFile, "path" | "removed"> | undefined {
  const git = /^diff --git a\/(.+) b\/(.+)$/u.exec(text)?.[2];
  if (git !== undefined) return { path: git, removed: false };
  if (!isNote(next) && !/^(?:={5}|--- )/u.test(next)) return undefined;
  const [, status, path] = /^(added|deleted|modified) (.+?)(?: \(mode \d+ to \d+\))?$/u.exec(text) ?? [];
  return path === undefined ? undefined : { path, removed: status === "deleted" };
}

/** Whether a line says in brackets why a file's lines are not shown. */
function isNote(line: string | undefined): boolean {
  return line?.startsWith("(") === true;
}

function beginNames(files: OpenFile[], text: string): void {
  const last = files.at(-1);
  const name = text.startsWith("--- a/") ? nameIn(text) : "";
  if (last?.isHeadingOnly === true) last.isHeadingOnly = false;
  else files.push({ path: name, removed: false, added: [], deleted: [], isHeadingOnly: false });
}

function endNames(file: OpenFile, text: string): void {
  if (text.startsWith("+++ /dev/null")) file.removed = true;
  else if (text.startsWith("+++ b/")) file.path = nameIn(text);
}

/** The path of a `---` or `+++` line, without its side and the time after a tab. */
function nameIn(text: string): string {
  return text.slice("--- a/".length).replace(/\t.*$/u, "");
}
