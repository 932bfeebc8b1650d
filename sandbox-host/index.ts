import type { AddressInfo } from "node:net";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import type { SandboxSummary } from "../contracts/sandbox-host.ts";
import type { CgroupTree } from "./cgroup-tree.ts";
import { HostError } from "./errors.ts";
import { createHostServer } from "./http-server.ts";
import { checkIsolation } from "./isolation.ts";
import { defaultLease, defaultRoom, SandboxRegistry, type HostRoom, type SandboxLease } from "./registry.ts";
import { findProgram, prepareRuntime } from "./runtime-files.ts";
import { defaultSeedLimits, type SeedLimits } from "./seed.ts";

export { checkIsolation, ensureBubblewrap } from "./isolation.ts";
export { prepareCgroups } from "./cgroup-tree.ts";
export { defaultLease, defaultRoom } from "./registry.ts";

export interface SandboxHostOptions {
  /** 0 takes any free port of 127.0.0.1. */
  readonly port: number;
  /** A folder of the host's own, made when missing. Nothing of a sandbox is ever stored in it. */
  readonly dataDir: string;
  /** At least 16 characters. It lets its holder run commands in sandboxes. */
  readonly token: string;
  readonly seedLimits?: SeedLimits;
  /** How long a sandbox may stay; `defaultLease` when absent. */
  readonly lease?: SandboxLease;
  /** How many sandboxes it opens; `defaultRoom` when absent. */
  readonly room?: HostRoom;
  /** From `prepareCgroups`: each sandbox gets a cgroup of its own. When absent, memory is bounded by watching processes. */
  readonly cgroups?: CgroupTree;
}

export interface SandboxHost {
  /** Such as `http://127.0.0.1:4100`. */
  readonly url: string;
  list(): readonly SandboxSummary[];
  /** For callers in the host's own process, such as the local stack's CI runner. */
  readonly internals: { readonly registry: SandboxRegistry; readonly seedLimits: SeedLimits };
  /** Ends every sandbox, then the server. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox host on 127.0.0.1. Throws HostError `isolation_unavailable` with reason and fix when sandboxes can't be
 * isolated here: it never runs anything bare. Rejects with the system's error (`EADDRINUSE`) when the port is taken.
 */
export async function startSandboxHost(options: SandboxHostOptions): Promise<SandboxHost> {
  if (options.token.length < 16) throw new Error("the sandbox host's token must have at least 16 characters");
  const isolation = await checkIsolation();
  const bubblewrap = findProgram("bwrap");
  if (!isolation.ok) throw new HostError("isolation_unavailable", `${isolation.reason}; ${isolation.fix}`);
  if (bubblewrap === undefined) throw new HostError("isolation_unavailable", "bubblewrap went away");
  const runtime = await prepareRuntime(options.dataDir, bubblewrap);
  const registry = new SandboxRegistry(
    runtime,
    options.lease ?? defaultLease,
    options.room ?? defaultRoom,
    options.cgroups,
  );
  const seedLimits = options.seedLimits ?? defaultSeedLimits;
  const server = createHostServer({
    registry,
    token: options.token,
    isolation: `bubblewrap ${isolation.version}`,
    seedLimits,
  });
  const removeRuntime = () => rm(runtime.directory, { recursive: true, force: true });
  try {
    server.listen(options.port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    await removeRuntime();
    throw error;
  }
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    list: () => registry.list(),
    internals: { registry, seedLimits },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await registry.close();
      server.closeAllConnections();
      await closed;
      await options.cgroups?.close();
      await removeRuntime();
    },
  };
}
