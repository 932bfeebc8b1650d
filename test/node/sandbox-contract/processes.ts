import { describe, expect, it } from "vitest";
import { sleep, type Bench } from "./fixture.ts";

/** A detached descendant that forgets its environment, session and parent, and writes for ever. */
const daemon = (path: string) =>
  `(env -i setsid sh -c 'while :; do date +%s%N >> /workspace/${path}; sleep 0.03; done' </dev/null >/dev/null 2>&1 &) ;`;

/** A timeout, a cancel and the end of a command leave no process. */
export function processTests(bench: Bench): void {
  const expectSilence = async (id: string, path: string) => {
    const before = await bench.read(id, path);
    await sleep(250);
    expect(await bench.read(id, path)).toBe(before);
  };
  const alive = (id: string, path: string, atLeastBytes = 1) =>
    bench.until("the daemon writes", async () => {
      const entry = await bench.port.readFile(id, path).catch(() => undefined);
      return entry !== undefined && entry.sizeBytes >= atLeastBytes;
    });

  describe("processes", () => {
    it("a timeout kills the command and what it left detached", async () => {
      const id = await bench.open();
      const startedAt = performance.now();
      const result = await bench.shell(id, `${daemon("beat")} echo begun; sleep 60`, { timeoutMs: 2000 });
      expect(result).toMatchObject({ timedOut: true, cancelled: false, exitCode: 137, stdout: "begun\n" });
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      await alive(id, "beat");
      await expectSilence(id, "beat");
    });

    it("a cancel by id kills the command and what it left detached", async () => {
      const id = await bench.open();
      const running = bench.shell(id, `${daemon("beat")} sleep 60`, { execId: "c-1" });
      await alive(id, "beat");
      expect(await bench.port.cancel(id, "c-1")).toBe(true);
      expect(await running).toMatchObject({ cancelled: true, timedOut: false, exitCode: 137 });
      await expectSilence(id, "beat");
      expect(await bench.port.cancel(id, "c-1")).toBe(false);
    });

    it("an aborted signal cancels", async () => {
      const id = await bench.open();
      const control = new AbortController();
      const running = bench.shell(id, `${daemon("beat")} sleep 60`, { signal: control.signal });
      await alive(id, "beat");
      control.abort();
      expect(await running).toMatchObject({ cancelled: true });
      await expectSilence(id, "beat");
      const late = await bench.shell(id, "echo ran > late", { signal: control.signal });
      expect(late.cancelled).toBe(true);
      await expect(bench.read(id, "late")).rejects.toMatchObject({ code: "not_found" });
    });

    it("kills what ignores signals and holds the output open", async () => {
      const id = await bench.open();
      const result = await bench.shell(id, "trap '' TERM INT HUP; (trap '' TERM; sleep 60) & wait; sleep 60", {
        timeoutMs: 1000,
      });
      expect(result.timedOut).toBe(true);
      expect(result.durationMs).toBeLessThan(8000);
    });

    it("a command's processes end with it", async () => {
      const id = await bench.open();
      const result = await bench.shell(id, `${daemon("beat")} while [ ! -s beat ]; do sleep 0.02; done; echo done`);
      expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
      await expectSilence(id, "beat");
    });

    it("a cancel doesn't touch a command beside it", async () => {
      const id = await bench.open();
      const other = bench.shell(id, "sleep 1; echo survived");
      const running = bench.exec(id, ["sleep", "60"], { execId: "c-2" });
      await bench.until("it runs", () => bench.port.cancel(id, "c-2"));
      expect(await running).toMatchObject({ cancelled: true });
      expect(await other).toMatchObject({ exitCode: 0, stdout: "survived\n" });
    });

    it("a command sees no process but its own", async () => {
      const id = await bench.open();
      const beside = bench.shell(id, "touch up; sleep 60", { execId: "beside" });
      await alive(id, "up", 0);
      const seen = await bench.shell(id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
      expect(seen.stdout).not.toMatch(/agent\.mjs|touch up/);
      await bench.port.cancel(id, "beside");
      await beside;
    });

    it("a cancel at any moment of the start ends the command", async () => {
      const id = await bench.open();
      for (let delayMs = 0; delayMs < 24; delayMs += 3) {
        const control = new AbortController();
        const running = bench.shell(id, "echo x >> ran; sleep 60", { signal: control.signal });
        setTimeout(() => control.abort(), delayMs);
        expect(await running).toMatchObject({ cancelled: true });
      }
      expect(bench.fixture.processes?.().filter((line) => line.includes("echo x >> ran")) ?? []).toEqual([]);
    });

    it("a command that kills everything that it can see leaves the sandbox usable", async () => {
      const id = await bench.open();
      await bench.shell(id, "pkill -9 node; pkill -9 -f agent; kill -9 -1");
      expect(await bench.shell(id, "echo still here")).toMatchObject({ stdout: "still here\n" });
    });

    it("no process of an ended command is left on the machine", async (context) => {
      const { processes } = bench.fixture;
      if (processes === undefined) return context.skip();
      const id = await bench.open();
      const marker = `7${String(Math.floor(Math.random() * 1e9))}`;
      const count = () => processes().filter((line) => line.includes(`sleep ${marker}`)).length;
      const detached = `(setsid nohup sleep ${marker} >/dev/null 2>&1 &) ; sleep ${marker}`;
      const running = bench.shell(id, detached, { execId: "marked" });
      await bench.until("both run", () => count() >= 2);
      await bench.port.cancel(id, "marked");
      await running;
      expect(count()).toBe(0);
    });
  });
}
