import * as z from "zod";
import { ToolError } from "../context.ts";
import { defineTool } from "../definition.ts";
import { namedRepository } from "../repositories.ts";
import { commandOutput, runCommand } from "../run-command.ts";

export const testTimeoutMs = 300_000;

/** Runs `sh -c` at the repository's root. */
export const shellTool = defineTool({
  name: "shell",
  description:
    "Runs a shell command in the sandbox and answers exit code and output. Every process that it started ends with it, also one in the background: start a server and use it in the same command.",
  schema: z.strictObject({
    command: z.string().min(1).max(20_000).describe("Run by sh -c at the repository's root; there is no network"),
    timeout_seconds: z.int().min(1).max(600).optional(),
  }),
  stages: ["coder"],
  mutates: true,
  repeatable: false,
  constrainable: true,
  run: async (context, input) => {
    const timeoutMs = (input.timeout_seconds ?? 120) * 1000;
    return commandOutput(await runCommand(context, ["sh", "-c", input.command], timeoutMs), timeoutMs);
  },
});

/** Runs a repository's test command; the model's arguments are passed as arguments, never as shell text. */
export const runTestsTool = defineTool({
  name: "run_tests",
  description: "Runs the repository's tests and answers exit code and output.",
  schema: z.strictObject({
    arguments: z.array(z.string().max(1000)).max(50).optional().describe("Appended to the test command"),
    repository: z.string().max(200).optional().describe("Folder of the repository, needed where there are several"),
  }),
  stages: ["coder"],
  mutates: true,
  repeatable: true,
  constrainable: true,
  run: async (context, input) => {
    const { dir, testCommand } = namedRepository(context, input.repository);
    if (testCommand === null)
      throw new ToolError(
        "This repository has no test command: its files name none, and the project sets none. Run its tests with the shell; a person can set the command in the project's settings.",
      );
    const argv = ["sh", "-c", `${testCommand} "$@"`, "run_tests", ...(input.arguments ?? [])];
    return commandOutput(await runCommand(context, argv, testTimeoutMs, dir), testTimeoutMs);
  },
});
