import type { Git } from "./git.ts";

export type FileStatus = "added" | "removed" | "modified" | "renamed" | "changed";

export interface FileDiff {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: FileStatus;
  /** Blob of the new side, or of the old side for a removed file. */
  readonly sha: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly additions: number;
  readonly deletions: number;
  /** Hunks only, from the first `@@`; undefined for binary files, pure renames and mode changes, and over `maxPatchBytes`. */
  readonly patch: string | undefined;
}

/** GitHub leaves a file's patch out above this size. */
export const maxPatchBytes = 1_000_000;

const diffOptions = [
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--find-renames",
  "--submodule=short",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

/** The whole diff of two commits or trees as `git diff` prints it. */
export async function diffText(git: Git, directory: string, from: string, to: string): Promise<Buffer> {
  return git.ok(directory, ["diff", ...diffOptions, from, to, "--"]);
}

interface RawEntry {
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldSha: string;
  readonly newSha: string;
  readonly letter: string;
  readonly path: string;
  readonly previousPath: string | undefined;
}

function parseRaw(out: string): RawEntry[] {
  const fields = out.split("\0");
  const entries: RawEntry[] = [];
  for (let at = 0; at < fields.length;) {
    const match = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])\d*$/.exec(fields[at] ?? "");
    if (match === null) break;
    const [, oldMode = "", newMode = "", oldSha = "", newSha = "", letter = ""] = match;
    const renamed = letter === "R" || letter === "C";
    const first = fields[at + 1] ?? "";
    const path = renamed ? (fields[at + 2] ?? "") : first;
    entries.push({ oldMode, newMode, oldSha, newSha, letter, path, previousPath: renamed ? first : undefined });
    at += renamed ? 3 : 2;
  }
  return entries;
}

function parseNumstat(out: string): { additions: number; deletions: number }[] {
  const fields = out.split("\0");
  const counts: { additions: number; deletions: number }[] = [];
  for (let at = 0; at < fields.length;) {
    const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[at] ?? "");
    if (match === null) break;
    const [, added = "0", deleted = "0", path = ""] = match;
    counts.push({ additions: added === "-" ? 0 : Number(added), deletions: deleted === "-" ? 0 : Number(deleted) });
    at += path === "" ? 3 : 1;
  }
  return counts;
}

/** Cuts a whole diff at its file headers: content lines always start with a space, `+`, `-`, `\` or `@`. */
function sections(whole: string): string[] {
  return whole.split(/^(?=diff --git )/m).filter((section) => section.startsWith("diff --git "));
}

function hunks(section: string): string | undefined {
  const start = section.search(/^@@ /m);
  if (start < 0) return undefined;
  const patch = section.slice(start).replace(/\n$/, "");
  return Buffer.byteLength(patch) > maxPatchBytes ? undefined : patch;
}

function status(entry: RawEntry): FileStatus {
  if (entry.letter === "A") return "added";
  if (entry.letter === "D") return "removed";
  if (entry.letter === "R") return "renamed";
  if (entry.letter === "T" || entry.oldSha === entry.newSha) return "changed";
  return "modified";
}

/** The differences between two commits or trees, file by file, in git's order. */
export async function diffFiles(git: Git, directory: string, from: string, to: string): Promise<FileDiff[]> {
  const options = ["--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"];
  const [raw, numstat, whole] = await Promise.all([
    git.ok(directory, ["diff", "--raw", "--abbrev=40", "-z", ...options, from, to, "--"]),
    git.ok(directory, ["diff", "--numstat", "-z", ...options, from, to, "--"]),
    diffText(git, directory, from, to),
  ]);
  const counts = parseNumstat(numstat.toString("utf8"));
  const parts = sections(whole.toString("utf8"));
  let next = 0;
  return parseRaw(raw.toString("utf8")).map((entry, position) => {
    // A change of kind (file to symlink) is one entry, but git prints it as a deletion and an addition.
    const own = parts.slice(next, next + (entry.letter === "T" ? 2 : 1));
    next += own.length;
    const patch = own
      .map(hunks)
      .filter((part) => part !== undefined)
      .join("\n");
    return {
      path: entry.path,
      previousPath: entry.previousPath,
      status: status(entry),
      sha: entry.letter === "D" ? entry.oldSha : entry.newSha,
      oldMode: entry.oldMode,
      newMode: entry.newMode,
      additions: counts[position]?.additions ?? 0,
      deletions: counts[position]?.deletions ?? 0,
      patch: patch === "" ? undefined : patch,
    };
  });
}

/** Total lines added and deleted and files changed between two commits. */
export async function diffTotals(
  git: Git,
  directory: string,
  from: string,
  to: string,
): Promise<{ additions: number; deletions: number; files: number }> {
  const counts = parseNumstat(
    (await git.ok(directory, ["diff", "--numstat", "-z", "--find-renames", from, to, "--"])).toString("utf8"),
  );
  return {
    additions: counts.reduce((sum, { additions }) => sum + additions, 0),
    deletions: counts.reduce((sum, { deletions }) => sum + deletions, 0),
    files: counts.length,
  };
}

/** Git's empty tree, to diff a first commit against. */
export const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
