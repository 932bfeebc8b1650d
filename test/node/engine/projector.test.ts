import { beforeEach, describe, expect, it } from "vitest";
import type { RunState } from "../../../contracts/run.ts";
import type { ProjectionWrite } from "../../../domain/run/projection.ts";
import { SqliteJournal } from "../../../durable-objects/run/journal.ts";
import { Projector } from "../../../durable-objects/run/projector.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import type { SocketHub } from "../../../durable-objects/socket-hub.ts";
import type { RunDeps } from "../../../worker/compose.ts";
import { runCreated } from "../../fakes/run-start.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

let journal: SqliteJournal;
let projector: Projector;
let writes: ProjectionWrite[];
let fails: boolean;
let nowMs: number;

beforeEach(() => {
  writes = [];
  fails = false;
  nowMs = 1_790_000_000_000;
  const { sql, storage } = createSqlStorage();
  const store = new RunStore(sql);
  const hub = { publishEvents: () => undefined, publishDelta: () => undefined } as unknown as SocketHub;
  journal = new SqliteJournal({ storage, store, hub, nowMs: () => nowMs, onCommit: () => undefined });
  const deps = {
    engine: { nowMs: () => nowMs, log: () => undefined },
    projectRun: async (_tenantId: number, _runId: number, write: ProjectionWrite) => {
      writes.push(write);
      if (fails) throw new Error("D1 is away");
    },
  } as unknown as RunDeps;
  projector = new Projector({ store, journal, deps });
  journal.commit({ events: [runCreated()], facts: { spec: JSON.stringify({ runId: "1", tenantId: 1 }) } });
});

function move(from: RunState, to: RunState): void {
  journal.commit({ events: [{ type: "run.state_changed", data: { from, to, trigger: "started", cause: null } }] });
}
function say(text: string): void {
  const by = { kind: "person" as const, id: "1", name: "Ada", avatarUrl: null };
  journal.commit({ events: [{ type: "message.queued", data: { messageId: text, text, by } }] });
}

function answer(text: string): void {
  const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
  const hash = "0".repeat(64);
  const data = {
    stage: "coder" as const,
    turn: 1,
    callId: "call",
    text,
    thinking: "",
    toolCalls: [],
    stopReason: "end_turn",
    usage,
    costMicros: 1,
    latencyMs: 1,
    requestHash: hash,
    answerHash: hash,
  };
  journal.commit({ events: [{ type: "turn.finished", data }] });
}

describe("the read model of a run", () => {
  it("is written whole once, and then only where it changed", async () => {
    await projector.write();
    move("QUEUED", "CODING");
    await projector.write();
    expect(Object.keys(writes[0] ?? {})).toContain("prBranch");
    expect(writes[1]).toEqual({ state: "CODING", stage: "coder", headSeq: 2, updatedAtMs: nowMs });
  });

  it("is not written for events that change none of its columns", async () => {
    await projector.write();
    journal.commit({ events: [{ type: "notice", data: { level: "info", message: "x" } }] });
    await projector.write();
    await projector.write();
    expect(writes).toHaveLength(1);
  });

  it("is written whole again when the result of a write is unknown", async () => {
    await projector.write();
    move("QUEUED", "CODING");
    fails = true;
    await expect(projector.write()).rejects.toThrow("D1 is away");
    fails = false;
    move("CODING", "QUEUED");
    await projector.write();
    expect(writes.at(-1)).toMatchObject({ state: "QUEUED", stage: null, prBranch: null, headSeq: 3 });
  });

  it("has a person's messages at once, and the agent's when the run stops or once a minute while it works", async () => {
    move("QUEUED", "CODING");
    await projector.write();
    say("one");
    await projector.write();
    expect(writes.at(-1)).toMatchObject({ searchText: "one" });
    answer("two");
    move("CODING", "REVIEWING");
    await projector.write();
    expect(writes.at(-1)).not.toHaveProperty("searchText");
    nowMs += 61_000;
    move("REVIEWING", "TESTING");
    await projector.write();
    expect(writes.at(-1)).toMatchObject({ searchText: "one\ntwo" });
    answer("three");
    move("TESTING", "NEEDS_HUMAN");
    await projector.write();
    expect(writes.at(-1)).toMatchObject({ state: "NEEDS_HUMAN", searchText: "one\ntwo\nthree" });
    move("NEEDS_HUMAN", "CANCELLED");
    await projector.write();
    expect(writes.at(-1)).not.toHaveProperty("searchText");
  });
});
