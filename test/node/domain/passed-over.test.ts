import { describe, expect, test } from "vitest";
import type { RunState } from "../../../contracts/run.ts";
import { decideCommand } from "../../../domain/run/commands/table.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";

const by = { kind: "person", id: "7", name: "Ada", avatarUrl: null } as const;
const message = { messageId: "m", text: "Use tabs.", by };
const waiting: RunView = { ...emptyView, state: "WAITING_APPROVAL", queue: [message] };

function moved(view: RunView, to: RunState, trigger: string): RunView {
  const data = { from: view.state, to, trigger, cause: null };
  return applyEvent(view, { type: "run.state_changed", data, atMs: 1 });
}

describe("a message that no agent read before the decision", () => {
  test("waits no more once the work is approved: it stands as not read, with the reason", () => {
    const after = moved(waiting, "APPLYING", "approved");
    expect(after.queue).toEqual([]);
    expect(after.passedOver).toEqual([{ ...message, reason: expect.stringContaining("approved") as string }]);
  });

  test("is not read by an agent that repairs the work after its checks failed: the person who approved left it out", () => {
    const applying = moved(waiting, "APPLYING", "approved");
    const repairing = moved({ ...applying, state: "VERIFYING_CI" }, "CODING", "ci_failed");
    expect(repairing.queue).toEqual([]);
  });

  test("goes to the agent when the work is sent back", () => {
    const after = moved(waiting, "CODING", "changes_requested");
    expect(after.queue).toEqual([message]);
    expect(after.passedOver).toEqual([]);
  });

  test.each(["DONE", "CANCELLED", "FAILED", "DECLINED"] as const)("stands as not read when the run ends (%s)", (to) => {
    const after = moved(waiting, to, "cancelled");
    expect(after.queue).toEqual([]);
    expect(after.passedOver).toEqual([{ ...message, reason: expect.stringContaining("ended") as string }]);
  });

  test("can't be changed afterwards", () => {
    const after = moved(waiting, "APPLYING", "approved");
    const change = decideCommand(after, { kind: "change_message", messageId: "m", text: null }, by, 5);
    expect(change).toMatchObject({ ok: false, code: "not_found" });
  });
});
