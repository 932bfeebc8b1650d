import { PortError } from "../../../ports/errors.ts";
import { ToolError, type ToolContext } from "./context.ts";
import type { Tool } from "./definition.ts";

/**
 * Checks the input by the tool's schema and runs the tool. Throws ToolError for a mistake that the model can correct (bad input, no such
 * file, a path outside the repository) and PortError (transient) when the sandbox itself failed.
 */
export async function runTool(run: NonNullable<Tool["run"]>, context: ToolContext, input: unknown): Promise<string> {
  try {
    return await run(context, input);
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent" && error.port === "sandbox")
      throw new ToolError(portMessage(error));
    throw error;
  }
}

function portMessage(error: PortError): string {
  if (error.code === "path_escape") return "The path leads out of the repository.";
  if (error.code === "not_found") return "There is no such file or directory.";
  if (error.code === "too_large") return "That is too large.";
  return `The sandbox refused: ${error.code}.`;
}
