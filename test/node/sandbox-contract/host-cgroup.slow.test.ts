import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numberOf, systemCgroupFiles } from "../../../sandbox-host/cgroup-files.ts";
import { CgroupHost, cgroupFile, testCgroup } from "./cgroup-fixture.ts";
import { sandboxContract, slowParts } from "./contract.ts";
import { Bench, sleep } from "./fixture.ts";
import { countOf, newMarker, testToken, useHost } from "./host-fixture.ts";
import { lifecycleTests } from "./lifecycle.ts";
import { startMain } from "./main-process.ts";

const mebibyte = 1024 * 1024;
/** Gigabytes take their time in an emulated machine. */
const patientMs = 300_000;
const parent = testCgroup();
const tooMuch = "The sandbox used more memory than its limit of";

describe("a host's first line", () => {
  const { local } = useHost();

  it("says which limits it has", async () => {
    const main = await startMain({ PORT: "0", SANDBOX_HOST_TOKEN: testToken, SANDBOX_HOST_DATA: local().dataDir });
    main.child.kill("SIGTERM");
    await main.exited;
    expect(main.output().split("\n")[0]).toMatch(
      /^sandbox host: (each sandbox is limited by a cgroup of its own below \/.*|memory is limited by watching processes, since .+)$/,
    );
  });
});

// On a machine without a cgroup v2 that tests may write, there is nothing to try. sandbox-host/README.md says how to give them one.
if (parent !== undefined) cgroupTests(parent);

function cgroupTests(folder: string): void {
  const started = async () => {
    const host = new CgroupHost(folder, { SANDBOX_HOST_CPUS: "1" });
    expect(await host.start()).toMatch(/^sandbox host: each sandbox is limited by a cgroup of its own below \//);
    return host;
  };
  sandboxContract("host with cgroups", async () => (await started()).fixture(), [lifecycleTests, ...slowParts]);

  describe("a sandbox with a cgroup of its own", () => {
    let own: CgroupHost | undefined;
    const host = (): CgroupHost => {
      if (own === undefined) throw new Error("the host did not start");
      return own;
    };
    beforeAll(async () => {
      own = await started();
    });
    afterAll(async () => own?.close());
    const bench = new Bench(() => host().fixture());
    const only = (): string => {
      const [one, ...others] = host().sandboxes();
      expect(others).toEqual([]);
      return one ?? "";
    };
    memoryTests(bench, only);
    limitTests(bench, only);
    endTests(bench, host, only);
  });
}

function memoryTests(bench: Bench, only: () => string): void {
  const big = { memoryBytes: 2_000_000_000, diskBytes: 64 * mebibyte };
  const x64 = { mmap: 9, read: 0, memfd: 319 };
  const calls = process.arch === "x64" ? x64 : { mmap: 222, read: 63, memfd: 279 };

  it(
    "ends the commands, not itself, when they share more memory than it has",
    async () => {
      const id = await bench.open(big);
      const script = `my $n = 2600 << 20; my $at = syscall(${calls.mmap}, 0, $n, 3, 0x21, -1, 0);
      open F, "<", "/dev/zero"; for (my $i = 0; $i < 26; $i++) { syscall(${calls.read}, fileno F, $at + $i * (100 << 20), 100 << 20) } print "kept";`;
      await bench.write(id, "share.pl", script);
      const result = await bench.shell(id, "perl share.pl & wait; echo after", { timeoutMs: patientMs });
      expect(result).toMatchObject({ exitCode: 137, timedOut: false, stdout: "" });
      expect(result.stderr).toContain(`${tooMuch} 2000 MB`);
      expect((await bench.shell(id, "echo ok; ls")).stdout).toBe("ok\nshare.pl\n");
    },
    patientMs,
  );

  it("counts memory that no process has mapped", async () => {
    const id = await bench.open({ memoryBytes: 256 * mebibyte, diskBytes: 16 * mebibyte });
    const script = `my $name = "x"; my $fd = syscall(${calls.memfd}, $name, 0); open my $f, ">&=", $fd;
      my $piece = "y" x (1 << 20); for (1 .. 400) { syswrite $f, $piece } print "kept"; sleep 5;`;
    await bench.write(id, "hidden.pl", script);
    const result = await bench.shell(id, "perl hidden.pl", { timeoutMs: patientMs });
    expect(result).toMatchObject({ exitCode: 137, stdout: "" });
    expect(result.stderr).toContain(`${tooMuch} 268 MB`);
  });

  it("tells every command that the kernel killed, and keeps the agent", async () => {
    const id = await bench.open();
    const sandbox = only();
    // Below the host's own limit, so that the kernel alone can end it.
    systemCgroupFiles.write(join(sandbox, "memory.max"), String(160 * mebibyte));
    const beside = bench.shell(id, "echo begun; sleep 250", { execId: "beside", timeoutMs: patientMs });
    await bench.until("it runs", () => cgroupFile(sandbox, "commands/cgroup.procs").split("\n").length >= 4);
    const hog = "perl -e 'my @kept; push @kept, \"x\" x 10_000_000 for 1 .. 40; print 1'";
    for (const result of [await bench.shell(id, hog, { timeoutMs: patientMs }), await beside]) {
      expect(result).toMatchObject({ exitCode: 137, timedOut: false });
      expect(result.stderr).toContain(`${tooMuch} 1074 MB`);
    }
    expect(numberOf(cgroupFile(sandbox, "memory.events"), "oom_kill")).toBeGreaterThan(0);
    expect(cgroupFile(sandbox, "commands/cgroup.procs")).toBe("");
    expect((await bench.shell(id, "echo ok")).stdout).toBe("ok\n");
  });

  it("ends with the reason when its files alone are more than memory and disk", async () => {
    const id = await bench.open({ memoryBytes: 96 * mebibyte, diskBytes: 256 * mebibyte });
    const fill = ["/workspace:250", "/tmp:60", "/home/agent:60", "/dev/shm:60"].map((place) => {
      const [into = "", size = ""] = place.split(":");
      return `head -c ${Number(size) * mebibyte} /dev/zero > ${into}/fill`;
    });
    const fillUp = async (): Promise<void> => {
      for (let round = 0; round < 5; round += 1) {
        const result = await bench.shell(id, `${fill.join(";")}; sleep 5`, { timeoutMs: patientMs });
        expect(result).toMatchObject({ exitCode: 137, stderr: expect.stringContaining(tooMuch) as unknown });
      }
    };
    await expect(fillUp()).rejects.toMatchObject({
      code: "sandbox_gone",
      message: expect.stringMatching(/more memory than/) as unknown,
    });
  });

  it("keeps its files when a command is ended for its memory, and says nothing about one that fails by itself", async () => {
    const id = await bench.open({ memoryBytes: 256 * mebibyte });
    await bench.write(id, "kept", "x");
    const hog = await bench.shell(id, "perl -e 'my @kept; push @kept, \"x\" x 10_000_000 while 1'");
    expect(hog).toMatchObject({ exitCode: 137, stderr: expect.stringContaining(`${tooMuch} 268 MB`) as unknown });
    expect(await bench.read(id, "kept")).toBe("x");
    expect(await bench.shell(id, "kill -9 $$")).toMatchObject({ exitCode: 137, stderr: "" });
  });
}

function limitTests(bench: Bench, only: () => string): void {
  it("has the limits that were asked for, before a command runs", async () => {
    await bench.open({ memoryBytes: 512 * mebibyte, diskBytes: 64 * mebibyte, maxProcesses: 100 });
    const sandbox = only();
    expect(
      ["memory.max", "memory.swap.max", "pids.max", "cpu.max"].map((name) =>
        existsSync(join(sandbox, name)) ? cgroupFile(sandbox, name) : "0",
      ),
    ).toEqual([String(576 * mebibyte), "0", "100", "100000 100000"]);
    expect(cgroupFile(sandbox, "commands/memory.oom.group")).toBe("1");
  });

  it("has every process of it inside, commands in their leaf", async () => {
    const id = await bench.open();
    const marker = newMarker();
    const running = bench.shell(
      id,
      `(env -i setsid sleep ${marker} >/dev/null 2>&1 &) ; cat /proc/self/cgroup; sleep 5`,
    );
    const sandbox = only();
    const inside = (leaf: string) => cgroupFile(sandbox, `${leaf}/cgroup.procs`).split("\n").length;
    // bubblewrap, its first process, the shell and two programs; beside them bubblewrap, its first process and the agent.
    await bench.until("all of it runs", () => inside("commands") === 5);
    expect([cgroupFile(sandbox, "cgroup.procs"), inside("agent")]).toEqual(["", 3]);
    expect((await running).stdout).toMatch(/^0::\/(\.\.\/)?commands$/m);
  });

  it("stops a fork bomb at its number of processes", async () => {
    const id = await bench.open({ maxProcesses: 64 });
    const running = bench.shell(id, "f() { f | f & }; f; sleep 30", { timeoutMs: 15_000 });
    const sandbox = only();
    // A kernel before 6.11 counts it where the process is, a later one where the limit is.
    const refused = () =>
      ["pids.events", "commands/pids.events"].some((name) => numberOf(cgroupFile(sandbox, name), "max") > 0);
    await bench.until("the limit is hit", refused, 20_000);
    expect(Number(cgroupFile(sandbox, "pids.current"))).toBeLessThanOrEqual(64);
    await running;
    await bench.until("the sandbox is usable again", async () => {
      const result = await bench.shell(id, "echo ok").catch(() => undefined);
      return result?.stdout === "ok\n";
    });
  });

  it("holds busy loops to its processors", async () => {
    const id = await bench.open();
    const loops = "for i in 1 2 3 4; do (while :; do :; done) & done; wait";
    const running = bench.shell(id, loops, { timeoutMs: 8000 });
    const sandbox = only();
    // A part of one, which a machine with a single processor shows too.
    systemCgroupFiles.write(join(sandbox, "cpu.max"), "30000 100000");
    await sleep(1000);
    const usage = () => numberOf(cgroupFile(sandbox, "cpu.stat"), "usage_usec");
    const [before, startedAt] = [usage(), performance.now()];
    await sleep(4000);
    const processors = (usage() - before) / ((performance.now() - startedAt) * 1000);
    expect(processors).toBeLessThan(0.36);
    expect(numberOf(cgroupFile(sandbox, "cpu.stat"), "nr_throttled")).toBeGreaterThan(0);
    await running;
  });
}

function endTests(bench: Bench, host: () => CgroupHost, only: () => string): void {
  it("leaves no cgroup when it is destroyed, whatever ran in it", async () => {
    const id = await bench.open();
    const marker = newMarker();
    const running = bench
      .shell(id, `(env -i setsid sleep ${marker} >/dev/null 2>&1 &) ; sleep ${marker}`)
      .catch((error: unknown) => error);
    await bench.until("both run", () => countOf(`sleep ${marker}`) >= 2);
    const sandbox = only();
    await bench.port.destroy(id);
    expect(existsSync(sandbox)).toBe(false);
    expect(countOf(marker)).toBe(0);
    expect(await running).toMatchObject({ code: "sandbox_gone" });
  });

  it("leaves nothing after its host was killed and started again", async () => {
    const spec = bench.spec();
    const id = await bench.open(spec);
    const marker = newMarker();
    const running = bench.shell(id, `sleep ${marker}`).catch((error: unknown) => error);
    await bench.until("it runs", () => countOf(`sleep ${marker}`) > 0);
    const sandbox = only();
    await host().crash();
    await running;
    expect(existsSync(sandbox)).toBe(true);
    expect(await host().start()).toContain("limited by a cgroup of its own");
    expect(existsSync(sandbox)).toBe(false);
    expect(countOf(marker)).toBe(0);
    expect(host().trees().length).toBe(1);
    await bench.open(spec);
    expect((await bench.shell(id, "echo ok")).stdout).toBe("ok\n");
  });
}
