import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ciGate } from "../../../domain/run/ci.ts";
import { genesisHash } from "../../../domain/ledger/chain.ts";
import { isBranchName, otherBranchNames, runBranchName } from "../../../domain/patch-set/branch-name.ts";
import { longestAskedMs, retryBaseMs, retryDelayMs } from "../../../domain/run/backoff.ts";
import {
  normaliseConversation,
  type ConversationBlock,
  type ConversationMessage,
} from "../../../domain/run/conversation.ts";
import { applyEvent, emptyView, type FoldEvent, type RunView } from "../../../domain/run/fold.ts";
import { maxTurnFailures, nextStep } from "../../../domain/run/next.ts";
import { testScript } from "../../../domain/run/test-command.ts";
import { runCreated } from "../../fakes/run-start.ts";

const created: FoldEvent = { ...runCreated({ mode: "bugfix" }), atMs: 1 };
const moved = (from: RunView["state"], to: RunView["state"], trigger: string): FoldEvent => ({
  type: "run.state_changed",
  atMs: 2,
  data: { from, to, trigger, cause: null },
});
const stage: FoldEvent = { type: "stage.started", atMs: 3, data: { stage: "coder", attempt: 1 } };
const turn = (calls: readonly string[]): FoldEvent => ({
  type: "turn.finished",
  atMs: 4,
  data: {
    stage: "coder",
    turn: 1,
    callId: null,
    text: "",
    thinking: "",
    stopReason: "tool_use",
    costMicros: 10,
    latencyMs: 1,
    requestHash: genesisHash,
    answerHash: genesisHash,
    toolCalls: calls.map((callId) => ({ callId, name: "read_file" })),
    usage: { inputTokens: 5, cacheReadTokens: null, cacheWriteTokens: 2, outputTokens: 3 },
  },
});
const after = (...events: readonly FoldEvent[]): RunView => events.reduce(applyEvent, emptyView);
const coding = [created, moved("QUEUED", "CODING", "started"), stage];

describe("the next step", () => {
  it("is derived from events alone", () => {
    expect(nextStep(emptyView, 0).kind).toBe("wait");
    expect(nextStep(after(created), 0).kind).toBe("start");
    expect(nextStep(after(created, moved("QUEUED", "CODING", "started")), 0).kind).toBe("begin_stage");
    expect(nextStep(after(...coding), 0)).toMatchObject({ kind: "turn", turn: 1, attempt: 1 });
    expect(nextStep(after(...coding, turn(["a", "b"])), 0)).toMatchObject({
      kind: "tool",
      call: { callId: "a", started: false },
    });
    expect(nextStep(after(created, moved("QUEUED", "WAITING_APPROVAL", "x")), 0).kind).toBe("wait");
    expect(nextStep(after(created, moved("QUEUED", "APPLYING", "x")), 0).kind).toBe("end_delivery");
  });

  it("resumes an interrupted turn as a further attempt of the same turn", () => {
    const cut = after(...coding, {
      type: "turn.started",
      atMs: 4,
      data: { stage: "coder", turn: 1, attempt: 1, model: "m" },
    });
    expect(nextStep(cut, 0)).toMatchObject({ kind: "turn", turn: 1, attempt: 2 });
  });

  it("knows that a tool call had begun", () => {
    const begun = after(...coding, turn(["a"]), {
      type: "tool.started",
      atMs: 5,
      data: { stage: "coder", turn: 1, callId: "a", name: "shell", input: {} },
    });
    expect(nextStep(begun, 0)).toMatchObject({ kind: "tool", call: { callId: "a", started: true } });
  });

  it("waits out a retry and gives up after too many", () => {
    const failure: FoldEvent = {
      type: "turn.failed",
      atMs: 5,
      data: { stage: "coder", turn: 1, attempt: 1, code: "overloaded", message: "", retryAtMs: 900 },
    };
    expect(nextStep(after(...coding, failure), 100)).toEqual({ kind: "wait", untilMs: 900 });
    expect(nextStep(after(...coding, failure), 901).kind).toBe("turn");
    expect(nextStep(after(...coding, ...Array.from({ length: maxTurnFailures }, () => failure)), 901).kind).toBe(
      "give_up",
    );
  });

  it("winds down before the last turn and stops after it; a resume gives a full allowance", () => {
    const turns = (count: number): readonly FoldEvent[] => Array.from({ length: count }, () => turn(["x"]));
    const closed: FoldEvent = {
      type: "tool.finished",
      atMs: 6,
      data: {
        callId: "x",
        name: "read_file",
        outcome: "ok",
        output: "",
        truncated: false,
        durationMs: 1,
        invalidReport: false,
      },
    };
    const walked = (count: number): RunView => after(...coding, ...turns(count).flatMap((event) => [event, closed]));
    expect(nextStep(walked(44), 0)).toMatchObject({ kind: "turn", windDown: 6 });
    expect(nextStep(walked(45), 0)).toMatchObject({ kind: "turn", windDown: undefined });
    expect(nextStep(walked(50), 0).kind).toBe("give_up");
    const resumed = [moved("CODING", "NEEDS_HUMAN", "human_needed"), moved("NEEDS_HUMAN", "CODING", "resumed")].reduce(
      applyEvent,
      walked(50),
    );
    expect(nextStep(resumed, 0).kind).toBe("begin_stage");
  });

  it("counts tokens and cost, and never makes an unknown cost zero", () => {
    const view = after(...coding, turn([]));
    expect([view.inputTokens, view.outputTokens, view.costMicros]).toEqual([7, 3, 10]);
    const unknown = turn([]);
    if (unknown.type !== "turn.finished") throw new Error("unreachable");
    expect(applyEvent(view, { ...unknown, data: { ...unknown.data, costMicros: null } }).costMicros).toBeNull();
  });
});

describe("conversations", () => {
  const block = fc.oneof<fc.Arbitrary<ConversationBlock>[]>(
    fc.record({ type: fc.constant("text" as const), text: fc.constant("t") }),
    fc.record({
      type: fc.constant("tool_use" as const),
      id: fc.constantFrom("a", "b", "c"),
      name: fc.constant("grep"),
    }),
    fc.record({
      type: fc.constant("tool_result" as const),
      toolUseId: fc.constantFrom("a", "b", "c"),
      content: fc.constant(""),
      isError: fc.boolean(),
    }),
  );
  const message: fc.Arbitrary<ConversationMessage<ConversationBlock>> = fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    blocks: fc.array(block, { maxLength: 4 }),
  });

  it("always meet the vendors' rules, for every stored conversation", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const normal = normaliseConversation(messages, (toolUseId): ConversationBlock => ({
          type: "tool_result",
          toolUseId,
          content: "not run",
          isError: true,
        }));
        for (const [index, { blocks, role }] of normal.entries()) {
          if (role !== "assistant") continue;
          const asked = blocks.flatMap((each) => (each.type === "tool_use" ? [each.id] : []));
          const answered =
            normal[index + 1]?.blocks.flatMap((each) => (each.type === "tool_result" ? [each.toolUseId] : [])) ?? [];
          if (asked.length > 0) expect(answered).toEqual(asked);
        }
      }),
    );
  });
});

describe("small decisions", () => {
  it("names branches that git accepts, whatever the title", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 9 }), (title, version) => {
        expect(isBranchName(runBranchName("12", title, version))).toBe(true);
      }),
    );
    expect(runBranchName("12", "Fix: $(touch x) `rm`", 1)).toBe("lime/run-12-fix-touch-x-rm");
    expect(runBranchName("12", "Fix", 2)).toBe("lime/run-12-fix-v2");
  });

  it("has one other name for a branch of a run, outside of any folder, and none for others", () => {
    expect(otherBranchNames("lime/run-12-fix-v2")).toEqual(["lime-run-12-fix-v2"]);
    expect(otherBranchNames("lime-run-12-fix-v2")).toEqual([]);
    expect(otherBranchNames("main")).toEqual([]);
  });

  it("knows git's branch names", () => {
    for (const name of ["main", "feature/x", "$(touch x)".replace(" ", ""), "ünïcode"])
      expect(isBranchName(name)).toBe(true);
    for (const name of [
      "",
      "-x",
      "a..b",
      "a b",
      "a~b",
      "a^",
      "x.lock",
      "/x",
      "x/",
      "x//y",
      "@{x}",
      ".x",
      "a/.b",
      "a\\b",
      "HEAD",
      "x.",
    ])
      expect(isBranchName(name)).toBe(false);
  });

  it("finds npm's test script only where there is one", () => {
    expect(testScript('{"scripts":{"test":"node --test"}}')).toBe("node --test");
    for (const text of [
      "",
      "[]",
      "{}",
      '{"scripts":{}}',
      '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
      '{"scripts":{"test":5}}',
    ]) {
      expect(testScript(text)).toBeUndefined();
    }
  });

  it("skips gate G5 where no workflow ran", () => {
    expect(ciGate([], []).status).toBe("skipped");
  });

  it("outlasts an overload of 20 minutes with at most 12 calls, for every random draw", () => {
    for (const chance of [0, 0.5, 0.999]) {
      let elapsedMs = 0;
      let calls = 1;
      while (elapsedMs < 20 * 60_000) {
        elapsedMs += retryDelayMs(calls - 1, chance, undefined, retryBaseMs.overload);
        calls += 1;
      }
      expect(calls).toBeLessThanOrEqual(12);
      expect(calls).toBeLessThan(maxTurnFailures);
    }
  });

  it("waits longer each time, never less than `retryAfterMs`", () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: -1000, max: 90_000_000 }), { nil: undefined }),
        (failures, chance, retryAfterMs) => {
          const delay = retryDelayMs(failures, chance, retryAfterMs);
          const asked = Math.min(Math.max(0, retryAfterMs ?? 0), longestAskedMs);
          expect(delay).toBeGreaterThanOrEqual(Math.max(800, asked));
          expect(delay).toBeLessThanOrEqual(Math.max(300_000, asked + 30_000));
          expect(Number.isSafeInteger(delay)).toBe(true);
        },
      ),
    );
  });

  it("spreads the retries of runs with the same `retryAfterMs`, and of runs with none", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.constantFrom(undefined, 20_000, 400_000, 86_400_000), (failures, retryAfterMs) => {
        const delays = Array.from({ length: 50 }, (_, run) => retryDelayMs(failures, run / 50, retryAfterMs));
        expect(new Set(delays).size).toBeGreaterThan(25);
        const spread = Math.max(...delays) - Math.min(...delays);
        expect(spread).toBeGreaterThan(Math.min(...delays) * 0.005);
      }),
    );
  });
});
