import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startMain } from "./main-process.ts";
import { isReachable, prepareRuntime } from "../../../sandbox-host/runtime-files.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { countOf, descendantsOf, newMarker, startHostFixture, testToken, useHost } from "./host-fixture.ts";

const { bench, local } = useHost();

describe("sandbox host: start and end", () => {
  it("close ends every sandbox and leaves no file", async () => {
    const own = await startHostFixture();
    const marker = newMarker();
    const { id } = await own.port.open(bench.spec());
    const running = own.port
      .exec(id, ["sleep", marker], { timeoutMs: 60_000, maxOutputBytes: 10 })
      .catch(() => "ended");
    await bench.until("it runs", () => countOf(`sleep ${marker}`) > 0);
    await own.close();
    expect(await running).toBe("ended");
    expect(countOf(`sleep ${marker}`)).toBe(0);
    expect(existsSync(own.dataDir)).toBe(false);
    await expect(fetch(`${own.host.url}/v1/health`)).rejects.toThrow();
  });

  it("lists its sandboxes and ends one that nobody uses any more, and one that is too old although a command runs", async () => {
    const own = await startHostFixture({ lease: { idleMs: 1_500, maxAgeMs: 5_000 } });
    try {
      const idle = await own.port.open(bench.spec());
      const busy = await own.port.open(bench.spec());
      const startedAt = Date.now();
      const running = own.port.exec(busy.id, ["sleep", newMarker()], { timeoutMs: 60_000, maxOutputBytes: 10 });
      const ended = running.catch((error: unknown) => error);
      const ids = async () => (await own.port.listOpen()).map(({ id }) => id);
      expect(await ids()).toEqual([idle.id, busy.id]);
      await expect.poll(ids, { timeout: 4_000 }).toEqual([busy.id]);
      await expect.poll(ids, { timeout: 10_000 }).toEqual([]);
      expect(Date.now() - startedAt).toBeGreaterThan(4_500);
      expect(await ended).toMatchObject({ code: "sandbox_gone" });
      const again = await own.port.open({ ...bench.spec(), id: idle.id });
      expect(again.generation).not.toBe(idle.generation);
    } finally {
      await own.close();
    }
  });

  it("opens sandboxes under a low hard limit of open files, says so once, and refuses to start under one that is too low", async () => {
    const env = {
      PORT: "0",
      SANDBOX_HOST_TOKEN: testToken,
      SANDBOX_HOST_DATA: mkdtempSync(join(tmpdir(), "lime-low-")),
    };
    const under = (files: number) => startMain(env, undefined, ["prlimit", `--nofile=${files}:${files}`]);
    try {
      for (const files of [256, 4096]) {
        const main = await under(files);
        expect(main.output()).toContain("ready at");
        expect(main.output().match(/Max open files/gu)).toHaveLength(1);
        const port = createHostSandbox({ url: main.url, token: testToken });
        const { id } = await port.open(bench.spec());
        const limit = await port.exec(id, ["sh", "-c", "ulimit -Hn"], { timeoutMs: 20_000, maxOutputBytes: 100 });
        expect(limit).toMatchObject({ exitCode: 0, stdout: `${files}\n` });
        main.child.kill("SIGTERM");
        await main.exited;
      }
      const refused = await under(200);
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toMatch(/Max open files" of this process is 200.*raise it: LimitNOFILE=8192/u);
    } finally {
      rmSync(env.SANDBOX_HOST_DATA, { recursive: true, force: true });
    }
  });

  it("SIGKILL of the host ends every sandbox; the next start removes what it left", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sandbox-kill-"));
    chmodSync(dataDir, 0o755);
    const env = { PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: dataDir };
    try {
      const first = await startMain(env);
      const port = createHostSandbox({ url: first.url, token: testToken });
      const { id } = await port.open(bench.spec());
      const marker = newMarker();
      const script = `(env -i setsid sleep ${marker} >/dev/null 2>&1 &) ; sleep ${marker}`;
      const running = port
        .exec(id, ["sh", "-c", script], { timeoutMs: 60_000, maxOutputBytes: 10 })
        .catch((error: unknown) => error);
      await bench.until("both run", () => countOf(`sleep ${marker}`) >= 2);
      // A guest that can't see that its host is gone.
      const agent = descendantsOf(first.child.pid ?? 0).find((pid) =>
        readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").startsWith("/opt/node/bin/node"),
      );
      expect(agent).toBeDefined();
      process.kill(agent ?? 0, "SIGSTOP");
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
    const main = await startMain(
      { PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: local().dataDir },
      leaked,
    );
    try {
      expect(existsSync(`/proc/${String(main.child.pid)}/fd/40`)).toBe(true);
      const port = createHostSandbox({ url: main.url, token: testToken });
      const { id } = await port.open(bench.spec());
      const result = await port.exec(id, ["sh", "-c", "ls /proc/self/fd"], { timeoutMs: 5000, maxOutputBytes: 1000 });
      expect(result.stdout).toBe("0\n1\n2\n3\n");
    } finally {
      closeSync(leaked);
      main.child.kill("SIGTERM");
      await main.exited;
    }
  });

  it("main reports the error in one line", async () => {
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
    expect(await lineOf({ ...env, SANDBOX_HOST_DATA: "/dev/null/nowhere" })).toMatch(
      /^sandbox host: it can't start: .*\n$/,
    );
  });

  it("refuses to run without isolation, and names the remedy", async () => {
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
