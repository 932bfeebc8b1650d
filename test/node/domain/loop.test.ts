import { describe, expect, it } from "vitest";
import { askAfter, stableResult, tellAfter, watchLoop, type LoopVerdict } from "../../../domain/run/loop.ts";

function watch(calls: readonly (readonly [key: string, hasChanged?: boolean])[]): readonly LoopVerdict["advice"][] {
  let recent: readonly string[] = [];
  return calls.map(([key, hasChanged = false]) => {
    const verdict = watchLoop(recent, key, hasChanged);
    recent = verdict.recent;
    return verdict.advice;
  });
}

const times = (count: number, key: string): readonly (readonly [string])[] =>
  Array.from({ length: count }, () => [key]);

describe("a loop", () => {
  it("warns the model from the third equal result on, and asks a person at the sixth", () => {
    const advice = watch(times(askAfter, "a"));
    expect(advice.slice(0, tellAfter - 1)).toEqual(["go_on", "go_on"]);
    expect(advice.slice(tellAfter - 1, -1)).toEqual(["tell", "tell", "tell"]);
    expect(advice.at(-1)).toBe("ask");
  });

  it("is seen when it takes turns between two calls", () => {
    expect(watch(Array.from({ length: 11 }, (_, index) => [index % 2 === 0 ? "a" : "b"] as const)).at(-1)).toBe("ask");
  });

  it("is none when the result differs, when the work changed in between, or when long ago", () => {
    expect(new Set(watch(Array.from({ length: 40 }, (_, index) => [`read ${index}`] as const)))).toEqual(
      new Set(["go_on"]),
    );
    const edited = Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? (["test"] as const) : (["edit", true] as const),
    );
    expect(new Set(watch(edited))).toEqual(new Set(["go_on"]));
    const others = Array.from({ length: 30 }, (_, index) => [`other ${index}`] as const);
    expect(watch([["a"], ["a"], ...others, ["a"]]).at(-1)).toBe("go_on");
  });

  it("begins anew after a person was asked", () => {
    expect(watch(times(askAfter + 1, "a")).at(-1)).toBe("go_on");
  });

  it("does not depend on how long things took", () => {
    expect(stableResult("✔ a (3.45ms)\n# duration_ms 12.5\nin 3 s")).toBe(
      stableResult("✔ a (10ms)\n# duration_ms 99\nin 4.2 s"),
    );
    expect(stableResult("2 failed")).not.toBe(stableResult("3 failed"));
  });
});
