import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { App } from "@octokit/app";
import { Octokit } from "@octokit/core";
import { expect } from "vitest";
import { startForge, type CiRunner, type Forge, type ForgeOptions } from "../../../local/forge/index.ts";

const execFileAsync = promisify(execFile);

export const binary = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
export const webhookSecret = "hook secret";

/** Runs a job's command for real, in a folder of its own. Only tests do this without a sandbox. */
export function folderRunner(root: string): CiRunner {
  return {
    async run(job) {
      const folder = mkdtempSync(join(root, "job-"));
      const archive = join(folder, "archive.tgz");
      writeFileSync(archive, job.tarball);
      const work = join(folder, "work");
      mkdirSync(work);
      await execFileAsync("tar", ["-xzf", archive, "-C", work, "--strip-components=1"]);
      job.signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const child = spawn("sh", ["-c", job.command], {
          cwd: work,
          detached: true,
          env: { PATH: process.env["PATH"] ?? "" },
        });
        let timedOut = false;
        const end = (): void => {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        };
        const timer = setTimeout(() => {
          timedOut = true;
          end();
        }, job.timeoutMs);
        job.signal.addEventListener("abort", end, { once: true });
        child.stdout.on("data", (chunk: Buffer) => job.onOutput(chunk.toString("utf8")));
        child.stderr.on("data", (chunk: Buffer) => job.onOutput(chunk.toString("utf8")));
        child.on("error", reject);
        child.on("close", (code) => {
          clearTimeout(timer);
          job.signal.removeEventListener("abort", end);
          resolve({ exitCode: code ?? 137, timedOut });
        });
      });
    },
  };
}

export interface Fixture {
  readonly root: string;
  forge: Forge;
  readonly options: ForgeOptions;
  readonly installationId: number;
  readonly libId: number;
  /** The head of octo/lib's main branch. */
  readonly base: string;
  /** Ends the forge and starts it again over the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Writes files (text or bytes) below a folder; a value `-> target` makes a symlink, a name ending in `*` an executable. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name.replace(/\*$/, ""));
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> ")) symlinkSync(content.slice(3), path);
    else writeFileSync(path, content);
    if (name.endsWith("*")) chmodSync(path, 0o755);
  }
}

export const libFiles = {
  "package.json": '{ "name": "lib", "type": "module", "scripts": { "test": "node test.js" } }\n',
  "test.js":
    'import { add } from "./src/add.js";\nif (add(2, 2) !== 4) throw new Error("2 + 2 is not 4");\nconsole.log("all good");\n',
  "src/add.js": "export const add = (a, b) => a - b;\n",
  "src/long.js": Array.from({ length: 60 }, (_, line) => `export const line${line} = ${line};\n`).join(""),
  "data.bin": binary,
  "run.sh*": "#!/bin/sh\necho hi\n",
  "link.js": "-> src/add.js",
  "README.md": "# lib\n",
} as const;

/** A forge with octo/lib and octo/empty in an installation, octo/other outside of it, and the person mona of octo. */
export async function startFixture(change: { ci?: CiRunner; webhookUrl?: string } = {}): Promise<Fixture> {
  const root = mkdtempSync(join(tmpdir(), "lime-forge-"));
  writeFiles(join(root, "lib"), libFiles);
  writeFiles(join(root, "other"), { "a.txt": "a\n" });
  const options: ForgeOptions = {
    port: 0,
    dataDir: join(root, "data"),
    app: {
      id: "77",
      slug: "assembly-lime",
      clientId: "Iv1.client",
      clientSecret: "client secret",
      webhookSecret,
      ...(change.webhookUrl === undefined ? {} : { webhookUrl: change.webhookUrl }),
    },
    ci: change.ci ?? { run: async () => ({ exitCode: 0, timedOut: false }) },
  };
  const forge = await startForge(options);
  await forge.createUser({ login: "mona", name: "Mona Lisa", email: "mona@example.com", organizations: ["octo"] });
  const lib = await forge.importRepository({
    owner: "octo",
    name: "lib",
    source: { kind: "directory", path: join(root, "lib") },
  });
  await forge.importRepository({ owner: "octo", name: "empty" });
  await forge.importRepository({
    owner: "octo",
    name: "other",
    source: { kind: "directory", path: join(root, "other") },
  });
  const { id } = await forge.createInstallation({ owner: "octo", repositories: ["lib", "empty"] });
  const fixture: Fixture = {
    root,
    forge,
    options,
    installationId: id,
    libId: lib.id,
    base: lib.headCommit ?? "",
    restart: async () => {
      await fixture.forge.close();
      fixture.forge = await startForge({ ...options, port: Number(new URL(fixture.forge.url).port) });
    },
    close: async () => {
      await fixture.forge.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** The product's app, as the product makes it. */
export function appOf(fixture: Fixture, privateKey = fixture.forge.privateKeyPem): App {
  return new App({ appId: 77, privateKey, Octokit: Octokit.defaults({ baseUrl: fixture.forge.apiUrl }) });
}

/** A client with an installation token, narrowed when asked. */
export async function clientOf(
  fixture: Fixture,
  narrowed: { permissions?: Record<string, string>; repositories?: string[] } = {},
): Promise<{ octokit: Octokit; token: string }> {
  const { data } = await appOf(fixture).octokit.request("POST /app/installations/{installation_id}/access_tokens", {
    installation_id: fixture.installationId,
    ...narrowed,
  });
  return { token: data.token, octokit: new Octokit({ baseUrl: fixture.forge.apiUrl, auth: data.token }) };
}

/** A client that acts as a person. */
export async function personOf(fixture: Fixture, login: string): Promise<Octokit> {
  return new Octokit({ baseUrl: fixture.forge.apiUrl, auth: await fixture.forge.createUserToken(login) });
}

/** Runs git as a person would on their machine; resolves with what it printed, rejects with what it complained of. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com", "-c", "init.defaultBranch=main"];
  const { stdout } = await execFileAsync("git", [...identity, ...args], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" },
  });
  return stdout.trim();
}

/** The address of a repository with a token in it. */
export function cloneUrl(fixture: Fixture, repository: string, token?: string): string {
  const url = new URL(`${fixture.forge.url}/${repository}.git`);
  if (token !== undefined) [url.username, url.password] = ["x-access-token", token];
  return url.href;
}

/** The status and message of a request that is refused. */
export async function refusal(request: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Error && "status" in error) return { status: Number(error.status), message: error.message };
    throw error;
  }
  throw new Error("the request was not refused");
}

/** Looks until something is there, for ten seconds. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen`);
}

export const lib = { owner: "octo", repo: "lib" } as const;

/** Puts a commit with changed files on a new branch through the Git Data API; returns its id. */
export async function commitOn(
  octokit: Octokit,
  branch: string,
  parent: string,
  files: readonly { path: string; content?: string; sha?: string | null; mode?: "100644" | "100755" | "120000" }[],
): Promise<string> {
  const tree = await octokit.request("POST /repos/{owner}/{repo}/git/trees", {
    ...lib,
    base_tree: parent,
    tree: files.map((file) => ({ type: "blob" as const, mode: "100644" as const, ...file })),
  });
  const author = { name: "Lime", email: "lime@example.com", date: "2026-11-01T10:00:00Z" };
  const commit = await octokit.request("POST /repos/{owner}/{repo}/git/commits", {
    ...lib,
    message: "Change",
    tree: tree.data.sha,
    parents: [parent],
    author,
  });
  await octokit.request("POST /repos/{owner}/{repo}/git/refs", {
    ...lib,
    ref: `refs/heads/${branch}`,
    sha: commit.data.sha,
  });
  return commit.data.sha;
}

/** Matches any text that holds this one; typed so that it can stand in an expected object. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** Matches any text of this pattern. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

/** Matches any text. */
export const anyText: unknown = expect.any(String);
