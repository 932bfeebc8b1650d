import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runToEnd } from "./command.ts";
import { GuestFailure } from "./failure.ts";
import { nameBytes, splitNames } from "./names.ts";

/** Settings that switch off a repository's and the machine's configuration. */
const neutral = [
  ...["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.attributesFile=/dev/null"],
  ...["-c", "core.excludesFile=/dev/null", "-c", "core.autocrlf=false", "-c", "core.untrackedCache=false"],
  ...["-c", "safe.directory=*", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "commit.gpgSign=false"],
];
/** A repository without objects, references or configuration, read-only, for questions about ignored files. */
const emptyRepository = "/opt/sandbox/empty.git";
const epoch = "2000-01-01T00:00:00Z";

const environment: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_AUTHOR_NAME: "Assembly Lime",
  GIT_AUTHOR_EMAIL: "base@assembly-lime.invalid",
  GIT_AUTHOR_DATE: epoch,
  GIT_COMMITTER_NAME: "Assembly Lime",
  GIT_COMMITTER_EMAIL: "base@assembly-lime.invalid",
  GIT_COMMITTER_DATE: epoch,
};

async function git(
  cwd: string,
  args: readonly string[],
  signal: AbortSignal,
  stdin?: string | Buffer,
): Promise<Buffer> {
  return (await gitWithWarnings(cwd, args, signal, stdin)).stdout;
}

/** The same, with the warnings that git printed. */
async function gitWithWarnings(
  cwd: string,
  args: readonly string[],
  signal: AbortSignal,
  stdin?: string | Buffer,
): Promise<{ readonly stdout: Buffer; readonly stderr: string }> {
  const result = await runToEnd(
    { argv: ["git", ...neutral, ...args], cwd, env: environment },
    { signal, ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }) },
  );
  if (result.exitCode === 0) return result;
  if (signal.aborted) throw new GuestFailure("cancelled", "git was cancelled");
  if (/No space left/.test(result.stderr)) throw new GuestFailure("too_large", "the sandbox's disk is full");
  throw new GuestFailure("git_failed", `git ${args[0] ?? ""} ended with ${String(result.exitCode)}: ${result.stderr}`);
}

/**
 * Makes the directory a git repository whose single commit holds everything in it, also what .gitignore names. It is there
 * for the commands' own `git diff` and `git log`; nothing that leaves the sandbox is read from it.
 */
export async function commitBase(dir: string, base: string, signal: AbortSignal): Promise<void> {
  await git(dir, ["init", "--quiet", "--initial-branch=base", "--template="], signal);
  // The files are the blobs already: the repository's attributes must not convert them on their way in.
  const attributes = join(dir, ".git/info/attributes");
  mkdirSync(dirname(attributes), { recursive: true });
  writeFileSync(attributes, "* -text -eol -ident -filter -working-tree-encoding\n");
  await git(dir, ["add", "--all", "--force", "."], signal);
  rmSync(attributes);
  await git(dir, ["commit", "--quiet", "--allow-empty", "--no-verify", "--file=-"], signal, `Base ${base}\n`);
  await git(dir, ["config", "user.name", "Assembly Lime"], signal);
  await git(dir, ["config", "user.email", "agent@assembly-lime.invalid"], signal);
}

/**
 * Paths in the directory that its .gitignore files don't exclude, as if nothing were tracked; a nested repository is one
 * path that ends with a slash. Never reads the directory's own `.git`. git leaves out a directory that it can't open and only warns:
 * `unopened` has the first of them as git names it, without a slash at its end.
 */
export async function unignoredPaths(
  dir: string,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly unopened: string | undefined }> {
  const { stderr, stdout } = await gitWithWarnings(
    dir,
    [
      `--git-dir=${emptyRepository}`,
      `--work-tree=${dir}`,
      ...["ls-files", "--others", "--exclude-per-directory=.gitignore", "-z"],
    ],
    signal,
  );
  const unopened = /^warning: could not open directory '(.*?)\/?': /mu.exec(stderr)?.[1];
  return { paths: splitNames(stdout), unopened };
}

const attributeNames = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"];

/**
 * Path, attribute and value of what the directory's `.gitattributes` files say of the paths about conversions. Never reads the
 * directory's own `.git`.
 */
export async function attributesOf(
  dir: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [path: string, name: string, value: string])[]> {
  const place = [`--git-dir=${emptyRepository}`, `--work-tree=${dir}`];
  const input = nameBytes(paths.join("\0") + "\0");
  const output = await git(dir, [...place, "check-attr", "-z", "--stdin", ...attributeNames], signal, input);
  const fields = splitNames(output);
  const found: (readonly [string, string, string])[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", name = "", value = ""] = fields.slice(at, at + 3);
    if (value !== "unspecified") found.push([path, name, value]);
  }
  return found;
}
