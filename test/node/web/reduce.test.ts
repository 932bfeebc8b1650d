import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewRunEvent, RunEvent, RunFrame } from "../../../contracts/run-events.ts";
import { emptyRunPage, reconnected, reduce, type RunPage } from "../../../web/features/run/reduce.ts";
import { fold as foldOfDomain } from "../../../domain/run/fold.ts";
import { historyOf } from "../../../web/features/run/model/history.ts";
import { lanesOf, laneCi } from "../../../web/features/run/model/lanes.ts";
import { proposalOf, questionOf } from "../../../web/features/run/model/now.ts";
import { sampleRun } from "./sample-run.ts";

const events = sampleRun();

function fold(frames: readonly RunFrame[], from: RunPage = emptyRunPage): RunPage {
  return frames.reduce(reduce, from);
}

function frame(...some: readonly RunEvent[]): RunFrame {
  return { t: "events", events: some };
}

/** All but the state of the connection: it must be equal however the events came. */
function kept(page: RunPage) {
  return {
    lastSeq: page.lastSeq,
    view: page.view,
    rows: page.rows,
    history: historyOf(page.log),
    liveTurn: page.liveTurn,
    liveOutput: page.liveOutput,
  };
}

describe("reduce", () => {
  const whole = fold([frame(...events)]);

  test("holds the domain's own view of the run", () => {
    expect(whole.view).toEqual(foldOfDomain(events));
  });

  test("ends with the run's outcome", () => {
    expect(whole.lastSeq).toBe(events.length);
    expect(whole.gap).toBe(false);
    expect(whole.view.state).toBe("DONE");
    expect(whole.view.costMicros).toBe(700);
    const { patchSets, writes } = historyOf(whole.log);
    expect(patchSets).toHaveLength(1);
    expect(patchSets[0]?.approval?.decision).toBe("approve");
    expect(patchSets[0]?.violations).toHaveLength(1);
    expect(writes).toEqual([expect.objectContaining({ kind: "commit", finished: expect.anything() })]);
  });

  test("a run over one repository has one lane, with all that belongs to it", () => {
    const lanes = lanesOf(whole.view, historyOf(whole.log));
    expect(lanes).toHaveLength(1);
    const [lane] = lanes;
    if (lane === undefined) throw new Error("there is no lane");
    expect(lane).toMatchObject({ repositoryId: "1", owner: "lime", name: "text", base: { branch: "main" } });
    expect(lane.pullRequest?.number).toBe(7);
    expect(lane.gates.G3?.status).toBe("pass");
    expect(lane.tests).toHaveLength(1);
    expect(laneCi(lane)).toBe("passed");
  });

  test("is the same however the events are cut into frames and whatever comes twice", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(events.length), fc.nat(8)), { maxLength: 40 }), (cuts) => {
        let view = emptyRunPage;
        for (const [start, length] of cuts) {
          // A resent stretch that begins at or before the next event; never after it.
          const from = Math.min(start, view.lastSeq);
          view = reduce(view, frame(...events.slice(from, from + length)));
        }
        view = reduce(view, frame(...events.slice(view.lastSeq)));
        expect(kept(view)).toEqual(kept(whole));
      }),
      { numRuns: 200 },
    );
  });

  test("never shows events after a gap, and continues after a new connection", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: events.length - 2 }),
        fc.integer({ min: 1, max: events.length }),
        (seen, missing) => {
          const before = fold([frame(...events.slice(0, seen))]);
          const rest = events.slice(seen + missing);
          fc.pre(rest.length > 0);
          const holed = reduce(before, frame(...rest));
          expect(holed.gap).toBe(true);
          expect(holed.lastSeq).toBe(seen);
          expect(kept(holed)).toEqual(kept(before));
          const healed = fold([frame(...events.slice(seen))], reconnected(holed));
          expect(healed.gap).toBe(false);
          expect(kept(healed)).toEqual(kept(whole));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("streams text into the running turn until its event comes", () => {
    const started = events.findIndex((event) => event.type === "turn.started") + 1;
    let view = fold([frame(...events.slice(0, started))]);
    view = fold(
      [
        { t: "delta", stage: "coder", turn: 1, kind: "thinking", text: "Hm" },
        { t: "delta", stage: "coder", turn: 1, kind: "text", text: "I " },
        { t: "delta", stage: "coder", turn: 1, kind: "text", text: "read." },
        { t: "delta", stage: "coder", turn: 9, kind: "text", text: "of another turn" },
      ],
      view,
    );
    expect(view.liveTurn).toEqual({ stage: "coder", turn: 1, text: "I read.", thinking: "Hm" });
    expect(view.rows).toBe(fold([], view).rows);
    view = reduce(view, frame(...events.slice(started, started + 1)));
    expect(view.liveTurn).toBeNull();
    expect(view.rows.find((row) => row.kind === "turn")).toMatchObject({ status: "done", text: "I look at it." });
  });

  test("shows a call's output while it runs and drops it when its event comes", () => {
    const started = events.findIndex((event) => event.type === "tool.started") + 1;
    let view = fold([
      frame(...events.slice(0, started)),
      { t: "output", callId: "call-1", text: "a" },
      { t: "output", callId: "call-1", text: "b" },
    ]);
    expect(view.liveOutput).toEqual({ "call-1": "ab" });
    view = reduce(view, frame(...events.slice(started, started + 1)));
    expect(view.liveOutput).toEqual({});
    const late = reduce(view, { t: "output", callId: "call-1", text: "late" });
    expect(late).toBe(view);
  });

  test("a turn that is asked again replaces the one that was cut", () => {
    const started = events.find((event) => event.type === "turn.started");
    if (started?.type !== "turn.started") throw new Error("the sample has no turn");
    const view = fold([
      frame(...events.slice(0, started.seq)),
      frame({ ...started, seq: started.seq + 1, data: { ...started.data, attempt: 2 } }),
      { t: "delta", stage: "coder", turn: 1, kind: "text", text: "again" },
    ]);
    const turns = view.rows.filter((row) => row.kind === "turn");
    expect(turns.map((turn) => turn.status)).toEqual(["replaced", "running"]);
    expect(view.liveTurn?.text).toBe("again");
  });

  test("open rows count as stopped once the run has ended", () => {
    const tool = events.find((event) => event.type === "tool.started");
    if (tool === undefined) throw new Error("the sample has no tool call");
    const view = fold([
      frame(...events.slice(0, tool.seq)),
      frame({
        seq: tool.seq + 1,
        atMs: tool.atMs + 500,
        v: 1,
        type: "run.state_changed",
        data: { from: "CODING", to: "CANCELLED", trigger: "cancelled", cause: "Ada cancelled it." },
      }),
    ]);
    expect(view.rows.find((row) => row.kind === "tool")).toMatchObject({ status: "interrupted", durationMs: 500 });
    expect(view.rows.find((row) => row.kind === "stage")).toMatchObject({ finished: { outcome: "stopped" } });
    expect(view.view.cause).toBe("Ada cancelled it.");
  });

  test("a newer version supersedes the older one of the same repository", () => {
    const proposed = events.find((event) => event.type === "patch_set.proposed");
    if (proposed?.type !== "patch_set.proposed") throw new Error("the sample has no patch set");
    const view = fold([
      frame(...events.slice(0, proposed.seq)),
      frame({ ...proposed, seq: proposed.seq + 1, data: { ...proposed.data, version: 2, hash: "f".repeat(64) } }),
    ]);
    expect(historyOf(view.log).patchSets.map(({ version, superseded }) => [version, superseded])).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  test("adds 10,000 events one by one without growing slow", () => {
    const many: RunEvent[] = [...events.slice(0, 6)];
    for (let seq = many.length + 1; seq <= 10_000; seq += 1) {
      many.push({ seq, atMs: seq, v: 1, type: "notice", data: { level: "info", message: `note ${seq}` } });
    }
    const view = fold(many.map((event) => frame(event)));
    expect(view.lastSeq).toBe(10_000);
    expect(view.gap).toBe(false);
  });

  test("keeps people's input to a run: messages until they are read, a question until it is answered, pauses", () => {
    const ada = { kind: "person", id: "1", name: "Ada", avatarUrl: null } as const;
    let seq = 2;
    const next = (event: NewRunEvent): RunFrame => {
      seq += 1;
      return frame({ ...event, seq, atMs: seq, v: 1 });
    };
    let view = fold([
      frame(...events.slice(0, 2)),
      next({ type: "message.queued", data: { messageId: "m1", text: "one", by: ada } }),
      next({ type: "message.queued", data: { messageId: "m2", text: "two", by: ada } }),
      next({ type: "message.edited", data: { messageId: "m1", text: "uno", by: ada } }),
      next({ type: "message.removed", data: { messageId: "m2", by: ada } }),
      next({ type: "run.paused", data: { by: ada } }),
      next({ type: "question.asked", data: { callId: "q1", stage: "coder", question: "Which one?" } }),
    ]);
    expect(view.view.queue.map((message) => message.text)).toEqual(["uno"]);
    expect(view.view.paused).toBe(true);
    expect(historyOf(view.log).pausedBy).toBe("Ada");
    expect(questionOf(view.view)?.question).toBe("Which one?");
    view = fold(
      [
        next({ type: "message.delivered", data: { messageId: "m1", stage: "coder", turn: 2 } }),
        next({ type: "run.unpaused", data: { by: ada } }),
        next({ type: "question.answered", data: { callId: "q1", answer: "The first.", by: ada } }),
      ],
      view,
    );
    expect(view.view).toMatchObject({ queue: [], paused: false });
    expect(questionOf(view.view)).toBeNull();
    const messages = view.rows.filter((row) => row.kind === "message");
    expect(messages.map((row) => [row.text, row.status])).toEqual([
      ["uno", "delivered"],
      ["two", "removed"],
    ]);
  });

  test("a plan's decision belongs to the plan with its hash", () => {
    const hash = "d".repeat(64);
    const decision = {
      repositoryId: null,
      role: "dev",
      sessionId: null,
      hash,
      baseCommit: "a".repeat(40),
      decision: "approve",
      comment: "",
      by: { kind: "person", id: "1", name: "Ada", avatarUrl: null },
      atMs: 4,
    } as const;
    const view = fold([
      frame(...events.slice(0, 2)),
      frame({
        seq: 3,
        atMs: 3,
        v: 1,
        type: "proposal.made",
        data: { kind: "plan", hash, baseCommit: decision.baseCommit, review: null },
      }),
      frame({ seq: 4, atMs: 4, v: 1, type: "approval.decided", data: decision }),
      frame({
        seq: 5,
        atMs: 5,
        v: 1,
        type: "tickets.created",
        data: { hash, tickets: [{ id: "9", key: "LIME-9", title: "Do it" }] },
      }),
    ]);
    expect(proposalOf(view.view)?.approval?.by.name).toBe("Ada");
    expect(historyOf(view.log)).toMatchObject({ tickets: [{ key: "LIME-9" }], patchSets: [] });
  });
});
