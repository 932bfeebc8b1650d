import { describe, expect, it } from "vitest";
import { gitBlobId, sha256Hex } from "../../../domain/hash.ts";
import { Chance } from "../../simulation/chance.ts";
import { Coverage } from "../../simulation/coverage.ts";
import failingSeeds from "../../simulation/failing-seeds.json" with { type: "json" };
import { mutants } from "../../simulation/mutants/list.ts";
import * as native from "../../simulation/native-hash.ts";
import { live, simulate } from "../../simulation/simulate.ts";

describe("the seeded simulation", () => {
  it("lives 300 histories without a broken invariant", async () => {
    const failure = await simulate(1, 300, new Coverage());
    expect(failure, failure?.trace.join("\n")).toBeUndefined();
  });

  it.each(failingSeeds)("holds what once broke: $rule ($what)", async ({ tape }) => {
    const { error } = await live(tape);
    expect(error).toBeUndefined();
  });

  it("gives the same history for the same seed", async () => {
    const [first, second] = [await live(77, new Coverage(), true), await live(77, new Coverage(), true)];
    expect(first.trace.length).toBeGreaterThan(20);
    expect(second.trace).toEqual(first.trace);
    expect((await live(78, new Coverage(), true)).trace).not.toEqual(first.trace);
  });

  it("reads a tape back as the draws that made it", () => {
    const drawn = new Chance(5);
    const values = [
      drawn.int(10),
      drawn.happens(0.5),
      drawn.pick(["a", "b", "c"]),
      drawn.weighted([
        ["x", 1],
        ["y", 2],
      ]),
    ];
    const read = new Chance(drawn.drawn);
    expect([
      read.int(10),
      read.happens(0.5),
      read.pick(["a", "b", "c"]),
      read.weighted([
        ["x", 1],
        ["y", 2],
      ]),
    ]).toEqual(values);
    expect([read.int(10), read.happens(0.99), read.pick(["a", "b"])]).toEqual([0, false, "a"]);
  });

  it("gives the same native hashes as the domain", () => {
    for (const text of ["", "a", "é\u{1f600}", "x".repeat(1000)]) {
      expect(native.sha256Hex(text)).toBe(sha256Hex(text));
      expect(native.gitBlobId(new TextEncoder().encode(text))).toBe(gitBlobId(new TextEncoder().encode(text)));
    }
  });
});

describe("the planted mutants", () => {
  it("are at least twenty, with names of their own", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});
