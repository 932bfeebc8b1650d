import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fields } from "./http/request.ts";

const usage = `Brings a repository into the running local forge.

  npm run local:import -- <folder or tarball> [--name <name>] [--owner <account>] [--branch <default branch>] [--description <text>] [--public]

A folder that is a git repository keeps its history; any other folder, or a .tgz or .tar, becomes one commit.
`;

/** A failure that the person can fix: only its message is printed. */
class ImportFailure extends Error {
  override readonly name = "ImportFailure";
}

/** Where the running forge listens: LOCAL_FORGE_URL, or the address that it keeps in its data directory. */
function forgeAddress(env: Readonly<Record<string, string | undefined>>): string {
  const given = env["LOCAL_FORGE_URL"];
  if (given !== undefined && given !== "") return given.replace(/\/+$/, "");
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const file = join(resolve(root, env["ALIME_DATA_DIR"] ?? ".data"), "forge", "address");
  if (!existsSync(file))
    throw new ImportFailure("The local forge is not running: start it with npm start, then import again.");
  return readFileSync(file, "utf8").trim();
}

function nameOf(path: string): string {
  return basename(path)
    .replace(/\.(tgz|tar\.gz|tar)$/i, "")
    .replaceAll(/[^\w.-]+/g, "-");
}

/** Runs the command with its arguments; resolves with what to print. Throws ImportFailure. */
export async function runImport(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      owner: { type: "string" },
      branch: { type: "string" },
      description: { type: "string" },
      public: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [given, ...more] = positionals;
  if (values.help === true) return usage;
  if (given === undefined || more.length > 0) throw new ImportFailure(usage);
  const path = resolve(env["INIT_CWD"] ?? ".", given);
  if (!existsSync(path)) throw new ImportFailure(`${path} does not exist.`);
  const address = forgeAddress(env);
  const body = {
    name: values.name ?? nameOf(path),
    kind: statSync(path).isDirectory() ? "directory" : "tarball",
    path,
    private: values.public !== true,
    ...(values.owner === undefined ? {} : { owner: values.owner }),
    ...(values.branch === undefined ? {} : { defaultBranch: values.branch }),
    ...(values.description === undefined ? {} : { description: values.description }),
  };
  let response: Response;
  try {
    response = await fetch(`${address}/_forge/repositories`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ImportFailure(
      `The local forge is not running at ${address}: start it with npm start, then import again.`,
    );
  }
  const answer = Fields.of(await response.json().catch(() => ({})));
  if (response.status === 409)
    throw new ImportFailure(`${answer.text("message") ?? "The name is taken"}: choose another with --name.`);
  if (!response.ok) throw new ImportFailure(answer.text("message") ?? `The forge answered ${response.status}.`);
  const head = answer.text("headCommit");
  const state = head === undefined ? "empty" : `${answer.requiredText("defaultBranch")} at ${head.slice(0, 10)}`;
  return `Imported ${answer.requiredText("fullName")} (${state}): ${answer.requiredText("htmlUrl")}\n`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(await runImport(process.argv.slice(2), process.env));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
