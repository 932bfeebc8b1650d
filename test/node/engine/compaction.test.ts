import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ledgerEntrySchema } from "../../../contracts/ledger.ts";
import { runEventPayloads } from "../../../contracts/run-events.ts";
import { costMicros } from "../../../domain/budget/cost.ts";
import { verifyLedger } from "../../../domain/ledger/chain.ts";
import { fold } from "../../../domain/run/fold.ts";
import { upgradeLog } from "../../../domain/run/upgrade.ts";
import { type RunningModel, startModel } from "../../../local/model/index.ts";
import { createAnthropic } from "../../../worker/adapters/anthropic/index.ts";
import { createOpenAi } from "../../../worker/adapters/openai/index.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { LlmCompaction, LlmPort } from "../../../worker/ports/llm.ts";
import { modelCallsOf } from "../../../worker/services/run/model-calls.ts";
import { sendMessage } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";

const files = {
  "package.json": JSON.stringify({ name: "sum", type: "module", scripts: { test: "node --test" } }),
  "sum.js": "export const sum = (a, b) => a - b;\n",
  "long.txt": Array.from({ length: 600 }, (_, line) => `${line} ${"lorem ipsum ".repeat(4)}`).join("\n"),
};

let model: RunningModel;
let harness: EngineHarness;
beforeAll(async () => {
  model = await startModel({ port: 0 });
});
afterAll(() => model.close());
beforeEach(() => control("DELETE", ""));
afterEach(() => harness.close());

async function control(method: "POST" | "DELETE", path: string, body?: object): Promise<void> {
  const response = await fetch(`${model.url}/_model${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

const ledgerSchema = z.object({
  calls: z.array(
    z.object({
      model: z.string(),
      status: z.int(),
      inputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWriteTokens: z.int(),
      outputTokens: z.int(),
    }),
  ),
});
const bodySchema = z.looseObject({
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.array(z.looseObject({ type: z.string() })) }))
    .optional(),
  input: z.array(z.looseObject({ type: z.string() })).optional(),
});

interface Sent {
  readonly path: string;
  readonly betas: string;
  readonly text: string;
  /** Whole, as the server wrote it. */
  readonly answer: Promise<string>;
}

/** The vendor's adapter over HTTP to the local model, with what went over the wire. */
function wired(vendor: "anthropic" | "openai"): { readonly llm: LlmPort; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const spying: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    sent.push({
      path: new URL(input instanceof Request ? input.url : input).pathname,
      betas: new Headers(init?.headers).get("anthropic-beta") ?? "",
      text: typeof init?.body === "string" ? init.body : "",
      // The adapter hangs up once it has what it needs.
      answer: response
        .clone()
        .text()
        .catch(() => ""),
    });
    if (sent.length === 2) sendMessage(harness.journal, ada, "m1", "Keep the name sum.");
    return response;
  };
  const options = { apiKey: "k", fetch: spying };
  return {
    sent,
    llm:
      vendor === "anthropic"
        ? createAnthropic({ ...options, baseUrl: model.url })
        : createOpenAi({ ...options, baseUrl: `${model.url}/v1` }),
  };
}

/** Twelve calls at once, each answered with almost 30,000 characters: two such turns fill a conversation. */
const readAll = { toolCalls: Array.from({ length: 8 }, () => ({ name: "read_file", input: { path: "long.txt" } })) };
const readOne = { toolCalls: [{ name: "read_file", input: { path: "sum.js" } }] };

async function start(vendor: "anthropic" | "openai"): Promise<Sent[]> {
  harness = EngineHarness.start(files);
  const { llm, sent } = wired(vendor);
  harness.llm = llm;
  harness.model =
    vendor === "anthropic" ? { provider: vendor, id: "claude-opus-5-5" } : { provider: vendor, id: "gpt-6.1-sol" };
  harness.costMicros = costMicros;
  harness.begin("implement", "Make it add. Acceptance: sum(1, 1) is 2.");
  return sent;
}

const compactions = () => harness.events().flatMap((event) => (event.type === "context.compacted" ? [event.data] : []));

/** A line of what was sent: `compact`, or the conversation's blocks without their marks. */
function prefixes(sent: readonly Sent[]): readonly string[] {
  return sent.map(({ text }) => {
    const body = bodySchema.parse(JSON.parse(text));
    const blocks = body.input ?? body.messages?.flatMap(({ content }) => content) ?? [];
    return JSON.stringify(blocks.map(({ cache_control: _mark, ...block }) => block)).slice(0, -1);
  });
}

describe.each(["anthropic", "openai"] as const)("a long conversation with %s", (vendor) => {
  it("is summarised by the vendor; its block goes back byte for byte, facts stay, money is right", async () => {
    const sent = await start(vendor);
    await control("POST", "/script", { turns: [readAll, readOne, readAll, readOne, readOne, readOne] });
    await harness.drive(100);

    const [done] = compactions();
    expect(done).toMatchObject({ by: vendor, how: "summarised" });
    expect(done?.call?.usage.outputTokens).toBeGreaterThan(0);
    expect(done?.call?.costMicros).toBeGreaterThan(0);

    // The vendor's block, as it came, in every later request.
    const asked = sent.findIndex(
      ({ path, text }) => path.endsWith("/compact") || text.includes('"compaction":{"type"'),
    );
    const answer: unknown = JSON.parse((await sent[asked]?.answer) ?? "");
    const given = z
      .looseObject({ content: z.array(z.unknown()).optional(), output: z.array(z.unknown()).optional() })
      .parse(answer);
    const block = JSON.stringify(given.content?.[0] ?? given.output).replace(/^\[|\]$/g, "");
    const later = sent.slice(asked + 1);
    expect(later.length).toBeGreaterThan(1);
    for (const { betas, text } of later) {
      expect(text).toContain(block);
      if (vendor === "anthropic") expect(betas).toBe("compact-2026-09-04");
    }
    // The facts, in a message of their own or kept by the vendor.
    expect(later[0]?.text).toContain("Acceptance: sum(1, 1) is 2.");
    expect(later[0]?.text).toContain("Keep the name sum.");
    expect(later[0]?.text.length).toBeLessThan(200_000);
    // Between compactions each request only adds to the one before.
    for (const part of [sent.slice(0, asked), later]) {
      const lines = prefixes(part);
      for (const [index, line] of lines.entries())
        if (index > 0) expect(line.startsWith(lines[index - 1] ?? "-")).toBe(true);
    }
    // Money: the run's is what the model's own ledger comes to.
    const { calls } = ledgerSchema.parse(await (await fetch(`${model.url}/_model/calls`)).json());
    const own = calls.map((call) => {
      const written = vendor === "openai" ? call.cacheWriteTokens : 0;
      return costMicros(call.model, { ...call, inputTokens: call.inputTokens - written }) ?? Number.NaN;
    });
    expect(harness.journal.view().costMicros).toBe(own.reduce((sum, cost) => sum + cost, 0));
    // The project is charged with the summary too.
    expect([...harness.account.days.values()].reduce((sum, { micros }) => sum + micros, 0)).toBe(
      harness.journal.view().costMicros,
    );
    const kept = modelCallsOf(harness.store.modelCalls.list(), harness.store.events());
    expect(kept.map((call) => call.costMicros)).toEqual(own);
    // The stored events are a lawful log.
    for (const event of harness.events()) expect(runEventPayloads[event.type].safeParse(event.data).success).toBe(true);
    expect(fold(upgradeLog(harness.events()))).toEqual(harness.journal.view());
    const entries = harness.store.ledgerTexts().map((entry) => ledgerEntrySchema.parse(JSON.parse(entry)));
    expect(verifyLedger({ entries, head: entries.at(-1)?.hash ?? "" })).toMatchObject({ ok: true });
    expect(entries.filter(({ kind }) => kind === "model_call")).toHaveLength(calls.length);
  });
});

describe("old tool results", () => {
  const readLong = { toolCalls: [{ name: "read_file", input: { path: "long.txt" } }] };

  it("are cleared by Claude's own context editing, at a boundary that stays, and the cache goes on being read", async () => {
    const sent = await start("anthropic");
    await control("POST", "/script", { turns: [...Array.from({ length: 15 }, () => readLong), readOne, readOne] });
    await harness.drive(200);
    expect(compactions()).toEqual([
      { stage: "coder", turn: 14, messages: 15, by: "anthropic", how: "cleared", summary: "", call: null },
    ]);
    const edited = sent.flatMap(({ betas, text }) => {
      const { context_management: management } = JSON.parse(text) as { context_management?: unknown };
      return management === undefined ? [] : [{ betas, management }];
    });
    const turns = harness.events().flatMap((event) => (event.type === "turn.finished" ? [event.data] : []));
    expect(edited).toHaveLength(turns.length - 13);
    for (const [index, { betas, management }] of edited.entries()) {
      expect(betas).toBe("context-management-2025-06-27");
      expect(management).toEqual({
        edits: [
          {
            type: "clear_tool_uses_20250919",
            trigger: { type: "tool_uses", value: 7 },
            keep: { type: "tool_uses", value: Math.min(6 + index, 10) },
            exclude_tools: ["ask_person"],
          },
        ],
      });
    }
    const lines = prefixes(sent);
    for (const [index, line] of lines.entries())
      if (index > 0) expect(line.startsWith(lines[index - 1] ?? "-")).toBe(true);
    const reads = turns.map(({ usage }) => usage.cacheReadTokens ?? 0);
    expect(reads[13]).toBeLessThan(reads[12] ?? 0);
    for (const index of [14, 15, 16]) expect(reads[index]).toBeGreaterThan(40_000);
  });

  it("are cleared by our rule where the server knows no context editing, and it is not asked again", async () => {
    const sent = await start("anthropic");
    const { llm } = harness;
    harness.llm = {
      complete: (request) =>
        request.clearedToolResults === undefined && llm !== undefined
          ? llm.complete(request)
          : Promise.reject(new PortError("llm", "permanent", "bad_request", "context_management: no")),
    };
    await control("POST", "/script", { turns: [...Array.from({ length: 15 }, () => readLong), readOne, readOne] });
    await harness.drive(200);
    expect(compactions().map(({ by }) => by)).toEqual(["anthropic", "rule"]);
    expect(harness.journal.view().turns).toBeGreaterThan(15);
    expect(sent.at(-1)?.text.length).toBeLessThan(300_000);
    expect(sent.at(-1)?.text).toContain("call the tool again for them");
  });
});

describe("a summary that doesn't come", () => {
  const turns = [readAll, readOne, readAll, readOne, readOne];

  async function withCompact(compact: () => Promise<LlmCompaction>): Promise<{ asked: number }> {
    await start("anthropic");
    const { llm } = harness;
    const count = { asked: 0 };
    harness.llm = {
      complete: (request) => llm?.complete(request) ?? Promise.reject(new Error("no model")),
      compact: () => {
        count.asked += 1;
        return compact();
      },
    };
    await control("POST", "/script", { turns });
    return count;
  }

  it.each(["bad_request", "no_summary"])("for %s is not asked for again; the run goes on by rule", async (code) => {
    const count = await withCompact(() => Promise.reject(new PortError("llm", "permanent", code, "no")));
    await harness.drive(200);
    expect(count.asked).toBe(1);
    expect(harness.journal.view().turns).toBeGreaterThanOrEqual(turns.length);
    expect(harness.journal.view().costMicros).toBeGreaterThan(0);
  });

  it("for an overload is waited for twice, as a turn is, then the turn goes without", async () => {
    const count = await withCompact(() => Promise.reject(new PortError("llm", "transient", "overloaded", "no")));
    await harness.drive(200);
    const failed = harness.events().flatMap((event) => (event.type === "turn.failed" ? [event.data] : []));
    expect(failed[0]).toMatchObject({ code: "overloaded" });
    expect(failed[1]?.retryAtMs).toBeGreaterThan(failed[0]?.retryAtMs ?? 0);
    expect([count.asked, failed.length]).toEqual([3, 2]);
    expect(harness.journal.view().turns).toBeGreaterThanOrEqual(turns.length);
  });

  it("is booked where its vendor had begun it, beside the turns", async () => {
    const told = { inputTokens: 50, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 7 };
    const spent = { told, isFinal: true, receivedBytes: 0 };
    await withCompact(() => Promise.reject(new PortError("llm", "permanent", "no_summary", "no", { spent })));
    await harness.drive(200);
    const cut = harness.events().flatMap((event) => (event.type === "call.cut" ? [event.data] : []));
    expect(cut).toMatchObject([{ code: "no_summary", isEstimate: false, usage: told }]);
    expect(cut[0]?.callId).toMatch(/:compact$/u);
    const kept = modelCallsOf(harness.store.modelCalls.list(), harness.events());
    expect(kept.reduce((sum, call) => sum + (call.costMicros ?? Number.NaN), 0)).toBe(
      harness.journal.view().costMicros,
    );
  });

  it("is paid for at the price that is known, and unknown is never zero", async () => {
    const block = { type: "compaction" as const, text: "s", opaque: { type: "compaction", content: "s" } };
    const usage = { inputTokens: 5, cacheReadTokens: undefined, cacheWriteTokens: 0, outputTokens: 1 };
    await withCompact(() =>
      Promise.resolve({ block, keepsUserMessages: false, usage, model: "m", vendorRequestId: undefined }),
    );
    await harness.drive(200);
    expect(compactions()[0]?.call?.costMicros).toBeNull();
    expect(harness.journal.view().costMicros).toBeNull();
  });
});
