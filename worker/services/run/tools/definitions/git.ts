import * as z from "zod";
import { ToolError } from "../context.ts";
import { defineTool } from "../definition.ts";
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
    const path = input.path === undefined || input.path === "" ? "." : input.path;
    context.resolve(path);
    await runCommand(context, ["git", "add", "--intent-to-add", "--", path], 30_000);
    const result = await runCommand(
      context,
      ["git", "diff", "--no-ext-diff", "--no-color", "HEAD", "--", path],
      30_000,
    );
    if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git diff failed");
    return result.stdout === "" ? "(no changes)" : result.stdout;
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
    const path = input.path === undefined || input.path === "" ? [] : [input.path];
    for (const each of path) context.resolve(each);
    const result = await runCommand(
      context,
      ["git", "log", "--no-color", "--stat", `--max-count=${input.limit ?? 20}`, "--", ...path],
      30_000,
    );
    if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git log failed");
    return result.stdout === "" ? "(no commits)" : result.stdout;
  },
});
