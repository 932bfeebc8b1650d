import { join } from "node:path";
import { ensureBubblewrap, startSandboxHost } from "./index.ts";

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

const isolation = await ensureBubblewrap(say);
if (!isolation.ok) fail(`${isolation.reason}; ${isolation.fix}`);
try {
  const host = await startSandboxHost({ port, dataDir, token });
  const stop = () => void host.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  say(`ready at ${host.url}, isolated by bubblewrap ${isolation.version}`);
} catch (error) {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    fail(`port ${String(port)} is taken: set PORT to another one`);
  }
  fail(`it can't start: ${error instanceof Error ? error.message : String(error)}`);
}
