import type * as z from "zod";
import { toolInputs, type ToolInput, type ToolName } from "../../../../contracts/tools.ts";
import { PortError } from "../../../ports/errors.ts";
import type { EndingToolName } from "./catalogue.ts";
import { gitDiff, gitLog, grep, runTests, shell } from "./commands.ts";
import { ToolError, ToolMisfit, type ToolContext } from "./context.ts";
import { editFile, listFiles, readFile, writeFile } from "./files.ts";
import { rangeOf } from "./output.ts";

/** Tools that work in the sandbox; the stage-ending ones are the engine's. */
export type SandboxToolName = Exclude<ToolName, EndingToolName | "ask_person">;

/** Tools that may change the work tree. */
export const mutatingTools: ReadonlySet<string> = new Set<ToolName>(["edit_file", "write_file", "shell", "run_tests"]);

const schemas: { readonly [N in ToolName]: z.ZodType<ToolInput<N>> } = toolInputs;

const runners: { readonly [N in SandboxToolName]: (context: ToolContext, input: ToolInput<N>) => Promise<string> } = {
  read_file: readFile,
  list_files: listFiles,
  grep,
  read_output: readOutput,
  edit_file: editFile,
  write_file: writeFile,
  shell,
  git_diff: gitDiff,
  git_log: gitLog,
  run_tests: runTests,
};

/**
 * Checks the input by the tool's schema and runs it. Throws ToolError for what the model can mend (bad input, no such file,
 * a path outside the repository) and PortError (transient) when the sandbox itself failed.
 */
export async function runTool<N extends SandboxToolName>(
  context: ToolContext,
  name: N,
  input: unknown,
): Promise<string> {
  const checked = parseToolInput(name, input);
  try {
    return await runners[name](context, checked);
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent" && error.port === "sandbox")
      throw new ToolError(portMessage(error));
    throw error;
  }
}

/** The input as the tool's schema has it. Throws ToolMisfit naming each field that is wrong. */
export function parseToolInput<N extends ToolName>(name: N, input: unknown): ToolInput<N> {
  const parsed = schemas[name].safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`);
  throw new ToolMisfit(`The input of ${name} is not valid. ${problems.join("; ")}`);
}

async function readOutput(
  context: ToolContext,
  { length = 20_000, offset, output }: ToolInput<"read_output">,
): Promise<string> {
  const whole = context.keptOutput(output);
  if (whole === undefined)
    throw new ToolError(`No output is kept as ${JSON.stringify(output)}. Only outputs that were cut are.`);
  return rangeOf(whole, offset, length);
}

function portMessage(error: PortError): string {
  if (error.code === "path_escape") return "The path leads out of the repository.";
  if (error.code === "not_found") return "There is no such file or directory.";
  if (error.code === "too_large") return "That is too large.";
  return `The sandbox refused: ${error.code}.`;
}
