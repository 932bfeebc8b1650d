// `npm run check`: format, lint, folders, types and dead code side by side; prints what is wrong and ends with 1 when anything is.
// With `--staged` only format and lint, of the files in git's index.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { folderCycles } from "./lint/folder-cycles.ts";
import { duration, runCommand } from "./run-command.ts";

const root = join(import.meta.dirname, "..");
const sourceFolders = [
  "contracts",
  "domain",
  "worker",
  "durable-objects",
  "web",
  "sandbox-host",
  "local",
  "bench",
  "test",
  "tools",
];
const timeoutMs = 300_000;

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

interface Part {
  readonly name: string;
  run(): Promise<Outcome>;
}

const parts = process.argv.includes("--staged") ? await stagedParts() : allParts();
const results = await Promise.all(parts.map(report));
process.exitCode = results.every(Boolean) ? 0 : 1;

function allParts(): readonly Part[] {
  return [
    { name: "format", run: () => program("oxfmt", "--list-different") },
    // Without paths the type-aware part would read node_modules too.
    { name: "lint", run: async () => program("oxlint", ...sourceFolders.filter(isThere), ...(await rootModules())) },
    { name: "folders", run: folders },
    { name: "types", run: types },
    { name: "dead code", run: () => program("knip", "--no-progress", "--no-config-hints") },
  ];
}

async function stagedParts(): Promise<readonly Part[]> {
  const staged = await git("diff", "--cached", "--name-only", "--diff-filter=ACMR");
  const modules = staged.filter(isModule);
  const tolerant = "--no-error-on-unmatched-pattern";
  return [
    ...(staged.length === 0
      ? []
      : [{ name: "format", run: () => program("oxfmt", "--list-different", tolerant, ...staged) }]),
    ...(modules.length === 0 ? [] : [{ name: "lint", run: () => program("oxlint", tolerant, ...modules) }]),
  ];
}

async function report(part: Part): Promise<boolean> {
  const startedAt = performance.now();
  const { ok, output } = await part.run();
  console.log(`${ok ? "ok    " : "FAILED"} ${part.name.padEnd(10)} ${duration(performance.now() - startedAt)}`);
  if (!ok) console.log(`${output.trimEnd()}\n`);
  return ok;
}

async function program(name: string, ...args: string[]): Promise<Outcome> {
  const result = await runCommand([join(root, "node_modules/.bin", name), ...args], { cwd: root, timeoutMs });
  const note = result.timedOut ? `\nended after ${duration(timeoutMs)}` : "";
  return { ok: result.exitCode === 0, output: result.output + note };
}

/** Each runtime has its own project: what one knows (DOM, Node, Workers), another must not. */
async function types(): Promise<Outcome> {
  const outputs: string[] = [];
  let ok = true;
  for (const project of (await readdir(join(root, "tsconfig"))).filter((name) => name.endsWith(".json")).toSorted()) {
    // Files that passed and have not changed are not checked again.
    const memory = ["--incremental", "--tsBuildInfoFile", join("node_modules/.cache/types", `${project}.tsbuildinfo`)];
    const outcome = await program("tsc", "--pretty", "false", "-p", join("tsconfig", project), ...memory);
    ok &&= outcome.ok;
    outputs.push(outcome.output);
  }
  return { ok, output: outputs.join("") };
}

async function folders(): Promise<Outcome> {
  const files = await git("ls-files", "--cached", "--others", "--exclude-standard", "--", ...sourceFolders);
  const sources = files.filter(
    (path) => isModule(path) && isThere(path) && !/^(?:local\/sample(?:-app)?|tools\/lint\/fixtures)\//.test(path),
  );
  const found = await folderCycles(root, sources);
  return { ok: found.length === 0, output: found.join("\n") };
}

async function rootModules(): Promise<readonly string[]> {
  return (await readdir(root)).filter(isModule);
}

/** Paths that a git command lists, asked for with `-z` so that odd names come unquoted. */
async function git(command: string, ...args: string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("git", [command, "-z", ...args], { cwd: root, maxBuffer: 64_000_000 });
  return stdout.split("\0").filter((path) => path !== "");
}

function isModule(path: string): boolean {
  return /\.(?:ts|tsx|mjs|js)$/.test(path);
}

function isThere(path: string): boolean {
  return existsSync(join(root, path));
}
