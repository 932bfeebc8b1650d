import { spawn, type ChildProcess } from "node:child_process";
import type { SandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { bubblewrapArguments, statusDescriptor } from "./bubblewrap-arguments.ts";
import type { CgroupTree } from "./cgroup-tree.ts";
import { HostError } from "./errors.ts";
import { commandsDescriptor, startedInCgroup } from "./guest/join-cgroup.ts";
import { GuestLink } from "./guest-link.ts";
import { overMemory } from "./memory.ts";
import type { RuntimeFiles } from "./runtime-files.ts";
import type { SandboxCgroup } from "./sandbox-cgroup.ts";
import { unprivileged } from "./unprivileged.ts";

const startTimeoutMs = 15_000;
const keptErrorBytes = 4096;
const agentDescriptor = commandsDescriptor - 1;

/** A running bubblewrap with the guest agent inside. */
export interface SandboxProcess {
  readonly link: GuestLink;
  /** Process id, as the host sees it, of the first process of the sandbox's process namespace. */
  readonly initPid: number;
  /** Undefined on a host without cgroups. */
  readonly cgroup: SandboxCgroup | undefined;
  /** False as soon as the sandbox is about to end. */
  isAlive(): boolean;
  /** Resolves when not one process of the sandbox is left. */
  readonly exited: Promise<void>;
  /** Ends every process of the sandbox and resolves when they are gone; their files go with them. Running requests are told `why`. */
  kill(why?: string): Promise<void>;
}

/**
 * Starts a sandbox, in a cgroup of its own where `cgroups` are given, and waits until its guest answers. Throws `sandbox_failed` with
 * bubblewrap's own words.
 */
export async function startSandboxProcess(
  spec: SandboxOpenRequest,
  runtime: RuntimeFiles,
  cgroups?: CgroupTree,
): Promise<SandboxProcess> {
  const cgroup = makeCgroup(spec, cgroups);
  const args = bubblewrapArguments(spec, runtime, cgroup !== undefined);
  const child = startBubblewrap(runtime.bubblewrap, args, cgroup);
  const { stdin, stdout, stderr } = child;
  const status = child.stdio[statusDescriptor];
  if (stdin === null || stdout === null || stderr === null || status === null || status === undefined) {
    throw new HostError("sandbox_failed", "the sandbox was started without pipes");
  }
  let errors = "";
  stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("utf8")).slice(-keptErrorBytes);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      errors = error.message;
      resolve();
    });
  });
  const exited = ended.then(() => cgroup?.remove());
  let initPid: number | undefined;
  let alive = true;
  const kill = async (why?: string) => {
    if (alive && why !== undefined) link.explain(why);
    alive = false;
    cgroup?.kill();
    if (child.exitCode === null && child.signalCode === null) killEither(initPid, child);
    await exited;
  };
  const link = new GuestLink(stdout, stdin, () => {
    void kill(cgroup?.agentWasKilled() === true ? `${overMemory(spec)} and was ended` : undefined);
  });
  void ended.then(() => link.break("the sandbox ended"));
  try {
    const known = readInitPid(status, ended).then((pid) => (initPid = pid));
    const [pid] = await within(startTimeoutMs, Promise.all([known, link.call({ op: "ping" })]));
    return { link, initPid: pid, cgroup, isAlive: () => alive, exited, kill };
  } catch {
    await kill();
    throw new HostError("sandbox_failed", `the sandbox did not start: ${errors.trim() || "no answer from the guest"}`);
  }
}

function makeCgroup(spec: SandboxOpenRequest, cgroups: CgroupTree | undefined): SandboxCgroup | undefined {
  try {
    return cgroups?.make(spec);
  } catch {
    throw new HostError("sandbox_failed", "the sandbox did not start: no cgroup could be made for it");
  }
}

/** Starts bubblewrap, which joins the cgroup before it does anything. */
function startBubblewrap(bubblewrap: string, args: readonly string[], cgroup: SandboxCgroup | undefined): ChildProcess {
  // A session of its own, so that Ctrl-C in the host's terminal reaches the host first.
  const options = { ...unprivileged(), cwd: "/", env: {}, detached: true } as const;
  const pipes = ["pipe", "pipe", "pipe", "pipe"] as const;
  if (cgroup === undefined) return spawn(bubblewrap, [...args], { ...options, stdio: [...pipes] });
  const [program, joining] = startedInCgroup(agentDescriptor, bubblewrap, args);
  try {
    return cgroup.withLeaves(({ agent, commands }) =>
      spawn(program, [...joining], { ...options, stdio: [...pipes, agent, commands] }),
    );
  } catch (error) {
    void cgroup.remove();
    throw error;
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
