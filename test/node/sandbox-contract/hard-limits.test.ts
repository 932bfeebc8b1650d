import { describe, expect, it } from "vitest";
import { bubblewrapArguments } from "../../../sandbox-host/bubblewrap-arguments.ts";
import { hardLimits, loweredLimits, tooLowLimit, type HardLimits } from "../../../sandbox-host/hard-limits.ts";

const unlimited = Number.POSITIVE_INFINITY;
const none: HardLimits = { openFiles: unlimited, processes: unlimited, dataBytes: unlimited };
const spec = { id: "one", env: {}, memoryBytes: 2_000_000_000, diskBytes: 1_000_000_000, maxProcesses: 512 };
const runtime = { directory: "/opt/sandbox", node: "/usr/bin/node", bubblewrap: "/usr/bin/bwrap", npm: undefined };
const argumentsUnder = (hard: HardLimits): readonly string[] => bubblewrapArguments(spec, runtime, false, hard);

describe("limits of the host's own process", () => {
  it("are read as the kernel writes them, the hard ones", () => {
    const text = [
      "Limit                     Soft Limit           Hard Limit           Units     ",
      "Max data size             1000                 unlimited            bytes     ",
      "Max processes             96364                96365                processes ",
      "Max open files            1024                 4096                 files     ",
    ].join("\n");
    expect(hardLimits(text)).toEqual({ openFiles: 4096, processes: 96_365, dataBytes: unlimited });
    expect(hardLimits("")).toEqual(none);
    expect(hardLimits().openFiles).toBeGreaterThan(255);
  });

  it("are never exceeded by a sandbox's own, which a kernel would refuse", () => {
    const free = argumentsUnder(none);
    for (const word of ["--nofile=8192", "--nproc=512", `--data=${2_000_000_000 + 576 * 1024 * 1024}`])
      expect(free).toContain(word);
    const bound = argumentsUnder({ openFiles: 4096, processes: 300, dataBytes: 1_500_000_000 });
    for (const word of ["--nofile=4096", "--nproc=300", "--data=1500000000"]) expect(bound).toContain(word);
  });

  it("are told where they give a sandbox less, and refused with the way out where none could work", () => {
    expect(loweredLimits(none)).toEqual([]);
    expect(loweredLimits({ ...none, openFiles: 8192 })).toEqual([]);
    expect(loweredLimits({ ...none, openFiles: 4096 })).toEqual([
      expect.stringMatching(/gets 4096 and not 8192 for "Max open files".*LimitNOFILE=8192/u),
    ]);
    expect(tooLowLimit({ ...none, openFiles: 256 })).toBeUndefined();
    expect(tooLowLimit({ ...none, openFiles: 255 })).toMatchObject({
      reason: expect.stringContaining('"Max open files" of this process is 255, and a sandbox needs 256'),
      fix: expect.stringContaining("ulimit -n 8192"),
    });
    expect(tooLowLimit({ ...none, processes: 10 })?.fix).toContain("LimitNPROC");
    expect(tooLowLimit({ ...none, dataBytes: 1000 })?.fix).toContain("LimitDATA");
  });
});
