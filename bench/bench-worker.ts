import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "..");

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
