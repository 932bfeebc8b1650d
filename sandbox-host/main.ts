import { join } from "node:path";
import { defaultLease, defaultRoom, ensureBubblewrap, prepareCgroups, startSandboxHost } from "./index.ts";

/**
 * The self-hosted sandbox host: `SANDBOX_HOST_TOKEN=... PORT=4100 node sandbox-host/main.ts`. It listens on 127.0.0.1; put a
 * TLS proxy before it to reach it from elsewhere. Ends all sandboxes on SIGINT and SIGTERM.
 */
const defaultPort = 4100;
const say = (line: string) => process.stdout.write(`sandbox host: ${line}\n`);

function fail(line: string): never {
  process.stderr.write(`sandbox host: ${line}\n`);
  process.exit(1);
}

const token = process.env["SANDBOX_HOST_TOKEN"] ?? "";
if (token.length < 16) fail("set SANDBOX_HOST_TOKEN to a secret of at least 16 characters");
const port = Number(process.env["PORT"] ?? defaultPort);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail("PORT is not a port number");
const dataDir = process.env["SANDBOX_HOST_DATA"] ?? join(import.meta.dirname, "..", ".data", "sandbox-host");

/** A setting in whole units; `fallback` when it is absent. */
function setting(name: string, fallback: number): number {
  const text = process.env[name] ?? "";
  if (text === "") return fallback;
  if (!/^[1-9]\d{0,5}$/.test(text)) fail(`${name} is not a whole number from 1 on`);
  return Number(text);
}
const lease = {
  idleMs: setting("SANDBOX_HOST_IDLE_MINUTES", defaultLease.idleMs / 60_000) * 60_000,
  maxAgeMs: setting("SANDBOX_HOST_MAX_HOURS", defaultLease.maxAgeMs / 3_600_000) * 3_600_000,
};
const room = { ...defaultRoom, maxSandboxes: setting("SANDBOX_HOST_MAX_SANDBOXES", defaultRoom.maxSandboxes) };

const isolation = await ensureBubblewrap(say);
if (!isolation.ok) fail(`${isolation.reason}; ${isolation.fix}`);
const cpus = setting("SANDBOX_HOST_CPUS", 0);
const cgroups = await prepareCgroups(cpus === 0 ? {} : { cpus });
try {
  const host = await startSandboxHost({
    ...{ port, dataDir, token, lease, room },
    ...(cgroups.ok ? { cgroups: cgroups.tree } : {}),
  });
  const stop = () => void host.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  say(
    cgroups.ok
      ? `each sandbox is limited by a cgroup of its own below ${cgroups.tree.folder}, with ${String(cgroups.tree.cpus)} processors`
      : `memory is limited by watching processes, since ${cgroups.reason}`,
  );
  say(`ready at ${host.url}, isolated by bubblewrap ${isolation.version}`);
} catch (error) {
  if (cgroups.ok) await cgroups.tree.close();
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    fail(`port ${String(port)} is taken: set PORT to another one`);
  }
  fail(`it can't start: ${error instanceof Error ? error.message : String(error)}`);
}
