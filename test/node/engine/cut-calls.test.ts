import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEventData } from "../../../contracts/run-events.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { LlmPort, LlmSpent, LlmTurn } from "../../../worker/ports/llm.ts";
import { modelCallsOf } from "../../../worker/services/run/model-calls.ts";
import { cancelRun, pauseRun, resumeRun } from "../../person-commands.ts";
import { stepAndSettle } from "../../step-and-settle.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { spendingDue } from "./harness/spending-due.ts";
import { files, finish, fix, review } from "./scenario.ts";

const told = { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5 };
const spent: LlmSpent = { told, isFinal: false, receivedBytes: 600 };
/** 1 for each token of input, 2 for each of output; the scripted model's answers have 10 and 5. */
const answered = 20;

let harness: EngineHarness;
beforeEach(() => {
  harness = EngineHarness.start(files);
  harness.nowMs = Date.UTC(2026, 10, 5, 12);
  harness.costMicros = (_model, { inputTokens, outputTokens }) =>
    inputTokens === undefined || outputTokens === undefined ? null : (inputTokens ?? 0) + 2 * (outputTokens ?? 0);
  harness.begin("implement");
});
afterEach(() => harness.close());

const cut = (): readonly RunEventData<"call.cut">[] =>
  harness.events().flatMap((event) => (event.type === "call.cut" ? [event.data] : []));

/** Expects run, project and the list of calls to hold this sum, and nothing reserved. */
function expectBooks(sum: number): void {
  expect(harness.journal.view().costMicros).toBe(sum);
  expect(harness.account.spent("2026-11")).toBe(sum);
  expect(harness.account.reservation).toBeUndefined();
  const calls = modelCallsOf(harness.store.modelCalls.list(), harness.events());
  expect(calls.reduce((all, { costMicros }) => all + (costMicros ?? Number.NaN), 0)).toBe(sum);
  expect(calls.filter(({ isEstimate }) => isEstimate).length).toBe(cut().filter((call) => call.isEstimate).length);
}

/** Drives the run to its first call, whose model does this in the place of an answer. */
async function driveTo(
  complete: (controller: AbortController, call: Parameters<LlmPort["complete"]>[0]) => Promise<LlmTurn>,
): Promise<void> {
  let calls = 0;
  const controller = new AbortController();
  harness.llm = {
    complete: async (request) => {
      calls += 1;
      return complete(controller, request);
    },
  };
  while (calls === 0)
    await stepAndSettle(harness.deps, harness.journal, controller.signal, () => spendingDue(harness.store));
  harness.llm = undefined;
}

describe("a model call that was cut", () => {
  it("is booked beside the call that is made again, and marked as an estimate", async () => {
    harness.turns = [
      new PortError("llm", "transient", "stream_cut", "x", { spent }),
      [fix("a"), finish("b")],
      [review("c")],
    ];
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({ state: "WAITING_APPROVAL", totalTurns: 2 });
    expect(cut()).toMatchObject([
      { code: "stream_cut", isEstimate: true, usage: { ...told, outputTokens: 200 }, costMicros: 410 },
    ]);
    expectBooks(410 + 2 * answered);
  });

  it("costs nothing when its vendor had not begun to answer", async () => {
    harness.turns = [new PortError("llm", "transient", "overloaded", "x"), [fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    expect(cut()).toEqual([]);
    expectBooks(2 * answered);
  });

  it("stops a run at its limit, as every other call does", async () => {
    harness.turns = Array.from({ length: 3 }, () => new PortError("llm", "transient", "stream_cut", "x", { spent }));
    harness.account.limitMicros = 800;
    await harness.drive();
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      cause: expect.stringContaining("is used up"),
    });
    expectBooks(2 * 410);
  });

  it("by a cancel is booked after the end, and told to the project", async () => {
    await driveTo(async (controller) => {
      cancelRun(harness.journal, ada);
      controller.abort();
      throw new PortError("llm", "permanent", "aborted", "x", { spent });
    });
    await harness.drive();
    expect(harness.journal.view().state).toBe("CANCELLED");
    expect(cut()).toMatchObject([{ code: "aborted", isEstimate: true }]);
    expectBooks(410);
  });

  it("by a cancel is booked also when the account had been settled before", async () => {
    await driveTo(async (controller) => {
      cancelRun(harness.journal, ada);
      await harness.drive();
      controller.abort();
      throw new PortError("llm", "permanent", "aborted", "x", { spent });
    });
    await harness.drive();
    expectBooks(410);
  });

  it("by a pause, after the answer had come, is booked with the answer's own counts", async () => {
    await driveTo(async (controller, { callId }) => {
      pauseRun(harness.journal, ada);
      controller.abort();
      return { blocks: [], stopReason: "end_turn", usage: told, model: "m", vendorRequestId: callId };
    });
    expect(cut()).toMatchObject([{ code: "aborted", isEstimate: false, usage: told, costMicros: answered }]);
    resumeRun(harness.journal, ada, harness.nowMs);
    harness.turns = [[fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expectBooks(3 * answered);
  });
});
