import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

/** Opening, dying, destroying. */
export function lifecycleTests(bench: Bench): void {
  const gone = { name: "PortError", kind: "transient", code: "sandbox_gone" };

  describe("lifecycle", () => {
    it("opens once for one id, also when asked at the same time", async () => {
      const spec = bench.spec();
      const handles = await Promise.all([1, 2, 3, 4].map(() => bench.port.open(spec)));
      expect(new Set(handles.map(({ generation }) => generation)).size).toBe(1);
      await bench.write(spec.id, "kept", "x");
      expect((await bench.port.open(spec)).generation).toBe(handles[0]?.generation);
      expect(await bench.read(spec.id, "kept")).toBe("x");
    });

    it("is empty and of another generation after a destroy", async () => {
      const spec = bench.spec();
      const first = await bench.port.open(spec);
      await bench.write(spec.id, "file", "x");
      await bench.port.destroy(spec.id);
      const second = await bench.port.open(spec);
      expect(second.generation).not.toBe(first.generation);
      expect((await bench.port.list(spec.id, "")).entries).toEqual([]);
      await expect(bench.port.changes(spec.id, "repo", { maxBytes: 1 })).rejects.toMatchObject({ code: "not_found" });
    });

    it("says sandbox_gone for an id that isn't open, for every operation", async () => {
      const id = `gone-${crypto.randomUUID()}`;
      await expect(bench.exec(id, ["true"])).rejects.toMatchObject(gone);
      await expect(bench.port.cancel(id, "x")).rejects.toMatchObject(gone);
      await expect(bench.port.readFile(id, "x")).rejects.toMatchObject(gone);
      await expect(bench.write(id, "x", "y")).rejects.toMatchObject(gone);
      await expect(bench.port.list(id, "")).rejects.toMatchObject(gone);
      await expect(bench.port.remove(id, "x")).rejects.toMatchObject(gone);
      await expect(bench.port.changes(id, "x", { maxBytes: 1 })).rejects.toMatchObject(gone);
      await expect(bench.seed(id, "x", [])).rejects.toMatchObject(gone);
      await expect(bench.port.fetchPort(id, 80, new Request("http://x/"))).rejects.toMatchObject(gone);
    });

    it("ends a running command with sandbox_gone when it is destroyed", async () => {
      const id = await bench.open();
      const output: string[] = [];
      const running = bench.shell(id, "echo up; sleep 60", { onOutput: (_stream, text) => output.push(text) });
      const outcome = running.catch((error: unknown) => error);
      await bench.until("it runs", () => output.length > 0);
      await bench.port.destroy(id);
      expect(await outcome).toMatchObject(gone);
    });

    bench.itWithKernel("leaves no process of a running command when it is destroyed", async () => {
      const id = await bench.open();
      const marker = `9${String(Math.floor(Math.random() * 1e9))}`;
      const output: string[] = [];
      const running = bench.shell(id, `(setsid sleep ${marker} &); echo up; sleep ${marker}`, {
        onOutput: (_stream, text) => output.push(text),
      });
      const outcome = running.catch((error: unknown) => error);
      await bench.until("it runs", () => output.length > 0);
      await bench.port.destroy(id);
      expect(await outcome).toMatchObject(gone);
      expect(bench.fixture.processes?.().filter((line) => line.includes(marker)) ?? []).toEqual([]);
    });

    it("destroys an id that isn't open without complaint, twice", async () => {
      const id = await bench.open();
      await bench.port.destroy(id);
      await bench.port.destroy(id);
      await bench.port.destroy(`never-${crypto.randomUUID()}`);
    });

    it.each(["", "UPPER", "a/b", "..", "a b", "x".repeat(65), "ünï"])("refuses the id %j", async (id) => {
      await expect(bench.port.open({ ...bench.spec(), id })).rejects.toMatchObject({
        name: "PortError",
        kind: "permanent",
      });
      await expect(bench.exec(id, ["true"])).rejects.toMatchObject({ name: "PortError", kind: "permanent" });
    });
  });
}
