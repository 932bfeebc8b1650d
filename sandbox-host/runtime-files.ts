import { accessSync, constants, existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { HostError } from "./errors.ts";
import { seccompFilter } from "./seccomp.ts";
import { runsAsRoot } from "./unprivileged.ts";

/** The parts of the host that are bound read-only into every sandbox, besides /usr. */
export interface RuntimeFiles {
  /** Holds the guest agent, its /etc files, the commands' seccomp filter and an empty git repository. */
  readonly directory: string;
  readonly node: string;
  readonly bubblewrap: string;
  readonly npm: string | undefined;
}

const folderPrefix = "assembly-lime-sandbox-";
const guestDirectory = join(import.meta.dirname, "guest");

const etcFiles: Readonly<Record<string, string>> = {
  passwd: "agent:x:1000:1000:agent:/home/agent:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
  group: "agent:x:1000:\nnogroup:x:65534:\n",
  hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  "resolv.conf": "",
};

/** Names of the /etc files that `prepareRuntime` writes. */
export const etcFileNames = Object.keys(etcFiles);

/**
 * Writes what sandboxes need from this host into a fresh folder, after removing the folders of hosts that no longer run.
 * The folder is in `dataDir`; when this process is root and other users can't enter that, in the system's temporary folder,
 * together with a copy of Node or npm where those can't be reached either: sandboxes run as another user.
 * The guest agent's types are stripped here, so that a sandbox starts faster.
 */
export async function prepareRuntime(dataDir: string, bubblewrap: string): Promise<RuntimeFiles> {
  await mkdir(dataDir, { recursive: true });
  const parents = [dataDir, tmpdir(), "/tmp"];
  const parent = runsAsRoot() ? (parents.find(isReachable) ?? "/tmp") : dataDir;
  await removeStale(parent);
  const directory = await mkdtemp(join(parent, `${folderPrefix}${String(process.pid)}-`));
  await mkdir(join(directory, "guest"));
  for (const name of await readdir(guestDirectory)) {
    const source = await readFile(join(guestDirectory, name), "utf8");
    const script = stripTypes(source).replaceAll(/from "(\.\/[a-z-]+)\.ts"/g, 'from "$1.mjs"');
    await writeFile(join(directory, "guest", name.replace(/\.ts$/, ".mjs")), script);
  }
  await mkdir(join(directory, "etc"));
  for (const [name, content] of Object.entries(etcFiles)) await writeFile(join(directory, "etc", name), content);
  await mkdir(join(directory, "empty.git", "objects"), { recursive: true });
  await mkdir(join(directory, "empty.git", "refs"));
  await writeFile(join(directory, "empty.git", "HEAD"), "ref: refs/heads/base\n");
  await writeFile(join(directory, "empty.git", "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
  const filter = seccompFilter(process.arch);
  if (filter === undefined) throw new HostError("isolation_unavailable", `no seccomp filter for ${process.arch}`);
  await writeFile(join(directory, "seccomp.bpf"), filter);
  await openToAll(directory);
  const npm = findNpm();
  return {
    directory,
    node: await reachable(realpathSync(process.execPath), join(directory, "node")),
    bubblewrap: await reachable(bubblewrap, join(directory, "bwrap")),
    npm: npm === undefined ? undefined : await reachable(npm, join(directory, "npm")),
  };
}

/** The path itself when a sandbox's user can reach it, else a copy of it at `copy`. */
async function reachable(path: string, copy: string): Promise<string> {
  if (!runsAsRoot() || isReachable(path)) return path;
  await cp(path, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return copy;
}

/** Whether any user may read a file or folder: every folder above it can be entered by all. */
export function isReachable(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === "/") return true;
  }
}

/** Node warns that this function is experimental at its first use in a process; the warning helps no operator. */
function stripTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Readable by the sandbox's user, whatever this process's umask is. */
async function openToAll(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const item of await readdir(path, { withFileTypes: true })) {
    if (item.isDirectory()) await openToAll(join(path, item.name));
    else await chmod(join(path, item.name), 0o644);
  }
}

async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(folderPrefix)) continue;
    const pid = Number(/^\d+/.exec(name.slice(folderPrefix.length))?.[0] ?? 0);
    const folder = join(parent, name);
    const isOurs = lstatSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (isOurs && pid > 0 && pid !== process.pid && !isRunning(pid)) await rm(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A program's real path by the PATH of this process, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"]) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return realpathSync(candidate);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** npm's package folder: beside this Node, or behind the `npm` on the PATH. */
function findNpm(): string | undefined {
  const beside = join(dirname(realpathSync(process.execPath)), "..", "lib", "node_modules", "npm");
  const behind = findProgram("npm");
  const candidates = [beside, ...(behind === undefined ? [] : [join(dirname(behind), "..")])];
  const found = candidates.find((candidate) => existsSync(join(candidate, "bin", "npm-cli.js")));
  return found === undefined ? undefined : realpathSync(found);
}
