import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { matching } from "./fixture.ts";
import { startHostFixture, testToken, type HostFixture } from "./host-fixture.ts";
import { writeTarball } from "../../fakes/tar-writer.ts";

let fixture: HostFixture | undefined;
let worker: Awaited<ReturnType<typeof unstable_startWorker>> | undefined;
const folder = mkdtempSync(join(tmpdir(), "workerd-"));

beforeAll(async () => {
  fixture = await startHostFixture();
  const script = join(import.meta.dirname, "workerd-script.ts");
  writeFileSync(
    join(folder, "entry.mjs"),
    `import { walkThrough } from ${JSON.stringify(script)};\nexport default { fetch: walkThrough };\n`,
  );
  const config = { name: "sandbox-driver", main: "entry.mjs", compatibility_date: "2026-10-20" };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
  worker = await unstable_startWorker({
    config: join(folder, "wrangler.json"),
    bindings: {
      SANDBOX_HOST_URL: { type: "plain_text", value: fixture.host.url },
      SANDBOX_HOST_TOKEN: { type: "plain_text", value: testToken },
    },
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      watch: false,
      logLevel: "error",
      persist: false,
    },
  });
  await worker.ready;
});
afterAll(async () => {
  await worker?.dispose();
  await fixture?.close();
  rmSync(folder, { recursive: true });
});

it("the driver does in workerd what it does in Node", async () => {
  const body = writeTarball([{ path: "t/a.txt", content: "a" }]);
  const response = await worker?.fetch("http://worker/", { method: "POST", body });
  expect(await response?.json()).toEqual({
    sameGeneration: true,
    seeded: { fileCount: 1, sizeBytes: 1, missing: [] },
    command: {
      exitCode: 5,
      stdout: "in €",
      stderr: "err\n",
      truncated: false,
      timedOut: false,
      cancelled: false,
      durationMs: 0,
    },
    streamed: matching(/^(in €err\n|err\nin €|in err\n€)$/),
    cancelled: true,
    timedOut: true,
    read: [255, 128, 3],
    changes: [["new.bin", "added", "100755", 0, 255, 128]],
    listed: ["a.txt", "new.bin"],
    missing: "not_found",
    preview: "packed POST",
  });
  expect(fixture?.host.list()).toEqual([]);
});
