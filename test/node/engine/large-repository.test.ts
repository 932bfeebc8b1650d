import { afterEach, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

const count = 20_000;
/** Far above what a quiet machine needs, far below what an accidental quadratic walk would take. */
const boundMs = 20_000;

let harness: EngineHarness;
afterEach(() => harness.close());

it("a repository of 20,000 files is seeded, listed, searched and compared in little time, and a run on it ends", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < count; index += 1)
    files[`src/part-${index % 200}/file-${index}.ts`] = `export const value${index} = ${index};\n`;
  harness = await EngineHarness.startOnHost(files);
  harness.begin("implement");
  harness.turns = [
    [
      use("a", "list_files", { recursive: true }),
      use("b", "grep", { pattern: "value19999\\b" }),
      use("c", "edit_file", { path: "src/part-0/file-0.ts", old_string: "= 0", new_string: "= 1" }),
      use("d", "git_diff", {}),
    ],
    [use("e", "finish", { title: "Change one", summary: "One." })],
    [use("f", "submit_review", { verdict: "approve", summary: "Fine.", findings: [] })],
  ];
  const took: [string, number][] = [];
  for (let isIdle = false; !isIdle;) {
    const before = harness.events().length;
    const startedAt = performance.now();
    isIdle = (await harness.step()) === "idle";
    const ended = harness.events().slice(before);
    const names = ended.map((event) => (event.type === "tool.finished" ? event.data.name : event.type));
    took.push([names.join(" "), Math.round(performance.now() - startedAt)]);
  }
  const slowest = took.toSorted(([, a], [, b]) => b - a).slice(0, 6);
  console.log(slowest.map(([names, ms]) => `${ms} ms: ${names}`).join("\n"));
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  const seeded = harness.events().find((event) => event.type === "repository.seeded");
  expect(seeded?.type === "repository.seeded" && seeded.data.fileCount).toBe(count);
  const outputs = harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data.output] : []));
  expect(outputs[1]).toContain("src/part-199/file-19999.ts:1:");
  expect(outputs[3]).toContain("+export const value0 = 1;");
  expect(harness.journal.work("1").map(({ path }) => path)).toEqual(["src/part-0/file-0.ts"]);
  for (const [names, ms] of took) expect(ms, names).toBeLessThan(boundMs);
}, 180_000);
