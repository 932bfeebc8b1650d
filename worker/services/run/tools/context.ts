import type { SandboxPort } from "../../../ports/sandbox.ts";

/** A repository as tools work on it. */
export interface ToolRepository {
  /** Its folder under the workspace's root, as the model names it. */
  readonly folder: string;
  /** Its directory in the sandbox. */
  readonly dir: string;
  readonly testCommand: string | null;
}

/** The sandbox, the paths and the outputs of the call that a tool works on. `id` is the sandbox's; `resolve` turns a repository path into one of the sandbox. */
export interface ToolContext {
  readonly sandbox: SandboxPort;
  readonly id: string;
  readonly callId: string;
  /** The run's repositories; one whose folder is empty is the workspace's root itself. */
  readonly repositories: readonly ToolRepository[];
  /** The diff of the pull request under review, of one path or of all; undefined in a run that makes its own changes. */
  readonly reviewedDiff?: (path: string | undefined) => string;
  readonly resolve: (path: string) => string;
  /** Like `resolve`, for a path that is to change. Throws ToolError when the run may not change it. */
  readonly resolveForWrite: (path: string) => string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  /** The whole of an output that was cut, by its name. */
  readonly keptOutput: (name: string) => string | undefined;
}

/** A failure that the model gets as the result of its call and can act on. */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** An input that the tool's schema refuses. */
export class InvalidToolInput extends ToolError {
  override readonly name = "InvalidToolInput";
}
