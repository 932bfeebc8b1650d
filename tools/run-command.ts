import { spawn } from "node:child_process";

/** The result of a command. `exitCode` is undefined when it was ended for time or could not be started. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

const running = new Set<number>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const pid of running) endGroup(pid);
    process.exit(1);
  });
}

/**
 * Runs a program without a shell and without input, in a process group of its own, which is ended whole after `timeoutMs`
 * or when this process is told to end.
 * Never throws: a program that can't be started is a result without an exit code.
 *
 * @param options.show also passes output through as it comes
 */
export function runCommand(
  argv: readonly [string, ...string[]],
  options: {
    readonly cwd: string;
    readonly timeoutMs: number;
    readonly show?: boolean;
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<CommandResult> {
  const [program, ...args] = argv;
  const startedAt = performance.now();
  const chunks: Buffer[] = [];
  let timedOut = false;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const keep =
      (shown: NodeJS.WriteStream) =>
      (chunk: Buffer): void => {
        chunks.push(chunk);
        if (options.show === true) shown.write(chunk);
      };
    child.stdout.on("data", keep(process.stdout));
    child.stderr.on("data", keep(process.stderr));
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const timer = setTimeout(() => {
      timedOut = true;
      if (pid !== undefined) endGroup(pid);
    }, options.timeoutMs);
    const settle = (exitCode: number | undefined, note = ""): void => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      const output = Buffer.concat(chunks).toString("utf8") + note;
      resolve({
        exitCode: timedOut ? undefined : exitCode,
        output,
        durationMs: performance.now() - startedAt,
        timedOut,
      });
    };
    child.once("error", (error) => settle(undefined, `${program}: ${error.message}\n`));
    child.once("close", (code) => settle(code ?? undefined));
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in between.
  }
}

/** A duration as people read it: `850 ms`, `12.3 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
