import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitCallOptions {
  readonly input?: Uint8Array | string | Readable;
  /** Added to the fixed environment; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working directory; the repository's own when absent. */
  readonly cwd?: string;
}

/** A git command that failed although the forge expected it to work. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly exitCode: number;

  constructor(args: readonly string[], result: GitResult) {
    super(`git ${args[0] ?? ""} failed with ${result.exitCode}: ${result.stderr.trim().slice(0, 500)}`);
    this.exitCode = result.exitCode;
  }
}

/**
 * Runs the git command line, always with an argument vector and never through a shell; no system or user configuration,
 * no hooks, no prompts, no file-system monitor.
 */
export class Git {
  readonly #home: string;
  readonly #config: string;

  /** `directory` is made to hold an empty home and the only configuration file that git reads besides the repository's. */
  constructor(directory: string) {
    this.#home = join(directory, "home");
    this.#config = join(directory, "gitconfig");
    mkdirSync(this.#home, { recursive: true });
    // A folder that is brought in may belong to another user: reading it is what the person asked for.
    writeFileSync(this.#config, "[safe]\n\tdirectory = *\n");
  }

  /** Starts git in a repository directory; the caller owns the streams. */
  start(directory: string, args: readonly string[], options: GitCallOptions = {}): ChildProcess {
    const fixed = [
      "-c",
      "core.hooksPath=/dev/null",
      "-c",
      "core.fsmonitor=false",
      "-c",
      "gc.auto=0",
      "-c",
      "core.quotePath=false",
    ];
    return spawn("git", [...fixed, ...args], {
      cwd: options.cwd ?? directory,
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: this.#home,
        XDG_CONFIG_HOME: this.#home,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: this.#config,
        GIT_ATTR_NOSYSTEM: "1",
        GIT_TERMINAL_PROMPT: "0",
        GIT_OPTIONAL_LOCKS: "0",
        GIT_DIR: directory,
        LC_ALL: "C",
        TZ: "UTC",
        ...options.env,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** Runs git to its end and returns its exit code and whole output. Throws only when git can't be started. */
  async run(directory: string, args: readonly string[], options: GitCallOptions = {}): Promise<GitResult> {
    const child = this.start(directory, args, options);
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error("git was started without pipes");
    // git may close its input early (a refused object): only its exit code and message count.
    stdin.on("error", () => undefined);
    const input = options.input;
    if (input !== undefined && typeof input !== "string" && !(input instanceof Uint8Array)) input.pipe(stdin);
    else stdin.end(input);
    const exit = new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 128));
    });
    const [exitCode, out, err] = await Promise.all([exit, buffer(stdout), buffer(stderr)]);
    return { exitCode, stdout: out, stderr: err.toString("utf8") };
  }

  /** Like `run`, but throws GitError unless git exits with 0; returns its output. */
  async ok(directory: string, args: readonly string[], options: GitCallOptions = {}): Promise<Buffer> {
    const result = await this.run(directory, args, options);
    if (result.exitCode !== 0) throw new GitError(args, result);
    return result.stdout;
  }

  /** Like `ok`, as trimmed text. */
  async text(directory: string, args: readonly string[], options: GitCallOptions = {}): Promise<string> {
    return (await this.ok(directory, args, options)).toString("utf8").trim();
  }
}
