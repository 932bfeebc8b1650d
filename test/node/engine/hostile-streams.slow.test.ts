import { afterEach, describe, expect, test } from "vitest";
import type { RunEventData } from "../../../contracts/run-events.ts";
import { costMicros } from "../../../domain/budget/cost.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import { ada } from "../../fakes/run-start.ts";
import { resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { anthropicStreams, anthropicWire } from "./hostile/anthropic.ts";
import { openAiStreams, openAiWire } from "./hostile/openai.ts";
import { startVendor, type Hostile, type Vendor } from "./hostile/vendor.ts";

/*
 * Streams that a vendor, a proxy or a weak model can send, over real HTTP through adapter and engine, against a vendor that refuses what the
 * real one would: none stops a run for ever, none runs a tool whose call was not whole, none loses money from the books.
 */
const deadlines = { idleMs: 1_000, totalMs: 5_000 };
const vendors = [
  {
    provider: "anthropic" as const,
    model: "claude-opus-5-5",
    wire: anthropicWire,
    streams: anthropicStreams,
    make: (url: string) => createAnthropic({ apiKey: "k", baseUrl: url, deadlines }),
  },
  {
    provider: "openai" as const,
    model: "gpt-6.1-sol",
    wire: openAiWire,
    streams: openAiStreams,
    make: (url: string) => createOpenAi({ apiKey: "k", baseUrl: `${url}/v1`, deadlines }),
  },
];

let harness: EngineHarness | undefined;
let vendor: Vendor | undefined;
afterEach(async () => {
  await vendor?.close();
  await harness?.close();
});

async function begin(
  hostile: Hostile,
  { make, model, provider, wire }: (typeof vendors)[number],
): Promise<EngineHarness> {
  vendor = await startVendor(wire, hostile);
  const made = EngineHarness.start({ "README.md": "# One\n" });
  harness = made;
  made.model = { provider, id: model };
  made.costMicros = costMicros;
  made.llm = make(vendor.url);
  made.begin("implement");
  await made.drive(3_000);
  return made;
}

/** Tools that did something, in order. */
function ran(of: EngineHarness): readonly string[] {
  return of
    .events()
    .flatMap((event) => (event.type === "tool.finished" && event.data.outcome === "ok" ? [event.data.name] : []));
}

/** The vendor's price of these counts, in millionths of a dollar. */
function priceOf(model: string, input: number, output: number): number {
  const usage = { inputTokens: input, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: output };
  return costMicros(model, usage) ?? Number.NaN;
}

/** Expects the run's books, and its project's, to be the vendor's bill; or, where it reported less than that, no less than it reported. */
function expectBooks(of: EngineHarness, hostile: Hostile, model: string): void {
  const served = vendor?.served ?? { hostile: 0, good: 0 };
  const turns = of.events().filter(({ type }) => type === "turn.finished").length;
  expect(turns).toBe(served.good + (hostile.billed ? served.hostile : 0));
  const cut = of.events().flatMap((event) => (event.type === "call.cut" ? [event.data] : []));
  expect(cut.length).toBe(hostile.reported === undefined ? 0 : served.hostile);
  expect(new Set(cut.map(({ callId }) => callId)).size).toBe(cut.length);
  for (const call of cut) expectCut(call, hostile, model);
  const spent = of.journal.view().costMicros;
  const settled = [...of.account.days.values()];
  expect(settled.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0)).toBe(hostile.cost === "unknown" ? 1 : 0);
  expect(of.account.reservation).toBeUndefined();
  if (hostile.cost === "unknown") {
    expect(spent).toBeNull();
    return;
  }
  expect(settled.reduce((sum, { micros }) => sum + micros, 0)).toBe(spent);
  if (hostile.cost === "bounded") {
    expect(spent).toBeLessThan(10_000_000);
    return;
  }
  expect(spent).toBe(cut.reduce((sum, call) => sum + (call.costMicros ?? Number.NaN), turns * priceOf(model, 100, 50)));
}

function expectCut(call: RunEventData<"call.cut">, { reported }: Hostile, model: string): void {
  const { costMicros: cost, isEstimate, usage } = call;
  if (reported === undefined || reported === "none") {
    expect(isEstimate).toBe(true);
    // The prompt is some tens of kilobytes; a cut call stops no project.
    expect(usage.inputTokens).toBeGreaterThan(500);
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThan(1_000_000);
    return;
  }
  expect(isEstimate).toBe(!reported.isAll);
  expect(usage.inputTokens).toBe(reported.input);
  if (reported.isAll) {
    expect(cost).toBe(priceOf(model, reported.input, reported.output));
    return;
  }
  expect(cost).toBeGreaterThanOrEqual(priceOf(model, reported.input, reported.output));
  expect(usage.outputTokens).toBeLessThan(1_000);
}

describe.each(vendors)("$provider", (side) => {
  test("sixty streams at least", () => {
    expect(side.streams.length).toBeGreaterThanOrEqual(60);
    expect(new Set(side.streams.map(({ name }) => name)).size).toBe(side.streams.length);
  });

  test.each(side.streams)("$name", async (hostile) => {
    const run = await begin(hostile, side);
    const { cause, state } = run.journal.view();
    expect([state, cause]).toEqual([
      hostile.rests ?? "WAITING_APPROVAL",
      hostile.rests === undefined ? null : expect.any(String),
    ]);
    expect(vendor?.problems).toEqual([]);
    const good = hostile.rests === undefined ? ["write_file", "finish", "submit_review"] : [];
    expect(ran(run).filter((name) => hostile.runs?.includes(name) !== true)).toEqual(good);
    expect(new Set(ran(run).filter((name) => !good.includes(name)))).toEqual(new Set(hostile.runs ?? []));
    expectBooks(run, hostile, side.model);
    // A person can let it go on, whatever it was; without end, it asks again.
    if (hostile.rests !== undefined) expect(resumeRun(run.journal, ada, run.nowMs)).toEqual({ ok: true });
  });
});
