import { createTwoFilesPatch, diffLines } from "diff";
import { describe, expect, test } from "vitest";
import { addedLines, lineStat } from "../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { renderDiff } from "../../../worker/services/run/engine/diff-text.ts";

const lines = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${make(index)}\n`).join("");

/** Twenty thousand lines, and three ways of changing most of them. */
const before = lines(20_000, (index) => `const a${index} = ${index};`);
const rewritten = lines(20_000, (index) => `let b${index} = ${index * 7};`);
const half = lines(20_000, (index) => (index % 2 === 0 ? `x${index}` : `const a${index} = ${index};`));
const shuffled = lines(20_000, (index) => `const a${(index * 7919) % 20_000} = ${(index * 7919) % 20_000};`);

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const change = (path: string, text: string): TreeChange => ({
  path,
  status: "modified",
  beforeMode: "100644",
  afterMode: "100644",
  beforeBlob: "before",
  afterBlob: path,
  bytes: bytes(text),
});

describe("the lines of a change", () => {
  test("are counted and found as the whole comparison does, where that is short", () => {
    const one = lines(3_000, (index) => (index % 40 === 0 ? `changed ${index}` : `line ${index}`));
    const other = lines(3_000, (index) => `line ${index}`);
    const parts = diffLines(other, one);
    const added = parts.filter((part) => part.added).reduce((sum, { count }) => sum + count, 0);
    expect(lineStat(other, one)).toEqual({ additions: added, deletions: added });
    expect(addedLines(other, one)).toHaveLength(added);
    const shown = renderDiff([change("a.ts", one)], () => bytes(other));
    expect(shown).toBe(createTwoFilesPatch("a/a.ts", "b/a.ts", other, one, undefined, undefined, { context: 3 }));
  });

  test("are counted exactly where a file was rewritten", () => {
    expect(lineStat(before, rewritten)).toEqual({ additions: 20_000, deletions: 20_000 });
    expect(lineStat(before, half)).toEqual({ additions: 10_000, deletions: 10_000 });
    expect(addedLines(before, half)).toHaveLength(10_000);
    expect(addedLines(before, half)[1]).toEqual({ line: 3, text: "x2" });
  });

  test("a line that came twice is new once", () => {
    const twice = `${lines(600, (index) => `new ${index}`)}same\nsame\n`;
    expect(addedLines(`same\n${lines(600, (index) => `old ${index}`)}`, twice).at(-1)).toEqual({
      line: 602,
      text: "same",
    });
  });

  test("say that a file is too different to show, with its counts, and go on with the next", () => {
    const shown = renderDiff([change("a.ts", rewritten), change("b.ts", "one\n")], (blob) =>
      blob === "before" ? bytes(before) : undefined,
    );
    expect(shown).toContain(
      "modified a.ts\n(20000 lines added, 20000 deleted: too different to show; read the file)\n",
    );
  });

  test.each([
    ["rewritten", rewritten],
    ["half of them", half],
    ["shuffled", shuffled],
  ])("of twelve files of 20,000 lines are compared in bounded work: %s", (_, after) => {
    // Of this thread alone, so that a busy machine does not count.
    const began = process.threadCpuUsage();
    for (let file = 0; file < 12; file += 1) {
      lineStat(before, after);
      addedLines(before, after);
    }
    renderDiff(
      Array.from({ length: 12 }, (_change, index) => change(`${index}.ts`, after)),
      () => bytes(before),
    );
    const { system, user } = process.threadCpuUsage(began);
    expect((system + user) / 1_000).toBeLessThan(6_000);
  });
});
