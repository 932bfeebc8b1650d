import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { longestAskedMs } from "../../../domain/run/backoff.ts";
import { type RunningModel, startModel } from "../../../local/model/index.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import { EngineHarness } from "./harness.ts";

const stormMs = 20 * 60_000;
const files = { "package.json": JSON.stringify({ name: "sum" }), "sum.js": "export const sum = (a, b) => a - b;\n" };

let harness: EngineHarness;
let model: RunningModel;
let front: Server;
afterEach(async () => {
  front.closeAllConnections();
  await new Promise((resolve) => front.close(resolve));
  await model.close();
  await harness.close();
});

interface Storm {
  readonly url: string;
  /** Of each call: when it came by the run's clock, and what it was answered. */
  readonly calls: { readonly atMs: number; readonly status: number }[];
}

/** A vendor that is overloaded for 20 minutes from its first call on, by the run's clock; then the local model answers. */
async function startStorm(retryAfter: (call: number) => string | undefined): Promise<Storm> {
  model = await startModel({ port: 0 });
  const script = {
    turns: [
      {
        text: "Nothing to do.",
        toolCalls: [{ name: "finish", input: { outcome: "declined", title: "None", summary: "It adds already." } }],
      },
    ],
  };
  const json = { "content-type": "application/json" };
  await fetch(`${model.url}/_model/script`, { method: "POST", headers: json, body: JSON.stringify(script) });
  const calls: Storm["calls"] = [];
  front = createServer((request, response) => {
    void (async () => {
      const chunks: string[] = [];
      for await (const chunk of request.setEncoding("utf8")) chunks.push(String(chunk));
      const atMs = harness.nowMs;
      if (atMs - (calls[0]?.atMs ?? atMs) < stormMs) {
        const asked = retryAfter(calls.length);
        calls.push({ atMs, status: 529 });
        response.writeHead(529, { ...json, ...(asked === undefined ? {} : { "retry-after": asked }) });
        response.end(JSON.stringify({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }));
        return;
      }
      calls.push({ atMs, status: 200 });
      const answer = await fetch(`${model.url}${request.url ?? ""}`, {
        method: "POST",
        headers: { ...json, "x-api-key": "k", authorization: "Bearer k", "anthropic-version": "2023-06-01" },
        body: chunks.join(""),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, calls };
}

async function weather(
  vendor: "anthropic" | "openai",
  chance: number,
  retryAfter: (call: number) => string | undefined = () => undefined,
): Promise<Storm> {
  harness = EngineHarness.start(files);
  const storm = await startStorm(retryAfter);
  harness.chance = chance;
  harness.costMicros = costMicros;
  harness.model = { provider: vendor, id: vendor === "anthropic" ? "claude-opus-5-5" : "gpt-6.1-sol" };
  harness.llm =
    vendor === "anthropic"
      ? createAnthropic({ apiKey: "k", baseUrl: storm.url })
      : createOpenAi({ apiKey: "k", baseUrl: `${storm.url}/v1` });
  harness.begin("implement");
  await harness.drive(100);
  return storm;
}

const failures = () => harness.events().flatMap((event) => (event.type === "turn.failed" ? [event.data] : []));

/** Checks the invariants after a storm. */
function expectOutlasted({ calls }: Storm): void {
  expect(harness.journal.view().state).toBe("DECLINED");
  expect(calls.filter(({ status }) => status === 529).length).toBe(failures().length);
  expect(calls.at(-1)?.status).toBe(200);
  expect(calls.length).toBeLessThanOrEqual(12);
  expect((calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(stormMs);
  // The run announced each retry, and made it at that time.
  for (const [index, { code, retryAtMs }] of failures().entries()) {
    expect(code).toBe("overloaded");
    expect(calls[index + 1]?.atMs).toBeGreaterThanOrEqual(retryAtMs ?? Number.POSITIVE_INFINITY);
  }
  expect(harness.journal.view().costMicros).toBeGreaterThan(0);
}

describe.each(["anthropic", "openai"] as const)("20 minutes of overload at %s", (vendor) => {
  it.each([0, 0.5, 0.999])("are outlasted with at most 12 calls, with chance %d", async (chance) => {
    expectOutlasted(await weather(vendor, chance));
  });

  it.each([
    ["1 s", () => "1"],
    ["90 s", () => "90"],
    ["20 s at first, then nothing", (call: number) => (call < 5 ? "20" : undefined)],
    ["a moment in a date", () => new Date(Date.now() + 45_000).toUTCString()],
    ["nonsense", () => "soon"],
  ])("are outlasted when it asks for %s, and that is obeyed", async (_what, retryAfter) => {
    const storm = await weather(vendor, 0, retryAfter);
    expectOutlasted(storm);
    for (const [index, { atMs, status }] of storm.calls.entries()) {
      const asked = Number(retryAfter(index));
      const next = storm.calls[index + 1];
      if (status === 529 && next !== undefined && Number.isFinite(asked))
        expect(next.atMs - atMs).toBeGreaterThanOrEqual(asked * 1000);
    }
  });

  it("are left alone when it asks for a day: the run tries within an hour or so, and shows when", async () => {
    const storm = await weather(vendor, 0.5, () => "86400");
    expectOutlasted(storm);
    expect(storm.calls).toHaveLength(2);
    const waitedMs = (storm.calls[1]?.atMs ?? 0) - (storm.calls[0]?.atMs ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(longestAskedMs);
    expect(waitedMs).toBeLessThan(longestAskedMs + 60_000);
  });
});
