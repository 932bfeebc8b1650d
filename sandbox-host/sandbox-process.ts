import { spawn, type ChildProcess } from "node:child_process";
import type { SandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { bubblewrapArguments, statusDescriptor } from "./bubblewrap-arguments.ts";
import { HostError } from "./errors.ts";
import { GuestLink } from "./guest-link.ts";
import type { RuntimeFiles } from "./runtime-files.ts";
import { unprivileged } from "./unprivileged.ts";

const startTimeoutMs = 15_000;
const keptErrorBytes = 4096;

/** A running bubblewrap with the guest agent inside. */
export interface SandboxProcess {
  readonly link: GuestLink;
  /** Process id, as the host sees it, of the first process of the sandbox's process namespace. */
  readonly initPid: number;
  /** False as soon as the sandbox is about to end. */
  isAlive(): boolean;
  /** Resolves when not one process of the sandbox is left. */
  readonly exited: Promise<void>;
  /** Ends every process of the sandbox and resolves when they are gone; their files go with them. */
  kill(): Promise<void>;
}

/** Starts a sandbox and waits until its guest answers. Throws `sandbox_failed` with bubblewrap's own words. */
export async function startSandboxProcess(spec: SandboxOpenRequest, runtime: RuntimeFiles): Promise<SandboxProcess> {
  const child = spawn(runtime.bubblewrap, [...bubblewrapArguments(spec, runtime)], {
    ...unprivileged(),
    cwd: "/",
    env: {},
    // A session of its own, so that Ctrl-C in the host's terminal reaches the host first.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  const status = child.stdio[statusDescriptor];
  if (stdin === null || stdout === null || stderr === null || status === null || status === undefined) {
    throw new HostError("sandbox_failed", "the sandbox was started without pipes");
  }
  let errors = "";
  stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("utf8")).slice(-keptErrorBytes);
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      errors = error.message;
      resolve();
    });
  });
  let initPid: number | undefined;
  let alive = true;
  const kill = async () => {
    alive = false;
    if (child.exitCode === null && child.signalCode === null) killEither(initPid, child);
    await exited;
  };
  const link = new GuestLink(stdout, stdin, () => void kill());
  void exited.then(() => link.break("the sandbox ended"));
  try {
    const known = readInitPid(status, exited).then((pid) => (initPid = pid));
    const [pid] = await within(startTimeoutMs, Promise.all([known, link.call({ op: "ping" })]));
    return { link, initPid: pid, isAlive: () => alive, exited, kill };
  } catch {
    await kill();
    throw new HostError("sandbox_failed", `the sandbox did not start: ${errors.trim() || "no answer from the guest"}`);
  }
}

/** Kills the namespace's first process, with which the kernel ends all others; the monitor's exit then proves it. */
function killEither(initPid: number | undefined, child: ChildProcess): void {
  try {
    if (initPid !== undefined && process.kill(initPid, "SIGKILL")) return;
  } catch {
    // Already gone.
  }
  child.kill("SIGKILL");
}

function readInitPid(status: NodeJS.ReadableStream | NodeJS.WritableStream, exited: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    status.on("error", () => {});
    status.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("utf8")).slice(0, 4096);
      const pid = Number(/"child-pid":\s*(\d+)/.exec(text)?.[1] ?? 0);
      if (pid > 0) resolve(pid);
    });
    void exited.then(() => reject(new Error("ended before it started")));
  });
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
