import * as z from "zod";
import { ToolError, type ToolContext } from "../context.ts";
import { defineTool } from "../definition.ts";
import { repositoriesOf, type RepositoryPath } from "../repositories.ts";
import { runCommand } from "../run-command.ts";

/** The pull request under review, or else the work tree against the sandbox's own base commit, new files included. */
export const gitDiffTool = defineTool({
  name: "git_diff",
  description: "Shows what has changed since the base commit.",
  schema: z.strictObject({ path: z.string().max(1024).optional() }),
  stages: ["coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async (context, input) => {
    if (context.reviewedDiff !== undefined) return context.reviewedDiff(input.path);
    context.resolve(input.path ?? ".");
    const diffs: string[] = [];
    for (const each of repositoriesOf(context, input.path)) diffs.push(await diffOf(context, each));
    const diff = diffs.join("");
    return diff === "" ? "(no changes)" : diff;
  },
});

/** Commits that the sandbox's repository has: the base, and what the agent committed itself. The forge's history is not there. */
export const gitLogTool = defineTool({
  name: "git_log",
  description: "Shows commits of the base, newest first.",
  schema: z.strictObject({ limit: z.int().min(1).max(200).optional(), path: z.string().max(1024).optional() }),
  stages: ["triage", "architect", "planner", "coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async (context, input) => {
    context.resolve(input.path ?? ".");
    const logs: string[] = [];
    for (const each of repositoriesOf(context, input.path)) logs.push(await logOf(context, each, input.limit ?? 20));
    return logs.join("\n");
  },
});

/** Names with letters beyond ASCII as they are, not in octal. https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath */
const plainNames = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.quotePath", GIT_CONFIG_VALUE_0: "false" };

/** A repository's changes since its base commit, new files included, with paths from the workspace's root. */
async function diffOf(context: ToolContext, { path, repository }: RepositoryPath): Promise<string> {
  const { dir, folder } = repository;
  const prefix = folder === "" ? "" : `${folder}/`;
  await runCommand(context, ["git", "add", "--intent-to-add", "--", path], 30_000, dir);
  const prefixes = prefix === "" ? [] : [`--src-prefix=a/${prefix}`, `--dst-prefix=b/${prefix}`];
  const argv = ["git", "diff", "--no-ext-diff", "--no-color", ...prefixes, "HEAD", "--", path];
  const result = await runCommand(context, argv, 30_000, dir, plainNames);
  if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git diff failed");
  return result.stdout;
}

async function logOf(context: ToolContext, { path, repository }: RepositoryPath, limit: number): Promise<string> {
  const paths = path === "." ? [] : [path];
  const argv = ["git", "log", "--no-color", "--stat", `--max-count=${limit}`, "--", ...paths];
  const result = await runCommand(context, argv, 30_000, repository.dir, plainNames);
  if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git log failed");
  const log = result.stdout === "" ? "(no commits)" : result.stdout;
  return repository.folder === "" ? log : `${repository.folder}:\n${log}`;
}
