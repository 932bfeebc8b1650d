import type { Git, GitCallOptions } from "./git.ts";
import { GitError } from "./git.ts";

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** UTC seconds. */
  readonly seconds: number;
  /** Minutes east of UTC, kept in the commit's bytes. */
  readonly offsetMinutes: number;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Exactly as stored, without a final newline added or taken. */
  readonly message: string;
  /** The armoured signature; absent in an unsigned commit. */
  readonly signature?: string | undefined;
}

/** Takes out what git's object format cannot hold in a name: newlines, angle brackets, NUL, and crud at the ends. */
function clean(value: string): string {
  return value.replaceAll(/[\n\r<>\0]/g, "").replaceAll(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, "");
}

function signatureLine({ name, email, seconds, offsetMinutes }: Signature): string {
  const absolute = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? "-" : "+"}${String(Math.floor(absolute / 60)).padStart(2, "0")}${String(absolute % 60).padStart(2, "0")}`;
  return `${clean(name)} <${clean(email)}> ${seconds} ${zone}`;
}

/** The exact bytes of a commit object: the same input always has the same id. */
export function commitBytes(commit: Omit<Commit, "sha">): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signatureLine(commit.author)}`,
    `committer ${signatureLine(commit.committer)}`,
    // A header of several lines goes on with a space.
    ...(commit.signature === undefined ? [] : [`gpgsig ${commit.signature.replaceAll("\n", "\n ")}`]),
  ];
  return Buffer.from(`${lines.join("\n")}\n\n${commit.message}`, "utf8");
}

/** Stores a commit; returns its id. Throws GitError when git finds the bytes malformed. */
export async function writeCommit(git: Git, directory: string, commit: Omit<Commit, "sha">): Promise<string> {
  return git.text(directory, ["hash-object", "-t", "commit", "-w", "--stdin"], { input: commitBytes(commit) });
}

/** Reads an ISO 8601 time with its offset; undefined when it is none. */
export function parseDate(value: string): Pick<Signature, "seconds" | "offsetMinutes"> | undefined {
  const match = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|([+-])(\d{2}):?(\d{2}))$/.exec(value);
  const ms = Date.parse(value);
  if (match === null || !Number.isFinite(ms)) return undefined;
  const [, sign, hours, minutes] = match;
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return { seconds: Math.floor(ms / 1000), offsetMinutes: sign === "-" ? -offset : offset };
}

function parseSignature(line: string): Signature {
  const match = /^(.*?) ?<([^>]*)> (-?\d+) ([+-])(\d{2})(\d{2})$/.exec(line);
  const [, name = "", email = "", seconds = "0", sign = "+", hours = "0", minutes = "0"] = match ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  return { name, email, seconds: Number(seconds), offsetMinutes: sign === "-" ? -offset : offset };
}

function parseCommit(sha: string, bytes: Buffer): Commit {
  const end = bytes.indexOf("\n\n");
  const head = bytes.subarray(0, end < 0 ? bytes.length : end).toString("utf8");
  const message = end < 0 ? "" : bytes.subarray(end + 2).toString("utf8");
  const values = (name: string): string[] =>
    head
      .split("\n")
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1));
  const signature = /^gpgsig (.*(?:\n .*)*)$/m.exec(head)?.[1];
  return {
    ...(signature === undefined ? {} : { signature: signature.replaceAll("\n ", "\n") }),
    sha,
    tree: values("tree")[0] ?? "",
    parents: values("parent"),
    author: parseSignature(values("author")[0] ?? ""),
    committer: parseSignature(values("committer")[0] ?? ""),
    message,
  };
}

/** Reads many commits, in the order asked. Throws GitError when one is missing. */
export async function readCommits(
  git: Git,
  directory: string,
  shas: readonly string[],
  options: GitCallOptions = {},
): Promise<Commit[]> {
  if (shas.length === 0) return [];
  const args = ["cat-file", "--batch"];
  const out = await git.ok(directory, args, { ...options, input: `${shas.join("\n")}\n` });
  const commits: Commit[] = [];
  let at = 0;
  for (const sha of shas) {
    const end = out.indexOf("\n", at);
    const [, type, size] = out.subarray(at, end).toString("utf8").split(" ");
    if (type !== "commit" || size === undefined) {
      throw new GitError(args, { exitCode: 128, stdout: out, stderr: `${sha} is not a commit` });
    }
    const from = end + 1;
    commits.push(parseCommit(sha, out.subarray(from, from + Number(size))));
    at = from + Number(size) + 1;
  }
  return commits;
}

/** Reads one commit. Throws GitError when it is missing. */
export async function readCommit(git: Git, directory: string, sha: string): Promise<Commit> {
  const [commit] = await readCommits(git, directory, [sha]);
  if (commit === undefined) throw new Error(`commit ${sha} was not read`);
  return commit;
}

/** Ids of the commits reachable from `to` and not from `from`, newest first; all of `to` when `from` is undefined. */
export async function listCommits(
  git: Git,
  directory: string,
  from: string | undefined,
  to: string,
  limit: number,
): Promise<string[]> {
  const range = from === undefined ? [to] : [to, `^${from}`];
  const out = await git.text(directory, ["rev-list", `--max-count=${limit}`, ...range, "--"]);
  return out === "" ? [] : out.split("\n");
}

/** Counts the commits that are reachable from `to` and not from `from`. */
export async function countCommits(git: Git, directory: string, from: string, to: string): Promise<number> {
  return Number(await git.text(directory, ["rev-list", "--count", to, `^${from}`, "--"]));
}
