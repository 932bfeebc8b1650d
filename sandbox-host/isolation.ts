import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { hardLimits, loweredLimits, tooLowLimit } from "./hard-limits.ts";
import { findProgram } from "./runtime-files.ts";
import { seccompFilter } from "./seccomp.ts";
import { runsAsRoot, unprivileged } from "./unprivileged.ts";

export type IsolationCheck =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly reason: string; readonly fix: string };

/** 0.8 brought `--disable-userns`, 0.7 sized tmpfs. */
const oldestVersion = [0, 8, 0] as const;
const installFix =
  "install it: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch)";

/**
 * Whether sandboxes can be isolated on this machine, tried out with the namespaces that they use, nested as they are.
 * Returns bubblewrap's version, or the reason and what to do about it.
 */
export async function checkIsolation(): Promise<IsolationCheck> {
  if (process.platform !== "linux") {
    return {
      ok: false,
      reason: `sandboxes need Linux, this is ${process.platform}`,
      fix: "run it in a Linux virtual machine or WSL2, or point SANDBOX_HOST_URL at a sandbox host on Linux",
    };
  }
  if (seccompFilter(process.arch) === undefined) {
    return { ok: false, reason: `processors of type ${process.arch} are not supported`, fix: "use x64 or arm64" };
  }
  const bubblewrap = findProgram("bwrap");
  if (bubblewrap === undefined) return { ok: false, reason: "bubblewrap (bwrap) is not installed", fix: installFix };
  const version = /\d+\.\d+\.\d+/.exec((await run(bubblewrap, ["--version"])).output)?.[0] ?? "";
  if (!isNewEnough(version)) {
    return { ok: false, reason: `bubblewrap ${version} is too old, 0.8.0 is needed`, fix: installFix };
  }
  for (const program of ["prlimit", "git"]) {
    if (findProgram(program) === undefined) {
      return { ok: false, reason: `${program} is not installed`, fix: "apt-get install util-linux git" };
    }
  }
  const tooLow = tooLowLimit(hardLimits());
  if (tooLow !== undefined) return { ok: false, ...tooLow };
  const common = ["--unshare-user", "--unshare-pid", "--die-with-parent", "--cap-drop", "ALL"];
  const outer = ["--unshare-net", "--unshare-ipc", "--unshare-uts", "--ro-bind", "/usr", "/usr", "--proc", "/proc"];
  const links = ["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  const nested = ["--disable-userns", "--dev-bind", "/", "/", "--proc", "/proc", "--", "true"];
  const inside = ["--ro-bind", bubblewrap, "/bwrap", "--", "/bwrap"];
  const probe = await run(
    bubblewrap,
    [...common, ...outer, ...links, "--dev", "/dev", "--tmpfs", "/tmp", ...inside, ...common, ...nested],
    unprivileged(),
  );
  if (probe.exitCode === 0) return { ok: true, version };
  return { ok: false, reason: `namespaces can't be made here: ${probe.output.trim()}`, fix: fixFor(probe.output) };
}

/**
 * Installs bubblewrap with apt-get when it is missing, this process is root and the machine has apt-get; calls `say` with
 * one line when it does, and with one for each limit of this process that gives sandboxes less than they usually get. Returns what `checkIsolation` says afterwards.
 */
export async function ensureBubblewrap(say: (line: string) => void): Promise<IsolationCheck> {
  const installable = process.platform === "linux" && runsAsRoot() && existsSync("/usr/bin/apt-get");
  if (findProgram("bwrap") === undefined && installable) {
    say("bubblewrap is missing: installing it with apt-get");
    const noninteractive = { DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "--yes", "--no-install-recommends", "bubblewrap"];
    const first = await run("/usr/bin/apt-get", install, { env: noninteractive });
    if (first.exitCode !== 0) {
      await run("/usr/bin/apt-get", ["update"], { env: noninteractive });
      await run("/usr/bin/apt-get", install, { env: noninteractive });
    }
  }
  const checked = await checkIsolation();
  if (checked.ok) for (const line of loweredLimits(hardLimits())) say(line);
  return checked;
}

function isNewEnough(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, oldest] of oldestVersion.entries()) {
    const part = parts[index] ?? Number.NaN;
    if (part !== oldest) return part > oldest;
  }
  return true;
}

function fixFor(output: string): string {
  if (existsSync("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) {
    return "allow user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (/mount proc/i.test(output))
    return "run it outside a container that masks /proc, or with --security-opt systempaths=unconfined";
  return "allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1), or leave the container";
}

function run(
  program: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { env, ...identity } = options;
  return new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { ...identity, cwd: "/", timeout: 300_000, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env } },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : 1, output: `${stdout}${stderr}` });
      },
    );
  });
}
