import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startSandboxHost, type SandboxHost, type SandboxHostOptions } from "../../../sandbox-host/index.ts";
import type { SandboxInventory, SandboxPort } from "../../../worker/ports/sandbox.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { Bench, type ContractFixture } from "./fixture.ts";

export const testToken = "a-token-for-tests-only";

export interface HostFixture extends ContractFixture {
  readonly port: SandboxPort & SandboxInventory;
  readonly host: SandboxHost;
  readonly dataDir: string;
}

/** A real sandbox host on a free port with its own folder, and the Worker's driver connected to it. */
export async function startHostFixture(options: Partial<SandboxHostOptions> = {}): Promise<HostFixture> {
  const dataDir = mkdtempSync(join(tmpdir(), "sandbox-host-"));
  const host = await startSandboxHost({ port: 0, dataDir, token: testToken, ...options });
  const neighbour = createServer((_request, response) => response.end("the host's own"));
  const hostPort = await new Promise<number>((resolve) => {
    neighbour.listen(0, "127.0.0.1", () => {
      const address = neighbour.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port: createHostSandbox({ url: host.url, token: testToken }),
    host,
    dataDir,
    hiddenPaths: [
      dataDir,
      homedir(),
      process.cwd(),
      import.meta.filename,
      "/etc/shadow",
      "/var/lib",
      "/sys",
      "/etc/hostname",
    ],
    hostPort,
    processes: commandLines,
    close: async () => {
      await host.close();
      neighbour.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Command lines of all processes of this machine. */
export function commandLines(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}

/** Counts the processes of this machine that have the text in their command line. */
export function countOf(text: string): number {
  return commandLines().filter((line) => line.includes(text)).length;
}

/** Process ids below a process, parents first. */
export function descendantsOf(root: number): readonly number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        return { pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) };
      } catch {
        return { pid: 0, parent: -1 };
      }
    });
  const childrenOf = (parent: number): readonly number[] =>
    parents.filter((entry) => entry.parent === parent).flatMap(({ pid }) => [pid, ...childrenOf(pid)]);
  return childrenOf(root);
}

/** A number of seconds for `sleep` that no other process has. */
export function newMarker(): string {
  return `6${String(Math.floor(Math.random() * 1e9))}`;
}

/** Starts one host for the tests of a file, and a bench on it. */
export function useHost(options: Partial<SandboxHostOptions> = {}): {
  readonly bench: Bench;
  readonly local: () => HostFixture;
} {
  let fixture: HostFixture | undefined;
  beforeAll(async () => {
    fixture = await startHostFixture(options);
  });
  afterAll(async () => fixture?.close());
  const local = (): HostFixture => {
    if (fixture === undefined) throw new Error("the host did not start");
    return fixture;
  };
  return { bench: new Bench(local), local };
}
