import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCgroupFiles } from "../../../sandbox-host/cgroup-files.ts";
import { findCgroup, hostLeaf, planCgroup } from "../../../sandbox-host/cgroup-plan.ts";
import { killAndRemove } from "../../../sandbox-host/sandbox-cgroup.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { commandLines, testToken } from "./host-fixture.ts";
import { startMain } from "./main-process.ts";

/**
 * The folder below which tests may make cgroups: `SANDBOX_TEST_CGROUP`, else the kernel's first cgroup where this process may write it; undefined
 * on a machine that has neither.
 */
export function testCgroup(): string | undefined {
  const given = process.env["SANDBOX_TEST_CGROUP"];
  if (given !== undefined) return given;
  const found = findCgroup({ mountinfo: readFileSync("/proc/self/mountinfo", "utf8"), ownCgroup: "0::/\n" });
  if ("reason" in found) return undefined;
  const { folder } = found;
  const isRoot = !existsSync(join(folder, "cgroup.type"));
  const controllers = readFileSync(join(folder, "cgroup.controllers"), "utf8");
  const plan = planCgroup({ folder, controllers, isWritable: isWritable(folder), isRoot, processes: [], lineage: [] });
  return isRoot && "move" in plan ? folder : undefined;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A host in a process and a cgroup of its own, as a service manager would start it. */
export class CgroupHost {
  readonly folder: string;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "sandbox-cgroup-"));
  readonly #env: Readonly<Record<string, string>>;
  #main: Awaited<ReturnType<typeof startMain>> | undefined;

  constructor(parent: string, env: Readonly<Record<string, string>> = {}) {
    systemCgroupFiles.write(join(parent, "cgroup.subtree_control"), "+cpu +memory +pids");
    this.folder = join(parent, `test-${crypto.randomUUID()}`);
    this.#env = env;
    mkdirSync(this.folder);
  }

  /** Starts the host, or starts it again, with the words of its output. */
  async start(): Promise<string> {
    const leaf = join(this.folder, hostLeaf);
    const procs = join(existsSync(leaf) ? leaf : this.folder, "cgroup.procs");
    const env = { PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: this.#dataDir, ...this.#env };
    this.#main = await startMain(env, undefined, ["sh", "-c", 'echo $$ > "$0" && exec "$@"', procs]);
    return this.#main.output();
  }

  get process() {
    if (this.#main === undefined) throw new Error("the host was not started");
    return this.#main;
  }

  get port() {
    return createHostSandbox({ url: this.process.url, token: testToken });
  }

  /** Ends the host at once, as a crash would. */
  async crash(): Promise<void> {
    this.process.child.kill("SIGKILL");
    await this.process.exited;
  }

  /** Ends the host in peace, and removes its cgroup. */
  async close(): Promise<void> {
    this.process.child.kill("SIGTERM");
    await this.process.exited;
    await killAndRemove(this.folder, systemCgroupFiles);
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Folders of the cgroups of open sandboxes, of all hosts that ran in this cgroup. */
  sandboxes(): readonly string[] {
    return this.trees().flatMap((tree) =>
      readdirSync(tree)
        .filter((name) => name.startsWith("sandbox-"))
        .map((name) => join(tree, name)),
    );
  }

  /** Folders of hosts' trees in this cgroup. */
  trees(): readonly string[] {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith("assembly-lime-sandboxes-"))
      .map((name) => join(this.folder, name));
  }

  /** The parts for the contract suite. */
  fixture() {
    const hiddenPaths = [this.#dataDir, process.cwd(), "/sys"];
    return { port: this.port, hiddenPaths, hostPort: 9, processes: commandLines, close: () => this.close() };
  }
}

/** A file of a cgroup as text. */
export function cgroupFile(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8").trim();
}
