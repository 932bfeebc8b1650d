import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "..");

/** A port that was free a moment ago, so that benches side by side never measure each other's Worker. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** Starts the bench Worker under wrangler dev; `close` ends its process group and removes its storage. */
export async function startBenchWorker(port: number): Promise<{ readonly url: string; close(): void }> {
  const dir = mkdtempSync(path.join(tmpdir(), "lime-bench-"));
  const args = [
    "dev",
    "-c",
    path.join(root, "bench/worker/wrangler.toml"),
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--inspector-port",
    "0",
    "--persist-to",
    dir,
  ];
  const child = spawn(
    process.execPath,
    [
      path.join(root, "node_modules/wrangler/bin/wrangler.js"),
      ...args,
      "--show-interactive-dev-session=false",
      "--log-level",
      "error",
    ],
    {
      cwd: root,
      detached: true,
      stdio: "ignore",
    },
  );
  const close = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 150; attempt += 1) {
    try {
      await fetch(`${url}/bare/warm/emit`);
      await fetch(`${url}/product/warm/emit`);
      return { url, close };
    } catch {
      await sleep(200);
    }
  }
  close();
  throw new Error("the bench Worker did not start");
}
