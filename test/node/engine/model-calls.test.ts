import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../domain/canonical-json.ts";
import { requestText, wholeRequest } from "../../../domain/run/request-text.ts";
import { BodyPacks } from "../../../durable-objects/run/body-packs.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { LlmBlock, LlmMessage } from "../../../worker/ports/llm.ts";
import { MemoryBlobs } from "../../fakes/memory-blobs.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

const owner = { tenantId: 7, runId: "3" };

/** Text that compresses about as source code does. */
function words(seed: number, characters: number): string {
  let state = seed * 2_654_435_761 + 1;
  let text = "";
  while (text.length < characters) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${["const", "value", "return", "if (", "=>", "\n  ", "{", "}"][state >>> 29] ?? ""} ${(state & 0xffff).toString(36)} `;
  }
  return text.slice(0, characters);
}

class Calls {
  readonly blobs = new MemoryBlobs();
  readonly sqlite = createSqlStorage();
  readonly store = new RunStore(this.sqlite.sql);
  packs = this.#packs();
  readonly kept = new Map<string, { readonly request: string; readonly answer: string }>();
  readonly #messages: LlmMessage[] = [{ role: "user", blocks: [{ type: "text", text: "Do it." }] }];

  /** One turn: a call, its answer, and the tool's output of so many characters for the next one. */
  turn(turn: number, outputCharacters: number, output = words(turn, outputCharacters)): void {
    const callId = `run-3:coder:1:${turn}:1`;
    const asked = {
      provider: "anthropic",
      model: "m",
      callId,
      maxOutputTokens: 16_000,
      system: `You are "messages":[] the coder. ${words(0, 6000)}`,
      tools: [{ name: "read_file", description: "d", inputSchema: {} }],
      messages: [...this.#messages],
    };
    const answer: LlmBlock[] = [
      { type: "text", text: `Turn ${turn}.` },
      { type: "tool_use", id: `t${turn}`, name: "read_file", input: { path: "a" } },
    ];
    const record = {
      stage: "coder" as const,
      turn,
      provider: "anthropic",
      model: "m",
      startedAtMs: turn,
      latencyMs: 1,
    };
    const answerJson = canonicalJson(answer);
    this.sqlite.storage.transactionSync(() =>
      this.store.apply(
        {
          events: [],
          modelCall: { ...record, callId, request: requestText(asked), answerJson, vendorRequestId: undefined },
        },
        turn,
      ),
    );
    this.kept.set(callId, { request: canonicalJson(asked), answer: answerJson });
    this.#messages.push(
      { role: "assistant", blocks: answer },
      { role: "user", blocks: [{ type: "tool_result", toolUseId: `t${turn}`, content: output, isError: false }] },
    );
  }

  /** All that SQLite holds, in bytes. */
  sizeBytes(): number {
    this.sqlite.sql.exec("vacuum");
    const [row] = this.sqlite.sql.exec<{ page_count: number }>("pragma page_count").toArray();
    return (row?.page_count ?? 0) * 4096;
  }

  async expectReadable(): Promise<void> {
    for (const [callId, bodies] of this.kept) expect(await this.packs.read(owner, callId)).toEqual(bodies);
  }

  /** The same disk after the process died. */
  restart(): void {
    this.packs = this.#packs();
  }

  #packs(): BodyPacks {
    return new BodyPacks(this.store.modelCalls, this.blobs, (work) => this.sqlite.storage.transactionSync(work));
  }
}

describe("a request in pieces", () => {
  it("is the canonical JSON of the whole document, with any content", () => {
    const request = {
      callId: 'a"messages":[]',
      messages: [{ b: '"messages":[]', a: 1 }, "x"],
      system: '"messages":[]',
    };
    expect(wholeRequest(requestText(request))).toBe(canonicalJson(request));
    expect(wholeRequest(requestText({ callId: "c", messages: [] }))).toBe(canonicalJson({ callId: "c", messages: [] }));
  });
});

describe("the kept model calls", () => {
  it("hold a stage of 50 turns once and not fifty times, and give each call back byte for byte", async () => {
    const calls = new Calls();
    for (let turn = 1; turn <= 50; turn += 1) calls.turn(turn, 8_000);
    const naive = [...calls.kept.values()].reduce(
      (sum, { answer, request }) => sum + request.length + answer.length,
      0,
    );
    expect(naive).toBeGreaterThan(10_000_000);
    expect(calls.sizeBytes()).toBeLessThan(naive / 15);
    await calls.expectReadable();
    expect(calls.blobs.kept.size).toBe(0);
  });

  it("move large parts out at once and small ones when they are many, and are read from there", async () => {
    const calls = new Calls();
    calls.turn(1, 40_000);
    calls.turn(2, 500);
    await calls.packs.moveOut(owner);
    expect(calls.blobs.kept.size).toBe(1);
    const [[key, pack] = ["", undefined]] = calls.blobs.kept;
    expect(key).toMatch(/^tenants\/7\/runs\/3\/model-calls\/[0-9a-f]{64}$/u);
    expect(pack?.bytes.length).toBeLessThan(25_000);
    await calls.expectReadable();
    for (let turn = 3; turn <= 50; turn += 1) calls.turn(turn, 25_000);
    await calls.packs.moveOut(owner);
    expect(calls.blobs.kept.size).toBe(2);
    calls.restart();
    await calls.expectReadable();
    expect(calls.sizeBytes()).toBeLessThan(400_000);
    // Parts that have moved are still known: a request that repeats them stores nothing.
    const before = calls.sizeBytes();
    calls.turn(51, 10);
    await calls.packs.moveOut(owner);
    expect(calls.sizeBytes() - before).toBeLessThan(40_000);
  });

  it("stay where they are while the blob store is away, and move when it is back", async () => {
    const calls = new Calls();
    calls.blobs.isAway = true;
    calls.turn(1, 40_000);
    calls.turn(2, 40_000);
    await expect(calls.packs.moveOut(owner)).rejects.toMatchObject({ name: "PortError", kind: "transient" });
    await calls.expectReadable();
    calls.blobs.isAway = false;
    await calls.packs.moveOut(owner);
    await calls.expectReadable();
    calls.blobs.isAway = true;
    await expect(calls.packs.read(owner, "run-3:coder:1:2:1")).rejects.toMatchObject({ code: "unreachable" });
  });

  it("lose nothing when the process dies between the pack and its name", async () => {
    const calls = new Calls();
    calls.turn(1, 40_000);
    calls.turn(2, 40_000);
    const dying = new BodyPacks(calls.store.modelCalls, calls.blobs, () => {
      throw new Error("died");
    });
    await expect(dying.moveOut(owner)).rejects.toThrow("died");
    expect(calls.blobs.kept.size).toBe(1);
    await calls.expectReadable();
    calls.restart();
    await calls.packs.moveOut(owner);
    // The same parts make the same pack under the same key.
    expect(calls.blobs.kept.size).toBe(1);
    await calls.expectReadable();
  });

  it("keep parts larger than a row, and words in any script", async () => {
    const calls = new Calls();
    calls.turn(1, 0, "語".repeat(1_200_000));
    calls.turn(2, 0, "lone \ud800 and \u0000");
    calls.turn(3, 10);
    await calls.expectReadable();
    await calls.packs.moveOut(owner);
    await calls.expectReadable();
  });

  it("move once when `moveOut` is called several times, also with a new call in between", async () => {
    const calls = new Calls();
    calls.turn(1, 40_000);
    calls.turn(2, 10);
    const first = calls.packs.moveOut(owner);
    calls.turn(3, 40_000);
    calls.turn(4, 10);
    await Promise.all([first, calls.packs.moveOut(owner)]);
    await calls.packs.moveOut(owner);
    await calls.expectReadable();
    expect(calls.store.modelCalls.due({ largeBytes: 32_000, manyBytes: 1_000_000, packBytes: 1 })).toEqual([]);
  });

  it("of an object from before there were parts are read as they were", async () => {
    const calls = new Calls();
    calls.sqlite.sql.exec(
      "insert into model_calls (call_id, at_ms, record, request, answer) values (?, ?, ?, ?, ?)",
      "old",
      1,
      "{}",
      '{"old":1}',
      "[]",
    );
    expect(await calls.packs.read(owner, "old")).toEqual({ request: '{"old":1}', answer: "[]" });
    expect(await calls.packs.read(owner, "none")).toBeUndefined();
  });
});
