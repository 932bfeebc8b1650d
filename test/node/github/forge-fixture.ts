import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { startForge } from "../../../local/forge/index.ts";
import type { Forge } from "../../../local/forge/types.ts";
import type { GitHubOptions } from "../../../worker/adapters/github/client.ts";
import type { RepositoryRef } from "../../../worker/ports/forge.ts";

export const webhookSecret = "hook secret";
export const binary = Uint8Array.from({ length: 256 }, (_, index) => index);

/** A local forge with octo/lib and octo/empty in an installation, and octo/other outside of it. Its test command always fails. */
export interface ForgeFixture {
  readonly root: string;
  readonly forge: Forge;
  readonly options: GitHubOptions;
  readonly lib: RepositoryRef;
  readonly empty: RepositoryRef;
  /** Outside of the installation. */
  readonly other: RepositoryRef;
  /** The head of octo/lib. */
  readonly base: string;
  /** The forge's judgement on the signature of a commit of octo/lib. */
  verification(commit: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function startFixture(options: { readonly maxTreeEntries?: number } = {}): Promise<ForgeFixture> {
  const root = mkdtempSync(join(tmpdir(), "lime-github-"));
  const source = join(root, "source");
  makeSource(source);
  const forge = await startForge({
    ...options,
    port: 0,
    dataDir: join(root, "data"),
    app: { id: "77", slug: "assembly-lime", clientId: "client", clientSecret: "client secret", webhookSecret },
    ci: {
      run: async (job) => {
        job.onOutput("not ok 1 - adds\nexpected 4 but got 5\n");
        return { exitCode: 1, timedOut: false };
      },
    },
  });
  const imported = await forge.importRepository({
    owner: "octo",
    name: "lib",
    description: "A library",
    source: { kind: "directory", path: source },
  });
  const imports = { empty: await forge.importRepository({ owner: "octo", name: "empty" }) };
  const other = await forge.importRepository({ owner: "octo", name: "other" });
  const installation = await forge.createInstallation({ owner: "octo", repositories: ["lib", "empty"] });
  const lib = {
    installationId: String(installation.id),
    externalId: String(imported.id),
    owner: "octo",
    name: "lib",
  };
  return {
    root,
    forge,
    options: { apiBaseUrl: forge.apiUrl, webBaseUrl: forge.url, appId: "77", privateKeyPem: forge.privateKeyPem },
    lib,
    other: { ...lib, externalId: String(other.id), name: "other" },
    empty: { ...lib, externalId: String(imports.empty.id), name: "empty" },
    base: imported.headCommit ?? "",
    verification: async (commit) => {
      await forge.createUser({ login: "ada", organizations: ["octo"] });
      const authorization = `Bearer ${await forge.createUserToken("ada")}`;
      const answer = await fetch(`${forge.apiUrl}/repos/octo/lib/git/commits/${commit}`, {
        headers: { authorization },
      });
      return z.object({ verification: z.unknown() }).parse(await answer.json()).verification;
    },
    close: async () => {
      await forge.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A folder with a text file, an executable, a symlink, bytes that are no text, and a test command. */
function makeSource(folder: string): void {
  mkdirSync(join(folder, "src"), { recursive: true });
  mkdirSync(join(folder, ".github/workflows"), { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "lib", "type": "module", "scripts": { "test": "node --test" } }\n',
  );
  writeFileSync(
    join(folder, ".github/workflows/test.yml"),
    "name: test\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n",
  );
  writeFileSync(join(folder, "src/add.js"), "export const add = (a, b) => a - b;\n");
  writeFileSync(join(folder, "src/old.js"), "export const old = 1;\n");
  writeFileSync(join(folder, "src/odd #1?.js"), "export const odd = 1;\n");
  writeFileSync(join(folder, "data.bin"), binary);
  writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(folder, "run.sh"), 0o755);
  symlinkSync("src/add.js", join(folder, "link.js"));
}

/** Looks until something is there, for ten seconds. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not happen`);
}
