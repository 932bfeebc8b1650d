import type { ToolInput } from "../../../../contracts/tools.ts";
import type { ExecResult } from "../../../ports/sandbox.ts";
import { ToolError, type ToolContext } from "./context.ts";

/** As much as is kept of an output; what is shown of it is less. */
const maxOutputBytes = 1_000_000;
export const testTimeoutMs = 300_000;

/** `exit code: N` on the first line, then the output as it came. */
export function commandOutput(result: ExecResult, timeoutMs: number): string {
  const notes = [
    ...(result.timedOut ? [`(ended after ${timeoutMs / 1000} s)`] : []),
    ...(result.cancelled ? ["(cancelled)"] : []),
    ...(result.truncated ? ["(output was cut)"] : []),
  ];
  return [`exit code: ${result.exitCode}`, ...notes, result.stdout, result.stderr]
    .filter((part) => part !== "")
    .join("\n");
}

/** Runs `sh -c` at the repository's root. */
export async function shell(context: ToolContext, input: ToolInput<"shell">): Promise<string> {
  const timeoutMs = (input.timeout_seconds ?? 120) * 1000;
  return commandOutput(await run(context, ["sh", "-c", input.command], timeoutMs), timeoutMs);
}

/** Runs the repository's test command; the model's arguments are passed as arguments, never as shell text. */
export async function runTests(context: ToolContext, input: ToolInput<"run_tests">): Promise<string> {
  if (context.testCommand === null)
    throw new ToolError("This repository has no test command (no test script in package.json).");
  const argv = ["sh", "-c", `${context.testCommand} "$@"`, "run_tests", ...(input.arguments ?? [])];
  return commandOutput(await run(context, argv, testTimeoutMs), testTimeoutMs);
}

/** Extended regular expression search, with git's own walk where it is one. */
export async function grep(context: ToolContext, input: ToolInput<"grep">): Promise<string> {
  const flags = [
    "-rnIE",
    "--exclude-dir=.git",
    "--exclude-dir=node_modules",
    ...(input.ignore_case === true ? ["-i"] : []),
  ];
  const target = input.path === undefined || input.path === "" ? "." : input.path;
  context.resolve(target);
  const result = await run(context, ["grep", ...flags, "-e", input.pattern, "--", target], 30_000);
  if (result.exitCode === 1) return "(no match)";
  if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || `grep failed (${result.exitCode})`);
  return result.stdout
    .split("\n")
    .map((line) => line.replace(/^\.\//u, ""))
    .slice(0, 1000)
    .join("\n");
}

/** The pull request under review, or else the work tree against the sandbox's own base commit, new files included. */
export async function gitDiff(context: ToolContext, input: ToolInput<"git_diff">): Promise<string> {
  if (context.reviewedDiff !== undefined) return context.reviewedDiff(input.path);
  const path = input.path === undefined || input.path === "" ? "." : input.path;
  context.resolve(path);
  await run(context, ["git", "add", "--intent-to-add", "--", path], 30_000);
  const result = await run(context, ["git", "diff", "--no-ext-diff", "--no-color", "HEAD", "--", path], 30_000);
  if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git diff failed");
  return result.stdout === "" ? "(no changes)" : result.stdout;
}

/** Commits that the sandbox's repository has: the base, and what the agent committed itself. The forge's history is not there. */
export async function gitLog(context: ToolContext, input: ToolInput<"git_log">): Promise<string> {
  const path = input.path === undefined || input.path === "" ? [] : [input.path];
  for (const each of path) context.resolve(each);
  const result = await run(
    context,
    ["git", "log", "--no-color", "--stat", `--max-count=${input.limit ?? 20}`, "--", ...path],
    30_000,
  );
  if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || "git log failed");
  return result.stdout === "" ? "(no commits)" : result.stdout;
}

function run(context: ToolContext, argv: readonly string[], timeoutMs: number): Promise<ExecResult> {
  return context.sandbox.exec(context.id, argv, {
    cwd: context.resolve("."),
    timeoutMs,
    maxOutputBytes,
    execId: execIdOf(context.callId),
    onOutput: (_stream, text) => context.onOutput(text),
    signal: context.signal,
  });
}

/** A call id as an execution id: vendors' ids may hold characters that hosts refuse. */
function execIdOf(callId: string): string {
  return callId.replace(/[^A-Za-z0-9_-]/gu, "-").slice(0, 64);
}
