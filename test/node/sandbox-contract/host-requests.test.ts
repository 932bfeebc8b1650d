import { existsSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { checkIsolation, startSandboxHost } from "../../../sandbox-host/index.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { matching } from "./fixture.ts";
import { countOf, newMarker, testToken, useHost } from "./host-fixture.ts";

const { bench, local } = useHost({ seedLimits: { maxBytes: 1_000_000, maxFiles: 50 } });

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
        const response = await fetch(local().host.url + path, {
          method,
          headers: authorization === "" ? {} : { authorization },
        });
        expect(response.status, path).toBe(401);
        expect(await response.json()).toMatchObject({ code: "unauthorized", status: 401 });
      }
      expect((await bench.exec(id, ["true"])).exitCode).toBe(0);
    },
  );

  it("is a permanent PortError in the driver", async () => {
    const port = createHostSandbox({ url: local().host.url, token: "another-token-altogether" });
    await expect(port.open(bench.spec())).rejects.toMatchObject({
      name: "PortError",
      kind: "permanent",
      code: "unauthorized",
    });
  });

  it("refuses to start with a short token", async () => {
    await expect(startSandboxHost({ port: 0, dataDir: local().dataDir, token: "short" })).rejects.toThrow(
      /16 characters/,
    );
  });
});

describe("sandbox host: requests", () => {
  const send = (method: string, path: string, body?: string) =>
    fetch(local().host.url + path, {
      method,
      headers: { authorization: `Bearer ${testToken}` },
      ...(body === undefined ? {} : { body }),
    });

  it("keeps an idle connection for longer than its clients do, so that no request meets a closing one", async () => {
    const { headers } = await send("GET", "/v1/health");
    expect(headers.get("keep-alive")).toBe("timeout=75");
  });

  it("reports its health and its sandboxes", async () => {
    const id = await bench.open();
    const isolation = await checkIsolation();
    expect(isolation).toMatchObject({ ok: true, version: matching(/^\d+\.\d+/) });
    expect(await (await send("GET", "/v1/health")).json()).toMatchObject({
      ok: true,
      isolation: isolation.ok ? `bubblewrap ${isolation.version}` : "none",
    });
    const running = bench.exec(id, ["sleep", "1"]);
    await bench.until("the command is counted", async () => {
      const answer = await (await send("GET", "/v1/sandboxes")).text();
      return answer.includes('"runningCommands":1') && !answer.includes('"processes":0');
    });
    expect(
      local()
        .host.list()
        .map((entry) => entry.id),
    ).toContain(id);
    await running;
  });

  it.each([
    ["POST", "/v1/sandboxes/ID/exec", "{", 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"argv":[]}', 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"execId":"a","argv":["true"],"timeoutMs":-1,"maxOutputBytes":1}', 400],
    ["POST", "/v1/sandboxes/ID/exec", '{"execId":"a","argv":["tr\\u0000ue"],"timeoutMs":1000,"maxOutputBytes":1}', 400],
    [
      "POST",
      "/v1/sandboxes/ID/exec",
      '{"execId":"a","argv":["true"],"env":{"A=B":"x"},"timeoutMs":1000,"maxOutputBytes":1}',
      400,
    ],
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
  it("says host_unreachable when nothing listens", async () => {
    const port = createHostSandbox({ url: "http://127.0.0.1:9", token: testToken });
    const unreachable = { name: "PortError", kind: "transient", code: "host_unreachable" };
    await expect(port.open(bench.spec())).rejects.toMatchObject(unreachable);
    await expect(port.exec("x", ["true"], { timeoutMs: 1, maxOutputBytes: 1 })).rejects.toMatchObject(unreachable);
  });

  it("says host_unreachable when the answer breaks off, and bad_answer when it doesn't fit", async () => {
    const answers: readonly string[] = [
      '{"type":"output","stream":"stdout","text":"x"}\n',
      '{"type":"exit","exitCode":"zero"}\n',
      "<html>\n",
    ];
    const codes: unknown[] = [];
    for (const answer of answers) {
      const server = createServer((_request, response) => response.end(answer));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const url = `http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}`;
      const port = createHostSandbox({ url, token: testToken });
      const error: unknown = await port
        .exec("x", ["true"], { timeoutMs: 1000, maxOutputBytes: 1 })
        .catch((caught: unknown) => caught);
      codes.push(error instanceof Error && "code" in error ? error.code : error);
      await expect(port.open(bench.spec())).rejects.toMatchObject({ name: "PortError" });
      server.close();
    }
    expect(codes).toEqual(["host_unreachable", "bad_answer", "bad_answer"]);
  });
});

describe("sandbox host: parts of the kernel that namespaces don't separate", () => {
  it("limits each process by the kernel, between two looks of the memory watch", async () => {
    const id = await bench.open({ memoryBytes: 512 * 1024 * 1024, maxProcesses: 100 });
    const limits = (await bench.exec(id, ["cat", "/proc/self/limits"])).stdout;
    expect(limits).toMatch(/^Max data size\s+1140850688\s/m);
    expect(limits).toMatch(/^Max processes\s+100\s/m);
    expect(limits).toMatch(/^Max core file size\s+0\s/m);
  });

  it("filters system calls: no kernel log, no kernel keyring", async () => {
    const id = await bench.open();
    expect((await bench.exec(id, ["cat", "/proc/self/status"])).stdout).toMatch(/^Seccomp:\s*2$/m);
    expect(await bench.exec(id, ["dmesg"])).toMatchObject({
      stdout: "",
      stderr: matching(/not permitted/),
    });
    const keyctl = process.arch === "arm64" ? 219 : 250;
    const perl = `print syscall(${String(keyctl)}, 0, -3, 0) == -1 ? "refused: $!" : "a keyring"`;
    if (existsSync("/usr/bin/perl"))
      expect((await bench.exec(id, ["perl", "-e", perl])).stdout).toBe("refused: Operation not permitted");
  });
});
