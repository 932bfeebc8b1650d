import { lstatSync } from "node:fs";
import type { SandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { ownCgroupFlag } from "./guest/join-cgroup.ts";
import { hardLimits, sandboxOpenFiles, type HardLimits } from "./hard-limits.ts";
import { etcFileNames, type RuntimeFiles } from "./runtime-files.ts";

/** Descriptor on which bubblewrap reports its child's process id. */
export const statusDescriptor = 3;

/** V8 maps 512 MB for compiled code, writable and almost never touched, which counts as data of each node process. */
const jitReserveBytes = 576 * 1024 * 1024;

const systemFolders = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
/** Public files of /etc that programs of /usr need; nothing that says anything about the host. */
const etcFromHost = ["alternatives", "ssl/certs", "ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"];

/**
 * The command line of a sandbox: every namespace its own, no capability, read-only /usr, writable tmpfs of bounded size at
 * /workspace, /home/agent and /tmp, nothing else of the host, no network but its own loopback. `prlimit` bounds what the
 * guest agent and all commands after it may use, never more than this process itself may. With `ownCgroup` the agent is told that it can put commands into a cgroup.
 */
export function bubblewrapArguments(
  spec: SandboxOpenRequest,
  runtime: RuntimeFiles,
  ownCgroup = false,
  hard: HardLimits = hardLimits(),
): readonly string[] {
  const bind = (from: string, to: string): readonly string[] => ["--ro-bind", from, to];
  const tmpfs = (size: number, mode: string, path: string) => [
    "--perms",
    mode,
    "--size",
    String(size),
    "--tmpfs",
    path,
  ];
  const scratchBytes = Math.max(16 * 1024 * 1024, Math.floor(spec.diskBytes / 4));
  return [
    ...["--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net", "--unshare-ipc"],
    ...["--unshare-uts", "--hostname", "sandbox", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--json-status-fd", String(statusDescriptor)],
    ...["--ro-bind", "/usr", "/usr", ...systemFolders.flatMap(systemFolder)],
    ...["--proc", "/proc", "--dev", "/dev", ...tmpfs(scratchBytes, "1777", "/dev/shm"), "--remount-ro", "/dev"],
    ...["--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/opt", "--perms", "0755", "--dir", "/home"],
    ...["--perms", "0755", "--dir", "/opt/node", "--perms", "0755", "--dir", "/opt/node/bin"],
    ...etcFromHost.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...etcFileNames.flatMap((name) => ["--symlink", `/opt/sandbox/etc/${name}`, `/etc/${name}`]),
    ...tmpfs(spec.diskBytes, "0755", "/workspace"),
    ...tmpfs(scratchBytes, "0755", "/home/agent"),
    ...tmpfs(scratchBytes, "1777", "/tmp"),
    ...["--dir", "/run", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"],
    ...bind(runtime.directory, "/opt/sandbox"),
    ...bind(runtime.node, "/opt/node/bin/node"),
    ...bind(runtime.bubblewrap, "/opt/bubblewrap/bwrap"),
    ...(runtime.npm === undefined ? [] : npm(bind(runtime.npm, "/opt/node/lib/node_modules/npm"))),
    ...["--remount-ro", "/", "--chdir", "/workspace", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--"],
    ...["prlimit", `--nproc=${String(Math.min(spec.maxProcesses, hard.processes))}`],
    `--data=${String(Math.min(spec.memoryBytes + jitReserveBytes, hard.dataBytes))}`,
    ...["--core=0", `--nofile=${String(Math.min(sandboxOpenFiles, hard.openFiles))}`, "--memlock=0", "--"],
    ...["/opt/node/bin/node", "--disable-sigusr1", "/opt/sandbox/guest/agent.mjs"],
    ...(ownCgroup ? [ownCgroupFlag] : []),
  ];
}

function npm(bound: readonly string[]): readonly string[] {
  const link = (name: string) => ["--symlink", `../lib/node_modules/npm/bin/${name}-cli.js`, `/opt/node/bin/${name}`];
  return [...bound, ...link("npm"), ...link("npx")];
}

/** /bin and its like: a link on systems where /usr holds all, else a folder of its own. */
function systemFolder(name: string): readonly string[] {
  try {
    if (lstatSync(`/${name}`).isSymbolicLink()) return ["--symlink", `usr/${name}`, `/${name}`];
    return ["--ro-bind", `/${name}`, `/${name}`];
  } catch {
    return [];
  }
}
