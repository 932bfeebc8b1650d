import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../contracts/ledger.ts";
import {
  finalStates,
  maxPromptCharacters,
  runStates,
  startableModes as contractModes,
} from "../../../contracts/run.ts";
import { revealHidden } from "../../../web/features/run/changes/hidden-characters.ts";
import { parseFrame, waitBefore } from "../../../web/features/run/frames.ts";
import { canonicalJson, verifyLedger } from "../../../web/features/run/ledger/verify.ts";
import { segmentsOf } from "../../../web/features/run/model/kinds.ts";
import { stepsOf } from "../../../web/features/run/model/steps.ts";
import { emptyRunView, reduce } from "../../../web/features/run/reduce.ts";
import { summaryOf } from "../../../web/features/run/transcript/summaries.ts";
import { safeReturnPath } from "../../../web/lib/return-path.ts";
import { formatCost, formatDuration, formatRelative } from "../../../web/lib/format.ts";
import { isFinal, promptLimit, startableModes } from "../../../web/lib/vocabulary.ts";
import { sealEntry } from "../../../domain/ledger/chain.ts";
import { sampleRun } from "./sample-run.ts";

function sealed(count: number): Ledger {
  const entries: Ledger["entries"] = [];
  for (let index = 0; index < count; index += 1) {
    entries.push(
      sealEntry(entries.at(-1), {
        atMs: index,
        kind: "state",
        data: { z: index, a: { y: [1, null, "ü\u2028"], b: true } },
      }),
    );
  }
  return { format: "assembly-lime-ledger/1", runId: "1", entries, head: entries.at(-1)?.hash ?? "0".repeat(64) };
}

describe("ledger", () => {
  test("a chain that the server sealed verifies in the browser", async () => {
    expect(await verifyLedger(sealed(5))).toMatchObject({ ok: true, entries: 5 });
  });

  test.each([
    [
      "a changed entry",
      (ledger: Ledger) => ({
        ...ledger,
        entries: ledger.entries.map((entry, index) => (index === 2 ? { ...entry, data: { z: 99 } } : entry)),
      }),
      2,
    ],
    ["a missing entry", (ledger: Ledger) => ({ ...ledger, entries: ledger.entries.toSpliced(2, 1) }), 2],
    [
      "swapped entries",
      (ledger: Ledger) => ({
        ...ledger,
        entries: ledger.entries.toSpliced(1, 2, ...ledger.entries.slice(1, 3).toReversed()),
      }),
      1,
    ],
    ["a cut end", (ledger: Ledger) => ({ ...ledger, entries: ledger.entries.slice(0, 4) }), 4],
    ["a forged head", (ledger: Ledger) => ({ ...ledger, head: "c".repeat(64) }), 5],
  ])("%s is found", async (_name, forge, index) => {
    expect(await verifyLedger(forge(sealed(5)))).toMatchObject({ ok: false, index });
  });

  test("canonical JSON sorts keys at every depth", () => {
    expect(canonicalJson({ b: [{ d: 1, c: "x" }], a: null })).toBe('{"a":null,"b":[{"c":"x","d":1}]}');
  });
});

describe("hidden characters", () => {
  test("bidirectional and zero-width characters are written out and counted", () => {
    expect(revealHidden("a\u202eb\u200bc\u{e0041}")).toEqual({ text: "a⟦U+202E⟧b⟦U+200B⟧c⟦U+E0041⟧", count: 3 });
  });
  test("ordinary text, emoji and other scripts stay", () => {
    const text = "naïve Ω 漢字 🙂 tab\tline\n";
    expect(revealHidden(text)).toEqual({ text, count: 0 });
  });
});

describe("frames", () => {
  test("only known frames are taken", () => {
    expect(parseFrame('{"t":"live","headSeq":3}')).toEqual({ t: "live", headSeq: 3 });
    for (const other of ["pong", "{", '{"t":"toString"}', '{"t":"new"}', "null", new ArrayBuffer(2)])
      expect(parseFrame(other)).toBeNull();
  });
  test("waits grow to 15 s at most, give or take a quarter", () => {
    expect(waitBefore(0, 0.5)).toBe(400);
    expect(waitBefore(3, 0.5)).toBe(3200);
    expect(waitBefore(30, 1)).toBe(15_000 * 1.25);
  });
});

describe("steps and segments", () => {
  const view = reduce(emptyRunView, { t: "events", events: sampleRun() });

  test("a finished run has passed every step, with the time of each", () => {
    const steps = stepsOf("bugfix", view.facts.visits);
    expect(steps.every((step) => step.status === "passed")).toBe(true);
    expect(steps.find((step) => step.id === "code")?.spentMs).toBe(9000);
  });
  test("a run that needs a person stopped where it was", () => {
    const steps = stepsOf("bugfix", [
      { state: "QUEUED", fromMs: 0, untilMs: 10 },
      { state: "CODING", fromMs: 10, untilMs: 40 },
      { state: "NEEDS_HUMAN", fromMs: 40, untilMs: null },
    ]);
    expect(steps.map((step) => step.status)).toEqual([
      "passed",
      "stopped",
      ...Array.from({ length: 6 }, () => "ahead"),
    ]);
  });
  test("segments cover all rows once, in order, and are few", () => {
    const rows = Array.from({ length: 500 }, () => view.rows).flat();
    const segments = segmentsOf(rows, 200);
    expect(segments.length).toBeLessThanOrEqual(200);
    expect(segments[0]?.from).toBe(0);
    expect(segments.at(-1)?.to).toBe(rows.length);
    for (const [index, segment] of segments.entries())
      if (index > 0) expect(segment.from).toBe(segments[index - 1]?.to);
  });
});

describe("words and guards", () => {
  test("values kept beside the contracts are the contracts'", () => {
    expect(startableModes.toSorted()).toEqual([...contractModes].toSorted());
    expect(promptLimit).toBe(maxPromptCharacters);
    expect(runStates.filter(isFinal)).toEqual([...finalStates]);
  });
  test("only paths of this site are come back to", () => {
    expect(safeReturnPath("/runs/3?tab=ledger")).toBe("/runs/3?tab=ledger");
    for (const bad of [
      undefined,
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
      "/sign-in?next=/sign-in",
    ]) {
      expect(safeReturnPath(bad)).toBe("/");
    }
  });
  test("times and costs read well", () => {
    expect([420, 4200, 42_000, 125_000, 7_200_000].map(formatDuration)).toEqual([
      "420ms",
      "4.2s",
      "42s",
      "2m 5s",
      "2h",
    ]);
    expect([null, 0, 4200, 1_270_000].map(formatCost)).toEqual(["—", "$0", "$0.0042", "$1.27"]);
    expect(formatRelative(0, 5 * 60_000)).toBe("5 min ago");
  });
  test("a tool's summary is one line and survives any input", () => {
    expect(summaryOf("shell", { command: "npm test\n  && true" })).toBe("npm test && true");
    expect(summaryOf("read_file", { path: "a.ts", offset: 10 })).toBe("a.ts:10");
    for (const input of [null, undefined, 3, "x", [], { path: {} }])
      expect(typeof summaryOf("read_file", input)).toBe("string");
    expect(summaryOf("unknown", { a: 1 })).toBe('{"a":1}');
  });
});
