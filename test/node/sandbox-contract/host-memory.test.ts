import { describe, expect, it } from "vitest";
import { excessOf } from "../../../sandbox-host/memory.ts";
import { defaultRoom } from "../../../sandbox-host/index.ts";
import { useHost } from "./host-fixture.ts";

const mebibyte = 1024 * 1024;

describe("a sandbox's memory", () => {
  const { bench, local } = useHost();

  it("is told with its files, which are in memory", async () => {
    const id = await bench.open();
    const running = bench.shell(
      id,
      "head -c 100000000 /dev/zero > fill; head -c 20000000 /dev/zero > /tmp/fill; sleep 2",
    );
    await bench.until("the files are counted", async () => {
      const told = local()
        .host.list()
        .find((sandbox) => sandbox.id === id);
      return (told?.memoryBytes ?? 0) > 120_000_000;
    });
    await running;
  });

  it("that only files use up ends the sandbox", async () => {
    const id = await bench.open({ memoryBytes: 64 * mebibyte, diskBytes: 256 * mebibyte });
    const fill = ["/workspace:250", "/tmp:60", "/home/agent:60", "/dev/shm:60"].map((place) => {
      const [folder = "", size = ""] = place.split(":");
      return `head -c ${Number(size) * mebibyte} /dev/zero > ${folder}/fill`;
    });
    const fillUp = async (): Promise<void> => {
      // On a busy machine the filling process may be the first to be killed, which leaves less than the limit.
      for (let round = 0; round < 5; round += 1)
        expect((await bench.shell(id, `${fill.join(";")}; sleep 5`)).exitCode).toBe(137);
    };
    await expect(fillUp()).rejects.toMatchObject({
      code: "sandbox_gone",
      message: expect.stringContaining("more memory than it may use") as unknown,
    });
  });

  it.each([
    ["processes within their limit", { processBytes: 100, fileBytes: 50 }, -100],
    ["files beyond the disk", { processBytes: 100, fileBytes: 250 }, 50],
    ["processes alone", { processBytes: 300, fileBytes: 0 }, 100],
  ])("counts %s", (_, used, excess) => {
    expect(excessOf(used, { memoryBytes: 200, diskBytes: 100 })).toBe(excess);
  });
});

describe("a host that has as many sandboxes as it may", () => {
  const { bench } = useHost({ room: { ...defaultRoom, maxSandboxes: 1 } });

  it("refuses another one with the reason, and opens it when there is room again", async () => {
    const first = await bench.open();
    await expect(bench.open()).rejects.toMatchObject({
      kind: "transient",
      code: "host_full",
      message: expect.stringContaining("1 sandboxes open") as unknown,
    });
    expect((await bench.shell(first, "echo ok")).stdout).toBe("ok\n");
    await bench.port.destroy(first);
    await bench.open();
  });
});

describe("a host whose machine has no memory left", () => {
  const { bench } = useHost({ room: { ...defaultRoom, freeBytes: () => 300 * mebibyte } });

  it("opens what still fits, and refuses the rest with the reason", async () => {
    await bench.open({ memoryBytes: 256 * mebibyte });
    await expect(bench.open({ memoryBytes: 512 * mebibyte })).rejects.toMatchObject({
      code: "host_full",
      message: expect.stringContaining("only 300 MiB of memory left") as unknown,
    });
  });
});
