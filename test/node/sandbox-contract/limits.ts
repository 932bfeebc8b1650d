import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

const mebibyte = 1024 * 1024;

/** A command can't take more than its sandbox has, and the sandbox lives on. */
export function limitTests(bench: Bench): void {
  const stillUsable = async (id: string) => {
    await bench.until("the sandbox is usable again", async () => {
      const result = await bench.shell(id, "echo ok").catch(() => undefined);
      return result?.stdout === "ok\n";
    });
  };

  describe("limits", () => {
    it("bounds a fork bomb", async () => {
      const id = await bench.open({ maxProcesses: 64 });
      const bomb =
        "i=0; while [ $i -lt 400 ]; do sleep 30 & i=$((i+1)); done; echo all; ls -d /proc/[0-9]* | wc -l; sleep 30";
      const result = await bench.shell(id, bomb, { timeoutMs: 6000 });
      expect(result.stdout).not.toContain("all");
      expect(result.stderr).toMatch(/fork|resource/i);
      await bench.shell(id, "f() { f | f & }; f; sleep 30", { timeoutMs: 1500 });
      await stillUsable(id);
    });

    it("counts the processes of all its commands together", async () => {
      const id = await bench.open({ maxProcesses: 64 });
      const filler = "i=0; while [ $i -lt 30 ]; do sleep 30 & i=$((i+1)); done; wait";
      const fillers = ["f-1", "f-2"].map((execId) => bench.shell(id, filler, { execId, timeoutMs: 6000 }));
      const results = await Promise.all(fillers);
      expect(results.map(({ stderr }) => stderr).join("")).toMatch(/fork|resource/i);
      await stillUsable(id);
    });

    it("leaves another sandbox its processes", async () => {
      const [one, two] = await Promise.all([bench.open({ maxProcesses: 40 }), bench.open({ maxProcesses: 40 })]);
      const running = bench.shell(one, "while :; do sleep 30 & done", { execId: "bomb", timeoutMs: 4000 });
      const beside = await bench.shell(two, "for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait; echo fine");
      expect(beside).toMatchObject({ exitCode: 0, stdout: "fine\n", stderr: "" });
      await running;
    });

    it.each(["/workspace", "/tmp", "/home/agent", "/dev/shm"])("bounds a full disk at %s", async (place) => {
      const id = await bench.open({ diskBytes: 32 * mebibyte });
      const result = await bench.shell(id, `head -c 200000000 /dev/zero > ${place}/fill; stat -c %s ${place}/fill`);
      expect(result.stderr).toMatch(/no space left|too large/i);
      expect(Number(result.stdout.trim())).toBeLessThanOrEqual(32 * mebibyte);
      await stillUsable(id);
    });

    it("says too_large when the disk is full", async () => {
      const id = await bench.open({ diskBytes: 16 * mebibyte });
      await expect(bench.port.writeFile(id, "big", new Uint8Array(20 * mebibyte))).rejects.toMatchObject({
        code: "too_large",
      });
      await stillUsable(id);
    });

    it("bounds the memory of one process", async () => {
      const id = await bench.open({ memoryBytes: 512 * mebibyte });
      const script =
        "const kept = []; for (let i = 0; i < 30; i++) kept.push(Buffer.alloc(64 * 1024 * 1024, 1)); console.log('got it all')";
      const result = await bench.exec(id, ["node", "-e", script]);
      expect(result.exitCode).not.toBe(0);
      expect(result.stdout).not.toContain("got it all");
      await stillUsable(id);
    });

    it("counts memory that processes share", async () => {
      const id = await bench.open({ memoryBytes: 512 * mebibyte });
      // Perl has no mmap of its own, so the script maps shared anonymous memory and fills it by the numbers of the system calls.
      const { mmap, read } = systemCalls();
      const script = `my $n = 200 << 20; my $at = syscall(${mmap}, 0, $n, 3, 0x21, -1, 0);
        open F, "<", "/dev/zero"; syscall(${read}, fileno F, $at, $n); sleep 4; print "kept\n"`;
      await bench.write(id, "share.pl", script);
      const result = await bench.shell(id, "for i in 1 2 3 4; do perl share.pl & done; wait");
      expect(result.stdout.split("kept").length - 1).toBeLessThan(4);
      await stillUsable(id);
    });

    it("bounds the memory of many processes together", async () => {
      const id = await bench.open({ memoryBytes: 512 * mebibyte });
      const script =
        "const kept = Buffer.alloc(200 * 1024 * 1024, 1); setTimeout(() => console.log('kept', kept.length), 4000)";
      await bench.write(id, "eat.cjs", script);
      const result = await bench.shell(id, "for i in 1 2 3 4; do node eat.cjs & done; wait");
      expect(result.stdout.split("kept").length - 1).toBeLessThan(4);
      await stillUsable(id);
    });
  });
}

/** Numbers of system calls on this processor. */
function systemCalls(): { readonly mmap: number; readonly read: number } {
  const known = new Map<string, { readonly mmap: number; readonly read: number }>([
    ["x64", { mmap: 9, read: 0 }],
    ["arm64", { mmap: 222, read: 63 }],
  ]).get(process.arch);
  if (known === undefined) throw new Error(`no system calls are known for ${process.arch}`);
  return known;
}
