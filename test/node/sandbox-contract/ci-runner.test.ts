import { describe, expect, it } from "vitest";
import { createCiRunner } from "../../../local/sandbox/index.ts";
import { sleep } from "./fixture.ts";
import { useLocalHost } from "./local-fixture.ts";
import { writeTarball } from "../../fakes/tar-writer.ts";

const { local } = useLocalHost();

describe("CI runner", () => {
  const tarball = writeTarball([{ path: "t/test.sh", content: "echo out; echo err >&2; exit 4\n" }]);

  it("runs a command on a tarball and leaves no sandbox", async () => {
    const runner = createCiRunner(local().host);
    const before = local().host.list().length;
    let log = "";
    const outcome = await runner.run({
      tarball,
      command: "sh test.sh",
      timeoutMs: 10_000,
      onOutput: (text) => (log += text),
    });
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
    await expect(runner.run({ ...job, tarball: new Uint8Array(10), timeoutMs: 1000 })).rejects.toMatchObject({
      code: "invalid_archive",
    });
    expect(
      local()
        .host.list()
        .filter(({ id }) => id.startsWith("ci-")),
    ).toEqual([]);
  });
});
