import type { ExecOptions, ExecResult, SandboxSpec, TreeFile } from "../../../worker/ports/sandbox.ts";
import type { Base } from "./changes.ts";
import { BoundedOutput } from "./output.ts";
import type { Process, Programs } from "./process.ts";
import { Repository } from "./repository.ts";
import { runProgram } from "./shell.ts";
import { Directory, FileTree, type Entry } from "./tree.ts";

export const workspace = "/workspace";
const killed = 137;

/** One opened sandbox. */
export class Opened {
  readonly generation: string;
  readonly spec: SandboxSpec;
  readonly tree = new FileTree();
  readonly bases = new Map<string, Base>();
  /** Files that a seed's tree has and its tarball lacked, by the seed's directory. */
  readonly missing = new Map<string, { readonly base: string; readonly files: Map<string, TreeFile> }>();
  readonly running = new Map<string, AbortController>();
  isGone = false;

  constructor(generation: string, spec: SandboxSpec) {
    this.generation = generation;
    this.spec = spec;
    for (const path of [workspace, "/tmp", "/home/agent"]) this.tree.makeDirectory(path);
  }
}

/** Empties a directory, puts the files into it and commits them as its base. Returns their size in bytes. */
export function fill(root: Directory, files: Base, message: string): number {
  root.children.clear();
  let sizeBytes = 0;
  for (const [path, entry] of files) {
    sizeBytes += entry.bytes.length;
    put(root, path, entry);
  }
  const repository = new Repository();
  repository.commit(message, "Assembly Lime", files);
  root.children.set(".git", repository);
  return sizeBytes;
}

function put(root: Directory, path: string, entry: Entry): void {
  let directory = root;
  const names = path.split("/");
  const last = names.pop() ?? "";
  for (const name of names) {
    let next = directory.children.get(name);
    if (next?.kind !== "directory") {
      next = new Directory();
      directory.children.set(name, next);
    }
    directory = next;
  }
  directory.children.set(last, entry);
}

interface Running {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly programs: Programs;
  /** Ends the command. */
  readonly control: AbortController;
}

/** Runs a command until it ends, its time is over, or it is cancelled. */
export async function runInTime(opened: Opened, running: Running, options: ExecOptions): Promise<ExecResult> {
  const { control } = running;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    control.abort();
  }, options.timeoutMs);
  const cancel = (): void => control.abort();
  options.signal?.addEventListener("abort", cancel);
  if (options.signal?.aborted === true) cancel();
  const startedAtMs = performance.now();
  try {
    const output = new BoundedOutput(options.maxOutputBytes, options.onOutput);
    const exitCode = control.signal.aborted ? killed : await run(opened, running, options, output);
    output.finish();
    const wasEnded = control.signal.aborted;
    return {
      ...output.text,
      exitCode: wasEnded ? killed : exitCode,
      truncated: output.truncated,
      timedOut,
      cancelled: wasEnded && !timedOut,
      durationMs: Math.round(performance.now() - startedAtMs),
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancel);
  }
}

async function run(
  { spec, tree }: Opened,
  { argv, control, cwd, programs }: Running,
  { env, stdin }: ExecOptions,
  output: BoundedOutput,
): Promise<number> {
  const [name = "", ...args] = argv;
  const process: Process = {
    ...{ tree, cwd, programs, signal: control.signal, stdin: stdin ?? new Uint8Array() },
    env: { PATH: "/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8", CI: "1", ...spec.env, ...env },
    out: (text) => output.push("stdout", bytesOf(text)),
    err: (text) => output.push("stderr", bytesOf(text)),
  };
  return runProgram(process, name, args);
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}
