import { randomUUID } from "node:crypto";
import { lstat, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { TarError } from "../../../sandbox-host/tar-reader.ts";
import { writeCommit } from "../git/commits.ts";
import { GitError, type Git } from "../git/git.ts";
import { isSafeTreePath } from "../git/trees.ts";
import { SetupError } from "./installations.ts";
import { readArchive, type ArchivedFile } from "./tar.ts";

const maxArchiveBytes = 1024 * 1024 * 1024;
/** The author of a commit that the forge makes of files without history: always the same, so that the same files have the same id. */
const importer = { name: "Local import", email: "import@localhost", seconds: 1_767_225_600, offsetMinutes: 0 };

/** Makes an empty bare repository whose HEAD names a branch that isn't there yet. */
export async function initBare(git: Git, directory: string, branch: string): Promise<void> {
  await git.ok(directory, ["init", "--quiet", "--bare", "--template=", `--initial-branch=${branch}`, directory], {
    cwd: "/",
  });
}

async function commitTree(git: Git, directory: string, tree: string, branch: string): Promise<void> {
  const message = "Import\n";
  const sha = await writeCommit(git, directory, { tree, parents: [], author: importer, committer: importer, message });
  await git.ok(directory, ["update-ref", `refs/heads/${branch}`, sha]);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Takes over a git repository's branches and tags; returns the branch that is checked out there, or its first. */
async function cloneBare(
  git: Git,
  directory: string,
  source: string,
  wanted: string | undefined,
): Promise<string | undefined> {
  await rm(directory, { recursive: true, force: true });
  // `--no-local` copies over the wire protocol: no hard links into, and no alternates from, the source.
  await git.ok("/", ["clone", "--quiet", "--bare", "--no-local", "--template=", source, directory], {
    env: { GIT_DIR: directory },
  });
  await git.run(directory, ["remote", "remove", "origin"]);
  const branches = (await git.text(directory, ["for-each-ref", "--format=%(refname)", "refs/heads/"]))
    .split("\n")
    .filter((ref) => ref !== "");
  const head = await git.run(directory, ["symbolic-ref", "--quiet", "HEAD"]);
  const candidates = [
    `refs/heads/${wanted ?? ""}`,
    head.stdout.toString("utf8").trim(),
    "refs/heads/main",
    "refs/heads/master",
  ];
  const chosen = candidates.find((ref) => branches.includes(ref)) ?? branches[0];
  if (wanted !== undefined && chosen !== `refs/heads/${wanted}` && branches.length > 0) {
    throw new SetupError("not_found", `the repository in ${source} has no branch ${wanted}`);
  }
  if (chosen !== undefined) await git.ok(directory, ["symbolic-ref", "HEAD", chosen]);
  return chosen?.slice("refs/heads/".length);
}

/** Commits a plain folder's files: without node_modules and what its .gitignore files (and those above it in a checkout) leave out. */
async function commitFolder(git: Git, directory: string, folder: string, branch: string): Promise<void> {
  // The folder's own git directory, when it lies in a checkout: read for its ignore rules, with its configuration's programs off.
  const checkout = await git.run(folder, ["rev-parse", "--absolute-git-dir"], {
    env: { GIT_DIR: undefined },
    cwd: folder,
  });
  const listing = ["ls-files", "--others", "--exclude-standard", "--exclude=node_modules", "-z"];
  const listed =
    checkout.exitCode === 0
      ? await git.ok(checkout.stdout.toString("utf8").trim(), [...listing, "--cached"], {
          cwd: folder,
          env: { GIT_WORK_TREE: await workTree(git, folder) },
        })
      : await git.ok(directory, listing, { cwd: folder, env: { GIT_WORK_TREE: folder } });
  const paths: string[] = [];
  for (const path of new Set(listed.toString("utf8").split("\0"))) {
    if (path === "" || path.split("/").includes("node_modules")) continue;
    const info = await lstat(join(folder, path)).catch(() => undefined);
    // Tracked files that are gone, nested repositories, sockets and the like are not files to bring in.
    if (info?.isFile() === true || info?.isSymbolicLink() === true) paths.push(path);
  }
  if (paths.length === 0) return;
  const env = { GIT_WORK_TREE: folder, GIT_INDEX_FILE: join(directory, `index-${randomUUID()}`) };
  try {
    const input = paths.map((path) => `${path}\0`).join("");
    await git.ok(directory, ["update-index", "--add", "-z", "--stdin"], { cwd: folder, env, input });
    await commitTree(git, directory, await git.text(directory, ["write-tree"], { env }), branch);
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

async function workTree(git: Git, folder: string): Promise<string> {
  return git.text(folder, ["rev-parse", "--show-toplevel"], { env: { GIT_DIR: undefined }, cwd: folder });
}

function stripFirst(entries: readonly ArchivedFile[]): ArchivedFile[] {
  return entries.flatMap((entry) => {
    const parts = entry.path.replace(/^(\.\/)+/, "").split("/");
    const path = parts.slice(1).join("/");
    if (path === "") return [];
    if (!isSafeTreePath(path))
      throw new SetupError("invalid", `the archive holds a path that a repository can't: ${entry.path}`);
    return path.split("/").includes("node_modules") ? [] : [{ ...entry, path }];
  });
}

async function commitTarball(git: Git, directory: string, file: string, branch: string): Promise<void> {
  const packed = await readFile(file);
  let entries: ArchivedFile[];
  try {
    const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
    entries = stripFirst(await readArchive(isGzip ? gunzipSync(packed, { maxOutputLength: maxArchiveBytes }) : packed));
  } catch (error) {
    if (error instanceof TarError) throw new SetupError("invalid", `${file}: ${error.message}`);
    if (error instanceof SetupError) throw error;
    throw new SetupError("invalid", `${file} is not a tar archive, or is over ${maxArchiveBytes} bytes unpacked`);
  }
  if (entries.length === 0) throw new SetupError("invalid", `${file} holds no files below a top folder`);
  const chunks: (string | Buffer)[] = [];
  for (const [mark, { content }] of entries.entries())
    chunks.push(`blob\nmark :${mark + 1}\ndata ${content.length}\n`, content, "\n");
  const who = `${importer.name} <${importer.email}> ${importer.seconds} +0000`;
  chunks.push(`commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\ndata 7\nImport\n\n`);
  for (const [mark, { mode, path }] of entries.entries()) chunks.push(`M ${mode} :${mark + 1} ${quote(path)}\n`);
  chunks.push("\ndone\n");
  const input = Buffer.concat(chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk)));
  await git.ok(directory, ["fast-import", "--quiet", "--done"], { input });
}

/** A path in fast-import's own quoting. */
function quote(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/**
 * Fills a repository's git directory from a folder or an archive, or leaves it empty; returns the default branch.
 * Throws SetupError when the source isn't there or can't be read.
 */
export async function fillRepository(
  git: Git,
  directory: string,
  source: { readonly kind: "directory" | "tarball"; readonly path: string } | undefined,
  wanted: string | undefined,
): Promise<string> {
  const branch = wanted ?? "main";
  if (source === undefined) {
    await initBare(git, directory, branch);
    return branch;
  }
  const path = resolve(source.path);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new SetupError("not_found", `${path} does not exist`);
  if (info.isDirectory() !== (source.kind === "directory"))
    throw new SetupError("invalid", `${path} is not a ${source.kind === "directory" ? "folder" : "file"}`);
  try {
    if (source.kind === "directory" && (await exists(join(path, ".git")))) {
      const found = await cloneBare(git, directory, path, wanted);
      if (found !== undefined) return found;
      await rm(directory, { recursive: true, force: true });
      await initBare(git, directory, branch);
      return branch;
    }
    await initBare(git, directory, branch);
    await (source.kind === "directory"
      ? commitFolder(git, directory, path, branch)
      : commitTarball(git, directory, path, branch));
    return branch;
  } catch (error) {
    if (error instanceof GitError) throw new SetupError("invalid", `git could not read ${path}: ${error.message}`);
    throw error;
  }
}
