import { describe, expect, test } from "vitest";
import { startableModes as contractModes } from "../../../contracts/run.ts";
import { revealHidden } from "../../../web/lib/hidden-text.ts";
import { parseRunFrame } from "../../../web/features/run/frames.ts";
import { waitBefore } from "../../../web/lib/socket-frames.ts";
import { segmentsOf } from "../../../web/features/run/model/kinds.ts";
import { historyOf } from "../../../web/features/run/model/history.ts";
import { stepsOf } from "../../../web/features/run/model/steps.ts";
import { emptyRunPage, reduce } from "../../../web/features/run/reduce.ts";
import { summaryOf } from "../../../web/features/run/transcript/summaries.ts";
import { safeReturnPath } from "../../../web/lib/return-path.ts";
import { formatCost, formatDuration, formatRelative } from "../../../web/lib/format.ts";
import { startableModes } from "../../../web/lib/vocabulary.ts";
import { sampleRun } from "./sample-run.ts";

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
    expect(parseRunFrame('{"t":"live","headSeq":3}')).toEqual({ t: "live", headSeq: 3 });
    for (const other of ["pong", "{", '{"t":"toString"}', '{"t":"new"}', "null", new ArrayBuffer(2)])
      expect(parseRunFrame(other)).toBeNull();
  });
  test("waits grow to 15 s at most, give or take a quarter", () => {
    expect(waitBefore(0, 0.5)).toBe(400);
    expect(waitBefore(3, 0.5)).toBe(3200);
    expect(waitBefore(30, 1)).toBe(15_000 * 1.25);
  });
});

describe("steps and segments", () => {
  const page = reduce(emptyRunPage, { t: "events", events: sampleRun() });

  test("a finished run has passed every step, with the time of each", () => {
    const steps = stepsOf("bugfix", historyOf(page.log).visits);
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
    const rows = Array.from({ length: 500 }, () => page.rows).flat();
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
