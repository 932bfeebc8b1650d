import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leftAfter, processesOf } from "./processes.ts";

/* The command `npm start` as a person uses it: its lines, its end, and that nothing outlives it. */
const root = path.resolve(import.meta.dirname, "../..");
const starter = path.join(root, "local/stack/start.mjs");
let dataDir: string;
let child: Started | undefined;

interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    PORT: "0",
    ALIME_DATA_DIR: dataDir,
    ...extra,
  };
}

function launch(): Started {
  const started = spawn(process.execPath, [starter], {
    cwd: root,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [started.stdout, started.stderr])
    stream.on("data", (piece: Buffer) => (output += piece.toString()));
  child = {
    process: started,
    output: () => output,
    exited: once(started, "exit").then(([code]) => (typeof code === "number" ? code : null)),
  };
  return child;
}

async function ready(): Promise<Started> {
  const started = launch();
  await expect
    .poll(() => started.output(), { timeout: 120_000, interval: 50 })
    .toMatch(/Open http:\/\/127\.0\.0\.1:\d+ and sign in as lime-dev\n/);
  return started;
}

/** One run of a command to its end, with the exit code and its whole output. */
function run(
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [starter, ...args], {
    cwd: root,
    env: environment(extra),
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  return { code: status, text: stdout + stderr };
}

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-supervisor-"));
});

afterEach(async () => {
  child?.process.kill("SIGKILL");
  child = undefined;
  expect(await leftAfter(dataDir, 5000)).toEqual([]);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

test("a start says each part, refuses a second one and a reset, and Ctrl-C ends all of it within 3 s", async () => {
  const started = await ready();
  for (const part of [
    "Isolation",
    "Sandbox host",
    "Forge",
    "Model",
    "Database",
    "Web app",
    "Bundle",
    "Worker",
    "Sample data",
  ]) {
    expect(started.output()).toMatch(new RegExp(`^  ✓ ${part} .* \\d+\\.\\d s$`, "m"));
  }
  const second = run([]);
  expect(second.code).toBe(1);
  expect(second.text).toMatch(/already running here \(process \d+\)/);
  expect(run(["reset"])).toMatchObject({ code: 1, text: expect.stringMatching(/is running .* end it first/) });

  const before = Date.now();
  started.process.kill("SIGINT");
  expect(await started.exited).toBe(0);
  expect(await leftAfter(dataDir, 3000 - (Date.now() - before))).toEqual([]);

  const again = await ready();
  expect(again.output()).toMatch(/Sample data +kept: project LIME/);
  again.process.kill("SIGTERM");
  expect(await again.exited).toBe(0);
  expect(run(["reset"])).toMatchObject({ code: 0, text: expect.stringMatching(/^Cleared /) });
});

test.each(["the Worker's whole group", "every workerd, so that wrangler hangs"])(
  "when %s is killed the start says so in one line and ends with code 1",
  async (what) => {
    const started = await ready();
    const runtimes = processesOf(dataDir).filter((info) => info.command.includes("workerd serve"));
    expect(runtimes.length).toBeGreaterThan(0);
    for (const runtime of runtimes) process.kill(what.startsWith("every") ? runtime.pid : -runtime.group, "SIGKILL");
    expect(await started.exited).toBe(1);
    expect(started.output()).toMatch(/ended unexpectedly\. Nothing is lost: start again with npm start\.\n$/);
  },
);

test("when the supervisor itself is killed, its parts end too", async () => {
  const started = await ready();
  started.process.kill("SIGKILL");
  await started.exited;
  expect(await leftAfter(dataDir, 3000)).toEqual([]);
});

test("a taken port, a missing git and a folder that can't be written are one line each", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const line = (text: string): string => text.replace("Assembly Lime\n", "");
  const taken = run([], { PORT: String(port) });
  server.close();
  expect(taken.code).toBe(1);
  expect(line(taken.text)).toMatch(new RegExp(`^Port ${port} is taken.*PORT=9000 npm start\n$`));
  const noGit = run([], { PATH: "/nonexistent" });
  expect(noGit.code).toBe(1);
  expect(line(noGit.text)).toMatch(/^git is missing: install it .*\n$/);
  const noFolder = run([], { ALIME_DATA_DIR: "/proc/nothing" });
  expect(noFolder.code).toBe(1);
  expect(line(noFolder.text)).toMatch(/^The data folder \/proc\/nothing can't be written.*ALIME_DATA_DIR=.*\n$/);
  expect(run([], { PORT: "http" }).text).toMatch(/PORT must be a number/);
});
