import { spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCiRunner, startSandboxHost } from "../../../local/sandbox/index.ts";
import { isReachable, prepareRuntime } from "../../../local/sandbox/runtime-files.ts";
import { createLocalSandbox } from "../../../worker/adapters/local-sandbox/index.ts";
import { Bench, sleep } from "./fixture.ts";
import { commandLines, startLocalFixture, testToken, type LocalFixture } from "./local-fixture.ts";
import { writeTarball } from "./tar-writer.ts";

const mainScript = join(import.meta.dirname, "../../../local/sandbox/main.ts");
const countOf = (text: string) => commandLines().filter((line) => line.includes(text)).length;
const newMarker = () => `6${String(Math.floor(Math.random() * 1e9))}`;

let fixture: LocalFixture | undefined;
beforeAll(async () => {
  fixture = await startLocalFixture({ seedLimits: { maxBytes: 1_000_000, maxFiles: 50 } });
});
afterAll(async () => fixture?.close());
const local = (): LocalFixture => {
  if (fixture === undefined) throw new Error("the host did not start");
  return fixture;
};
const bench = new Bench(local);

/** Starts main.ts as a process of its own and waits until it says that it is ready. */
async function startMain(env: Readonly<Record<string, string>>, inherited?: number, wrapper: readonly string[] = []) {
  const extra = inherited === undefined ? [] : [...Array.from({ length: 37 }, () => "ignore" as const), inherited];
  const [program = "", ...args] = [...wrapper, process.execPath, mainScript];
  const child = spawn(program, args, {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe", ...extra],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await Promise.race([exited, bench.until("ready", () => output.includes("ready at"), 15_000)]);
  return { child, exited, output: () => output, url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "" };
}

describe("sandbox host: tokens", () => {
  it.each(["", "Bearer", "Bearer wrong", `Bearer ${testToken}x`, `Basic ${testToken}`, testToken])(
    "answers 401 to the authorization %j on every route",
    async (authorization) => {
      const id = await bench.open();
      for (const [method, path] of [
        ["GET", "/v1/health"],
        ["GET", "/v1/sandboxes"],
        ["POST", "/v1/sandboxes/other"],
        ["GET", `/v1/sandboxes/${id}/list?dir=`],
        ["POST", `/v1/sandboxes/${id}/exec`],
        ["DELETE", `/v1/sandboxes/${id}`],
        ["GET", "/nowhere"],
      ] as const) {
        const response = await fetch(local().host.url + path, { method, headers: authorization === "" ? {} : { authorization } });
        expect(response.status, path).toBe(401);
        expect(await response.json()).toMatchObject({ code: "unauthorized", status: 401 });
      }
      expect((await bench.exec(id, ["true"])).exitCode).toBe(0);
    },
  );

  it("is a permanent PortError in the driver", async () => {
    const port = createLocalSandbox({ url: local().host.url, token: "another-token-altogether" });
    await expect(port.open(bench.spec())).rejects.toMatchObject({ name: "PortError", kind: "permanent", code: "unauthorized" });
  });

  it("refuses to start with a short token", async () => {
    await expect(startSandboxHost({ port: 0, dataDir: local().dataDir, token: "short" })).rejects.toThrow(/16 characters/);
  });
});

describe("sandbox host: requests", () => {
  const send = (method: string, path: string, body?: string) =>
    fetch(local().host.url + path, { method, headers: { authorization: `Bearer ${testToken}` }, ...(body === undefined ? {} : { body }) });

  it("tells its health and its sandboxes", async () => {
    const id = await bench.open();
    expect(await (await send("GET", "/v1/health")).json()).toMatchObject({ ok: true, isolation: expect.stringMatching(/^bubblewrap/) });
    const running = bench.exec(id, ["sleep", "1"]);
    await bench.until("the command is counted", async () => {
      const answer = await (await send("GET", "/v1/sandboxes")).text();
      return answer.includes('"runningCommands":1') && !answer.includes('"processes":0');
    });
    expect(local().host.list().map((entry) => entry.id)).toContain(id);
    await running;
  });

  it.each([
    ["POST", "/v1/sandboxes/ID/exec", "{", 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"argv":[]}', 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"execId":"a","argv":["true"],"timeoutMs":-1,"maxOutputBytes":1}', 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"execId":"a","argv":["tr\\u0000ue"],"timeoutMs":1000,"maxOutputBytes":1}', 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"execId":"a","argv":["true"],"env":{"A=B":"x"},"timeoutMs":1000,"maxOutputBytes":1}', 400],
    ["POST", "/v1/sandboxes/new-one", '{"env":{},"memoryBytes":1,"diskBytes":1,"maxProcesses":0}', 400],
    ["POST", "/v1/sandboxes/UPPER", "{}", 400],
    ["GET", "/v1/sandboxes/ID/list", undefined, 400],
    ["GET", "/v1/sandboxes/ID/file?path=a&offset=-1", undefined, 400],
    ["POST", "/v1/sandboxes/ID/ports/0", undefined, 404],
    ["POST", "/v1/sandboxes/ID/ports/70000", undefined, 404],
    ["POST", "/v1/sandboxes/ID/ports/80", undefined, 400],
    ["PATCH", "/v1/sandboxes/ID", undefined, 404],
    ["GET", "/v1/sandboxes/ID/nothing", undefined, 404],
    ["GET", "/", undefined, 404],
  ])("answers %s %s %s with %i and lives on", async (method, path, body, status) => {
    const id = await bench.open();
    const response = await send(method, path.replace("ID", id), body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, kind: "permanent" });
    expect((await bench.exec(id, ["true"])).exitCode).toBe(0);
  });

  it("kills a command whose client goes away", async () => {
    const id = await bench.open();
    const marker = newMarker();
    const body = JSON.stringify({ execId: "left", argv: ["sleep", marker], timeoutMs: 60_000, maxOutputBytes: 10 });
    const request = httpRequest(`${local().host.url}/v1/sandboxes/${id}/exec`, {
      method: "POST",
      headers: { authorization: `Bearer ${testToken}` },
    });
    request.on("error", () => {});
    request.end(body);
    await bench.until("it runs", () => countOf(`sleep ${marker}`) > 0);
    request.destroy();
    await bench.until("it is killed", () => countOf(`sleep ${marker}`) === 0);
  });

  it("bounds a seed by size and by count", async () => {
    const id = await bench.open();
    const big = [{ path: "t/zeros", content: new Uint8Array(2_000_000) }];
    await expect(bench.seed(id, "repo", big)).rejects.toMatchObject({ code: "too_large", kind: "permanent" });
    const many = Array.from({ length: 60 }, (_, index) => ({ path: `t/${String(index)}`, content: "" }));
    await expect(bench.seed(id, "repo", many)).rejects.toMatchObject({ code: "too_large" });
    const folders = Array.from({ length: 300 }, (_, index) => ({ path: `t/${String(index)}/`, type: "5" }));
    await expect(bench.seed(id, "repo", folders)).rejects.toMatchObject({ code: "too_large" });
  });

  it("a sandbox whose guest dies is gone, and opens again as another generation", async () => {
    const spec = bench.spec();
    const { generation } = await bench.port.open(spec);
    local().host.internals.registry.get(spec.id).process.link.break("test");
    await bench.until("it is gone", async () => {
      const error = await bench.exec(spec.id, ["true"]).catch((caught: unknown) => caught);
      return error instanceof Error && "code" in error && error.code === "sandbox_gone";
    });
    expect((await bench.port.open(spec)).generation).not.toBe(generation);
  });
});

describe("sandbox host: the driver and a host that fails", () => {
  it("says host_unreachable when nobody listens", async () => {
    const port = createLocalSandbox({ url: "http://127.0.0.1:9", token: testToken });
    const unreachable = { name: "PortError", kind: "transient", code: "host_unreachable" };
    await expect(port.open(bench.spec())).rejects.toMatchObject(unreachable);
    await expect(port.exec("x", ["true"], { timeoutMs: 1, maxOutputBytes: 1 })).rejects.toMatchObject(unreachable);
  });

  it("says host_unreachable when the answer breaks off, and bad_answer when it doesn't fit", async () => {
    const answers: readonly string[] = ['{"type":"output","stream":"stdout","text":"x"}\n', '{"type":"exit","exitCode":"zero"}\n', "<html>\n"];
    const codes: unknown[] = [];
    for (const answer of answers) {
      const server = createServer((_request, response) => response.end(answer));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const url = `http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}`;
      const port = createLocalSandbox({ url, token: testToken });
      const error: unknown = await port.exec("x", ["true"], { timeoutMs: 1000, maxOutputBytes: 1 }).catch((caught: unknown) => caught);
      codes.push(error instanceof Error && "code" in error ? error.code : error);
      await expect(port.open(bench.spec())).rejects.toMatchObject({ name: "PortError" });
      server.close();
    }
    expect(codes).toEqual(["host_unreachable", "bad_answer", "bad_answer"]);
  });
});

describe("sandbox host: what namespaces don't separate", () => {
  it("filters system calls: no kernel log, no kernel keyring", async () => {
    const id = await bench.open();
    expect((await bench.exec(id, ["cat", "/proc/self/status"])).stdout).toMatch(/^Seccomp:\s*2$/m);
    expect(await bench.exec(id, ["dmesg"])).toMatchObject({ stdout: "", stderr: expect.stringContaining("not permitted") });
    const keyctl = process.arch === "arm64" ? 219 : 250;
    const perl = `print syscall(${String(keyctl)}, 0, -3, 0) == -1 ? "refused: $!" : "a keyring"`;
    if (existsSync("/usr/bin/perl")) expect((await bench.exec(id, ["perl", "-e", perl])).stdout).toBe("refused: Operation not permitted");
  });
});

describe("sandbox host: start and end", () => {
  it("close ends every sandbox and leaves no file", async () => {
    const own = await startLocalFixture();
    const marker = newMarker();
    const { id } = await own.port.open(bench.spec());
    const running = own.port.exec(id, ["sleep", marker], { timeoutMs: 60_000, maxOutputBytes: 10 }).catch(() => "ended");
    await bench.until("it runs", () => countOf(`sleep ${marker}`) > 0);
    await own.close();
    expect(await running).toBe("ended");
    expect(countOf(`sleep ${marker}`)).toBe(0);
    expect(existsSync(own.dataDir)).toBe(false);
    await expect(fetch(`${own.host.url}/v1/health`)).rejects.toThrow();
  });

  it("SIGKILL of the host ends every sandbox; the next start removes what it left", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sandbox-kill-"));
    chmodSync(dataDir, 0o755);
    const env = { PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: dataDir };
    try {
      const first = await startMain(env);
      const port = createLocalSandbox({ url: first.url, token: testToken });
      const { id } = await port.open(bench.spec());
      const marker = newMarker();
      const script = `(env -i setsid sleep ${marker} >/dev/null 2>&1 &) ; sleep ${marker}`;
      const running = port.exec(id, ["sh", "-c", script], { timeoutMs: 60_000, maxOutputBytes: 10 }).catch((error: unknown) => error);
      await bench.until("both run", () => countOf(`sleep ${marker}`) >= 2);
      first.child.kill("SIGKILL");
      await first.exited;
      expect(await running).toMatchObject({ kind: "transient", code: "host_unreachable" });
      await bench.until("no process is left", () => countOf(marker) === 0);
      expect(readdirSync(dataDir).length).toBe(1);
      const second = await startMain(env);
      expect(readdirSync(dataDir).length).toBe(1);
      second.child.kill("SIGTERM");
      expect(await second.exited).toBe(0);
      expect(readdirSync(dataDir)).toEqual([]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it("hands a command no descriptor but its three streams, whatever the host inherited", async () => {
    const leaked = openSync("/", "r");
    const main = await startMain({ PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: local().dataDir }, leaked);
    try {
      expect(existsSync(`/proc/${String(main.child.pid)}/fd/40`)).toBe(true);
      const port = createLocalSandbox({ url: main.url, token: testToken });
      const { id } = await port.open(bench.spec());
      const result = await port.exec(id, ["sh", "-c", "ls /proc/self/fd"], { timeoutMs: 5000, maxOutputBytes: 1000 });
      expect(result.stdout).toBe("0\n1\n2\n3\n");
    } finally {
      closeSync(leaked);
      main.child.kill("SIGTERM");
      await main.exited;
    }
  });

  it("main says in one line what is wrong", async () => {
    const env = { SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: local().dataDir };
    const lineOf = async (settings: Readonly<Record<string, string>>, wrapper: readonly string[] = []) => {
      const main = await startMain(settings, undefined, wrapper);
      expect(await main.exited).toBe(1);
      return main.output();
    };
    const { hostPort } = local();
    expect(await lineOf({})).toBe("sandbox host: set SANDBOX_HOST_TOKEN to a secret of at least 16 characters\n");
    expect(await lineOf({ ...env, PORT: "x" })).toBe("sandbox host: PORT is not a port number\n");
    expect(await lineOf({ ...env, PORT: String(hostPort) })).toBe(
      `sandbox host: port ${String(hostPort)} is taken: set PORT to another one\n`,
    );
    expect(await lineOf({ ...env, SANDBOX_HOST_DATA: "/dev/null/nowhere" })).toMatch(/^sandbox host: it can't start: .*\n$/);
  });

  it("refuses to run without isolation, and says what to do", async () => {
    const env = { SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: local().dataDir, PORT: "0" };
    const asUser = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--dev-bind", "/", "/"];
    const forbidden = await startMain(env, undefined, [...asUser, "--disable-userns", "--"]);
    expect(await forbidden.exited).toBe(1);
    expect(forbidden.output()).toMatch(/^sandbox host: namespaces can't be made here: .*; allow user namespaces.*\n$/s);
    const missing = await startMain(env, undefined, [...asUser, "--ro-bind", "/dev/null", "/usr/bin/bwrap", "--"]);
    expect(await missing.exited).toBe(1);
    expect(missing.output()).toMatch(/^sandbox host: bubblewrap \(bwrap\) is not installed; install it: .*\n$/);
  });

  it("binds copies when its own folders are closed to other users", async () => {
    const closed = mkdtempSync(join(tmpdir(), "closed-"));
    try {
      mkdirSync(join(closed, "open"), { mode: 0o755 });
      const file = join(closed, "open", "bwrap");
      writeFileSync(file, "a program", { mode: 0o755 });
      expect(isReachable(file)).toBe(false);
      expect(isReachable("/usr/bin/env")).toBe(true);
      const runtime = await prepareRuntime(join(closed, "data"), file);
      if (process.getuid?.() === 0) {
        expect(runtime.bubblewrap).not.toBe(file);
        expect(isReachable(runtime.directory)).toBe(true);
        expect(isReachable(runtime.bubblewrap)).toBe(true);
      } else {
        expect(runtime.bubblewrap).toBe(file);
      }
      expect(readFileSync(runtime.bubblewrap, "utf8")).toBe("a program");
      rmSync(runtime.directory, { recursive: true });
    } finally {
      rmSync(closed, { recursive: true });
    }
  });
});

describe("CI runner", () => {
  const tarball = writeTarball([{ path: "t/test.sh", content: "echo out; echo err >&2; exit 4\n" }]);

  it("runs a command on a tarball and leaves no sandbox", async () => {
    const runner = createCiRunner(local().host);
    const before = local().host.list().length;
    let log = "";
    const outcome = await runner.run({ tarball, command: "sh test.sh", timeoutMs: 10_000, onOutput: (text) => (log += text) });
    expect(outcome).toEqual({ exitCode: 4, timedOut: false, cancelled: false });
    expect(log.split("\n").sort()).toEqual(["", "err", "out"]);
    expect(local().host.list().length).toBe(before);
  });

  it("ends at the timeout, at the signal, and with an error for a bad archive", async () => {
    const runner = createCiRunner(local().host);
    const job = { tarball, command: "sleep 30", onOutput: () => {} };
    expect(await runner.run({ ...job, timeoutMs: 300 })).toMatchObject({ timedOut: true, exitCode: 137 });
    const control = new AbortController();
    const running = runner.run({ ...job, timeoutMs: 20_000, signal: control.signal });
    await sleep(300);
    control.abort();
    expect(await running).toMatchObject({ cancelled: true });
    await expect(runner.run({ ...job, tarball: new Uint8Array(10), timeoutMs: 1000 })).rejects.toMatchObject({ code: "invalid_archive" });
    expect(local().host.list().filter(({ id }) => id.startsWith("ci-"))).toEqual([]);
  });
});
