import { terminalText } from "../../../../domain/run/command-text.ts";
import type { ExecResult } from "../../../ports/sandbox.ts";
import type { ToolContext } from "./context.ts";

/** The most of an output that is kept, in bytes; the model sees less. */
const maxOutputBytes = 1_000_000;

/** `exit code: N` on the first line, then the output as a terminal shows it at the end. */
export function commandOutput(result: ExecResult, timeoutMs: number): string {
  const stdout = terminalText(result.stdout);
  const stderr = terminalText(result.stderr);
  const notes = [
    ...(result.timedOut ? [`(ended after ${timeoutMs / 1000} s)`] : []),
    ...(result.cancelled ? ["(cancelled)"] : []),
    ...(result.truncated ? [cutNote(result)] : []),
  ];
  return [`exit code: ${result.exitCode}`, ...notes, stdout, stderr].filter((part) => part !== "").join("\n");
}

/** How much a command printed, from the markers that the sandbox put where it left bytes out. */
function cutNote({ stderr, stdout }: ExecResult): string {
  const markers = [...`${stdout}${stderr}`.matchAll(/\n\[\.\.\. (\d{1,15}) bytes left out \.\.\.\]\n/gu)];
  const left = markers.reduce((sum, [, count = "0"]) => sum + Number(count), 0);
  return `(the output was cut: ${left} bytes of about ${left + maxOutputBytes} were left out in its middle)`;
}

/**
 * Runs a command, its output streamed to the watchers. Throws PortError when the sandbox fails.
 *
 * @param cwd a directory of the sandbox; the workspace's root unless told
 * @param env variables on top of the sandbox's own
 */
export function runCommand(
  context: ToolContext,
  argv: readonly string[],
  timeoutMs: number,
  cwd: string = context.resolve("."),
  env: Readonly<Record<string, string>> = {},
): Promise<ExecResult> {
  return context.sandbox.exec(context.id, argv, {
    cwd,
    env,
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
