import { parseScript, type Pipeline, type Redirect, type SimpleCommand } from "./syntax.ts";
import { pathIn, sentenceOf, ShellExit, type Process, type Program } from "./process.ts";
import { FileError } from "./tree.ts";

const notFound = 127;
const notExecutable = 126;

/** `sh -c script name args...`. */
export const sh: Program = async (process, args) => {
  const [flag, script = "", , ...rest] = args;
  if (flag === "-c") return runScript(process, script, rest);
  if (flag === undefined) return 0;
  return runScript(process, textOf(process, flag), args.slice(1));
};

/** Runs a script and returns its exit code: of its last command, or of `exit`. */
export async function runScript(outer: Process, script: string, args: readonly string[]): Promise<number> {
  const process = { ...outer };
  let exitCode = 0;
  try {
    for (const pipeline of parseScript(script, args)) {
      if (process.signal.aborted) break;
      if (pipeline.after === "&&" && exitCode !== 0) continue;
      if (pipeline.after === "||" && exitCode === 0) continue;
      exitCode = await runPipeline(process, pipeline, exitCode);
    }
  } catch (error) {
    if (!(error instanceof ShellExit)) throw error;
    exitCode = error.exitCode;
  }
  return exitCode;
}

async function runPipeline(process: Process, { commands }: Pipeline, lastCode: number): Promise<number> {
  let { stdin } = process;
  let exitCode = 0;
  for (const [index, command] of commands.entries()) {
    const piped: Uint8Array[] = [];
    const isLast = index === commands.length - 1;
    const out = isLast ? process.out : (text: string | Uint8Array) => void piped.push(Buffer.from(text));
    exitCode = await runCommand(process, command, { stdin, out, lastCode });
    stdin = Buffer.concat(piped);
  }
  return exitCode;
}

async function runCommand(
  process: Process,
  { redirects, words }: SimpleCommand,
  { lastCode, ...streams }: Pick<Process, "stdin" | "out"> & { readonly lastCode: number },
): Promise<number> {
  const [name = "", ...args] = words;
  if (name === "exit") throw new ShellExit(args[0] === undefined ? lastCode : Number(args[0]));
  if (name === "cd") {
    process.cwd = process.tree.resolve(pathIn(process, args[0] ?? "/home/agent"));
    return 0;
  }
  let own: Process = { ...process, ...streams };
  try {
    for (const redirect of redirects) own = redirected(own, redirect);
  } catch (error) {
    process.err(`sh: ${redirects.at(-1)?.target ?? ""}: ${sentenceOf(error)}\n`);
    return 1;
  }
  return name === "" ? 0 : runProgram(own, name, args);
}

function redirected(process: Process, { how, stream, target }: Redirect): Process {
  if (how === "join") return stream === "stderr" ? { ...process, err: process.out } : { ...process, out: process.err };
  if (how === "read") return { ...process, stdin: process.tree.file(pathIn(process, target)).bytes };
  const sink = target === "/dev/null" ? () => undefined : fileSink(process, target, how === "append");
  return stream === "stderr" ? { ...process, err: sink } : { ...process, out: sink };
}

function fileSink(process: Process, target: string, isAppending: boolean): Process["out"] {
  const path = pathIn(process, target);
  const { tree } = process;
  if (!isAppending || tree.at(tree.resolve(path)) === undefined) tree.write(path, new Uint8Array());
  return (text) => tree.write(path, new Uint8Array(Buffer.concat([tree.file(path).bytes, Buffer.from(text)])));
}

/** Runs a program by its name, or a file with a `#!/bin/sh` line by its path; 127 when there is none. */
export async function runProgram(process: Process, name: string, args: readonly string[]): Promise<number> {
  const program = Object.hasOwn(process.programs, name) ? process.programs[name] : undefined;
  try {
    if (program !== undefined) return await program(process, args);
    if (!name.includes("/")) {
      process.err(`${name}: not found\n`);
      return notFound;
    }
    const file = process.tree.file(pathIn(process, name));
    if ((file.permissions & 0o111) === 0) {
      process.err(`${name}: Permission denied\n`);
      return notExecutable;
    }
    const text = new TextDecoder().decode(file.bytes);
    if (!text.startsWith("#!/bin/sh\n")) throw new Error(`The in-memory sandbox can't run ${name}.`);
    return await runScript(process, text.slice("#!/bin/sh\n".length), args);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    process.err(`${name}: ${sentenceOf(error)}\n`);
    return program === undefined ? notFound : 1;
  }
}

function textOf(process: Process, path: string): string {
  return new TextDecoder().decode(process.tree.file(pathIn(process, path)).bytes);
}
