import { posix } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { FileError, type FileTree } from "./tree.ts";

/** A running command, as its program sees it. */
export interface Process {
  readonly tree: FileTree;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly signal: AbortSignal;
  /** Programs by name: the sandbox's own and those that a test brings. */
  readonly programs: Programs;
  /** Absolute. */
  cwd: string;
  out(text: string | Uint8Array): void;
  err(text: string | Uint8Array): void;
}

/** A program: takes its arguments without its name and returns its exit code. */
export type Program = (process: Process, args: readonly string[]) => number | Promise<number>;
export type Programs = Readonly<Record<string, Program>>;

/** Ends a shell with this exit code. */
export class ShellExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** The absolute path of one that is relative to the process's directory. */
export function pathIn({ cwd }: Pick<Process, "cwd">, path: string): string {
  return posix.resolve(cwd, path);
}

const sentences: Readonly<Record<FileError["code"], string>> = {
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EEXIST: "File exists",
  ELOOP: "Too many levels of symbolic links",
  ENOSPC: "No space left on device",
  EINVAL: "Invalid argument",
  ESCAPE: "No such file or directory",
};

/** A program's message about a failed file operation; other errors are thrown again. */
export function sentenceOf(error: unknown): string {
  if (error instanceof FileError) return sentences[error.code];
  throw error;
}

/** Waits so long, or until the command is ended. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await wait(delayMs, undefined, { signal }).catch(() => undefined);
}
