import type { ExecResult } from "../../../ports/sandbox.ts";
import type { ToolContext } from "./context.ts";

/** The most of an output that is kept, in bytes; the model sees less. */
const maxOutputBytes = 1_000_000;

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

/**
 * Runs a command, its output streamed to the watchers. Throws PortError when the sandbox fails.
 *
 * @param cwd a directory of the sandbox; the workspace's root unless told
 */
export function runCommand(
  context: ToolContext,
  argv: readonly string[],
  timeoutMs: number,
  cwd: string = context.resolve("."),
): Promise<ExecResult> {
  return context.sandbox.exec(context.id, argv, {
    cwd,
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
