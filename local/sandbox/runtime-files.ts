import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** What of the host is bound read-only into every sandbox, besides /usr. */
export interface RuntimeFiles {
  /** Holds the guest agent, its /etc files and an empty git repository. */
  readonly directory: string;
  readonly node: string;
  readonly bubblewrap: string;
  readonly npm: string | undefined;
}

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
 * Writes what sandboxes need from this host into a fresh folder of `dataDir`, after removing the folders of hosts that no
 * longer run. The guest agent's types are stripped here, so that a sandbox starts faster.
 */
export async function prepareRuntime(dataDir: string, bubblewrap: string): Promise<RuntimeFiles> {
  await mkdir(dataDir, { recursive: true });
  await removeStale(dataDir);
  const directory = await mkdtemp(join(dataDir, `runtime-${String(process.pid)}-`));
  await mkdir(join(directory, "guest"));
  for (const name of await readdir(guestDirectory)) {
    const source = await readFile(join(guestDirectory, name), "utf8");
    const script = stripTypeScriptTypes(source).replaceAll(/from "(\.\/[a-z-]+)\.ts"/g, 'from "$1.mjs"');
    await writeFile(join(directory, "guest", name.replace(/\.ts$/, ".mjs")), script);
  }
  await mkdir(join(directory, "etc"));
  for (const [name, content] of Object.entries(etcFiles)) await writeFile(join(directory, "etc", name), content);
  await mkdir(join(directory, "empty.git", "objects"), { recursive: true });
  await mkdir(join(directory, "empty.git", "refs"));
  await writeFile(join(directory, "empty.git", "HEAD"), "ref: refs/heads/base\n");
  await writeFile(join(directory, "empty.git", "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
  await openToAll(directory);
  return { directory, node: realpathSync(process.execPath), bubblewrap, npm: findNpm() };
}

/** Readable by the sandbox's user, whatever this process's umask is. */
async function openToAll(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const item of await readdir(path, { withFileTypes: true })) {
    if (item.isDirectory()) await openToAll(join(path, item.name));
    else await chmod(join(path, item.name), 0o644);
  }
}

async function removeStale(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = Number(/^runtime-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid > 0 && pid !== process.pid && !isRunning(pid)) await rm(join(dataDir, name), { recursive: true, force: true });
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
