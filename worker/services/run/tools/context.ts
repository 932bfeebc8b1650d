import type { SandboxPort } from "../../../ports/sandbox.ts";

/** What a tool works with. `id` is the sandbox's; `resolve` turns a repository path into one of the sandbox. */
export interface ToolContext {
  readonly sandbox: SandboxPort;
  readonly id: string;
  readonly callId: string;
  readonly testCommand: string | null;
  /** The diff of the pull request under review, of one path or of all; undefined in a run that makes its own changes. */
  readonly reviewedDiff?: (path: string | undefined) => string;
  readonly resolve: (path: string) => string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
}

/** A failure that the model is told and can act on. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
