import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { access, constants, stat } from "node:fs/promises";
import { posix } from "node:path";
import { GuestFailure } from "./failure.ts";
import { commandsDescriptor, ownCgroupFlag, startedInCgroup } from "./join-cgroup.ts";

const bubblewrap = "/opt/bubblewrap/bwrap";
const seccompFilter = "/opt/sandbox/seccomp.bpf";
/** Whether the host gave the sandbox a cgroup of its own, with a leaf for commands. */
const hasOwnCgroup = process.argv.includes(ownCgroupFlag);
const basePath = "/opt/node/bin:/usr/local/bin:/usr/bin:/bin";

/** Environment of every command, before the sandbox's and the command's own. */
export const baseEnvironment: Readonly<Record<string, string>> = {
  PATH: basePath,
  HOME: "/home/agent",
  LANG: "C.UTF-8",
  CI: "true",
};

export interface CommandSpec {
  readonly argv: readonly string[];
  /** An absolute directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A started command; `exited` resolves with its exit code once not one of its processes is left. */
export interface Command {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<number>;
  kill(): void;
}

/**
 * Starts a command in a process namespace of its own, nested in the sandbox's. When its first process (bubblewrap's
 * init) ends or is killed, the kernel kills everything in that namespace, however it was forked or detached. The command
 * sees neither the guest agent nor other commands' processes. Throws `not_found` for a bad cwd.
 */
export async function startCommand(spec: CommandSpec): Promise<Command> {
  const cwdStats = await stat(spec.cwd);
  if (!cwdStats.isDirectory()) throw new GuestFailure("not_found", `${spec.cwd} is not a directory`);
  const variables = Object.entries({ ...baseEnvironment, ...spec.env });
  // Opened for each command, because bubblewrap reads it to its end.
  const filter = openSync(seccompFilter, "r");
  try {
    const args = [
      ...["--unshare-user", "--uid", "1000", "--gid", "1000", "--disable-userns", "--unshare-pid", "--unshare-ipc"],
      ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--json-status-fd", "3", "--seccomp", "4"],
      ...["--dev-bind", "/", "/", "--proc", "/proc", "--chdir", spec.cwd, "--clearenv"],
      ...variables.flatMap(([name, value]) => ["--setenv", name, value]),
      ...["--", ...spec.argv],
    ];
    const options = { cwd: "/", env: {} } as const;
    if (!hasOwnCgroup)
      return watch(spawn(bubblewrap, args, { ...options, stdio: ["pipe", "pipe", "pipe", "pipe", filter] }));
    const [program, joining] = startedInCgroup(commandsDescriptor, bubblewrap, args);
    const stdio = ["pipe", "pipe", "pipe", "pipe", filter, commandsDescriptor] as const;
    return watch(spawn(program, [...joining], { ...options, stdio: [...stdio] }));
  } finally {
    closeSync(filter);
  }
}

function watch(child: ChildProcess): Command {
  const { stdin, stdout, stderr } = child;
  const status = child.stdio[3];
  if (stdin === null || stdout === null || stderr === null || status === null || status === undefined) {
    throw new GuestFailure("sandbox_failed", "a command was started without pipes");
  }
  let initPid: number | undefined;
  let killed = false;
  let text = "";
  const kill = () => {
    killed = true;
    if (child.exitCode !== null || child.signalCode !== null || initPid === undefined) return;
    // The namespace's init, never the monitor: the monitor's exit then proves that the namespace is empty. A command that
    // is killed while it is only starting dies as soon as its init is known.
    signal(initPid);
  };
  status.on("error", () => {});
  if ("setEncoding" in status) status.setEncoding("utf8");
  status.on("data", (chunk: unknown) => {
    text = (text + String(chunk)).slice(0, 4096);
    initPid ??= Number(/"child-pid":\s*(\d+)/.exec(text)?.[1] ?? "") || undefined;
    if (killed) kill();
  });
  stdin.on("error", () => {});
  const exited = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signalName) => resolve(killed || signalName !== null ? 137 : (code ?? 137)));
  });
  return { stdin, stdout, stderr, exited, kill };
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

/** Whether a program can be started: by path relative to the cwd, or by name in the PATH of its environment. */
export async function programExists(spec: CommandSpec): Promise<boolean> {
  const [program = ""] = spec.argv;
  const candidates = program.includes("/")
    ? [posix.resolve(spec.cwd, program)]
    : (spec.env["PATH"] ?? basePath).split(":").map((directory) => posix.resolve(spec.cwd, directory, program));
  for (const candidate of candidates) {
    const executable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable && (await stat(candidate)).isFile()) return true;
  }
  return false;
}

/** Runs a command to its end with its output collected; for the guest's own work (git). */
export async function runToEnd(
  spec: CommandSpec,
  options: { readonly stdin?: Buffer; readonly signal: AbortSignal },
): Promise<{ readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string }> {
  const command = await startCommand(spec);
  const onAbort = () => command.kill();
  options.signal.addEventListener("abort", onAbort);
  if (options.signal.aborted) command.kill();
  try {
    command.stdin.end(options.stdin);
    const [exitCode, stdout, stderr] = await Promise.all([
      command.exited,
      collect(command.stdout, 256 * 1024 * 1024),
      collect(command.stderr, 64 * 1024),
    ]);
    return { exitCode, stdout, stderr: stderr.toString("utf8") };
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}

async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk) || length > maxBytes) continue;
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  if (length > maxBytes) throw new GuestFailure("too_large", "a command of the sandbox itself printed too much");
  return Buffer.concat(chunks);
}
