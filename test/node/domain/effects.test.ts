import { runCreatedData } from "../../fakes/run-start.ts";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewRunEvent, RunEvent } from "../../../contracts/run-events.ts";
import { runStates, type RunState } from "../../../contracts/run.ts";
import { effectsOf, type Effect, type EffectContext } from "../../../domain/run/effects.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";
import { stageOf } from "../../../domain/run/machine.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import { upgradeLog } from "../../../domain/run/upgrade.ts";

const noContext: EffectContext = { parentRunId: null, command: undefined };
const ada = { id: "7", name: "Ada", avatarUrl: null };

const created: NewRunEvent = {
  type: "run.created",
  data: runCreatedData({ ticket: { id: "42", key: "LIME-1", title: "A ticket" } }),
};

function changed(from: RunState, to: RunState, trigger: string, cause: string | null = null): NewRunEvent {
  return { type: "run.state_changed", data: { from, to, trigger, cause } };
}

const opened: NewRunEvent = {
  type: "pull_request.opened",
  data: {
    ...{ repositoryId: "1", number: 3, url: "https://x/3", branch: "b", commit: "c".repeat(40), state: "open" },
  },
};
const pullNews = (state: "merged" | "open") => ({
  ...{ repositoryId: "1", number: 3, state, headCommit: "c".repeat(40), isConflicting: false, isBranchDeleted: false },
});

/** The effects of the last of these events. */
function effectsAfter(events: readonly NewRunEvent[], context = noContext): readonly Effect[] {
  let view: RunView = emptyView;
  let effects: readonly Effect[] = [];
  for (const [index, event] of events.entries()) {
    const stored: RunEvent = { ...event, seq: index + 1, atMs: 1_000 + index, v: 1 };
    view = applyEvent(view, stored);
    effects = effectsOf(stored, view, index === events.length - 1 ? context : noContext);
  }
  return effects;
}
const kinds = (effects: readonly Effect[]): readonly string[] => effects.map(({ kind }) => kind);
const one = <K extends Effect["kind"]>(effects: readonly Effect[], kind: K): Effect | undefined =>
  effects.find((effect) => effect.kind === kind);

describe("the effects of an event", () => {
  it("move the ticket when the run starts and when its pull request is opened", () => {
    expect(one(effectsAfter([created, changed("QUEUED", "CODING", "started")]), "ticket_move")).toMatchObject({
      entity: "42",
      data: { ticketId: "42", to: "in_progress" },
    });
    expect(one(effectsAfter([created, opened]), "ticket_move")).toMatchObject({
      data: { ticketId: "42", to: "code_review" },
    });
    expect(kinds(effectsAfter([created, changed("NEEDS_HUMAN", "CODING", "resumed")]))).not.toContain("ticket_move");
  });

  it("move the ticket to done once all pull requests are merged, also after the run's end", () => {
    const merged = (state: "merged" | "open"): NewRunEvent => ({ type: "pull_request.updated", data: pullNews(state) });
    const watched = [created, opened, changed("APPLYING", "PR_OPEN", "pull_request_opened")];
    for (const before of [watched, [...watched, changed("VERIFYING_CI", "DONE", "ci_passed")]]) {
      expect(one(effectsAfter([...before, merged("merged")]), "ticket_move")).toMatchObject({ data: { to: "done" } });
      expect(kinds(effectsAfter([...before, merged("open")]))).not.toContain("ticket_move");
    }
    // More pull requests are on their way.
    const applying = [created, opened, changed("WAITING_APPROVAL", "APPLYING", "approved"), merged("merged")];
    expect(kinds(effectsAfter(applying))).not.toContain("ticket_move");
  });

  it.each([
    ["FAILED", "failed"],
    ["FAILED", "rejected"],
    ["CANCELLED", "cancelled"],
    ["DECLINED", "declined"],
  ] as const)("move the ticket back when the run ends as %s by %s, unless it left a pull request", (to, trigger) => {
    const end = changed("CODING", to, trigger);
    expect(one(effectsAfter([created, end]), "ticket_move")).toMatchObject({ data: { ticketId: "42", to: "todo" } });
    expect(kinds(effectsAfter([created, opened, end]))).not.toContain("ticket_move");
  });

  it("show each state of the run on its ticket's card, and none without a ticket", () => {
    const change = changed("QUEUED", "CODING", "started");
    expect(one(effectsAfter([created]), "ticket_run")).toMatchObject({ data: { ticketId: "42", state: "QUEUED" } });
    expect(one(effectsAfter([created, change]), "ticket_run")).toMatchObject({
      entity: "42",
      data: { ticketId: "42", state: "CODING", mode: "implement" },
    });
    const without: NewRunEvent = { type: "run.created", data: runCreatedData({ ticket: null }) };
    expect(kinds(effectsAfter([without, change]))).not.toContain("ticket_run");
  });

  it.each([
    ["WAITING_APPROVAL", "policy_passed", "approval"],
    ["BLOCKED_POLICY", "policy_blocked", "approval"],
    ["NEEDS_HUMAN", "human_needed", "needs_human"],
    ["FAILED", "failed", "failed"],
  ] as const)("give a notice when the run comes to %s", (to, trigger, reason) => {
    const effects = effectsAfter([created, changed("CODING", to, trigger, "Because.")]);
    expect(one(effects, "notice")?.data).toMatchObject({ reason });
  });

  it("give one notice for a question, none for going on, cancelling or rejecting", () => {
    const asked: NewRunEvent = { type: "question.asked", data: { callId: "c", stage: "coder", question: "Which?" } };
    expect(one(effectsAfter([created, asked]), "notice")?.data).toMatchObject({ reason: "question", text: "Which?" });
    const stops = changed("CODING", "NEEDS_HUMAN", "human_needed", "The agent asks a question.");
    expect(kinds(effectsAfter([created, asked, stops]))).not.toContain("notice");
    for (const event of [
      changed("CODING", "REVIEWING", "stage_passed"),
      changed("CODING", "CANCELLED", "cancelled"),
      changed("WAITING_APPROVAL", "FAILED", "rejected"),
    ])
      expect(kinds(effectsAfter([created, event]))).not.toContain("notice");
  });

  it("carry a command's audit entry with the event that it caused", () => {
    const command = {
      actor: { kind: "person", ...ada },
      sessionId: 5,
      action: "run.paused",
      data: {},
      requestId: "r",
    } as const;
    const paused: NewRunEvent = { type: "run.paused", data: { by: { kind: "person", ...ada } } };
    expect(one(effectsAfter([created, paused], { parentRunId: null, command }), "audit")?.data).toEqual({
      ...command,
      atMs: 1_001,
    });
    expect(kinds(effectsAfter([created, paused]))).not.toContain("audit");
  });

  it("wake a parent when the run waits or has ended, and at no other time", () => {
    fc.assert(
      fc.property(fc.constantFrom(...runStates), (to) => {
        const effects = effectsAfter([created, changed("CODING", to, "x")], { parentRunId: "9", command: undefined });
        const rests = [
          "WAITING_APPROVAL",
          "BLOCKED_POLICY",
          "NEEDS_HUMAN",
          "DONE",
          "DECLINED",
          "DEFERRED",
          "CANCELLED",
          "FAILED",
        ];
        expect(kinds(effects).includes("wake_parent")).toBe(rests.includes(to));
      }),
    );
  });

  it("settle the spending when the run leaves its stages", () => {
    fc.assert(
      fc.property(fc.constantFrom(...runStates), (to) => {
        const effects = effectsAfter([created, changed("CODING", to, "x")]);
        expect(kinds(effects).includes("spending")).toBe(stageOf(to) === undefined);
        expect(kinds(effects)).toContain("projection");
      }),
    );
  });
});

const folder = path.join(import.meta.dirname, "../../fixtures/journals");

describe("the effects of a stored log", () => {
  it.each(readdirSync(folder))(
    "%s are at most one of a kind for an event, and none writes D1 for what streams",
    (name) => {
      const { events } = parseStored<{ events: RunEvent[] }>(readFileSync(path.join(folder, name), "utf8"));
      let view = emptyView;
      let rowWrites = 0;
      for (const stored of upgradeLog(events)) {
        view = applyEvent(view, stored);
        const effects = effectsOf(stored, view, noContext);
        expect(new Set(kinds(effects)).size).toBe(effects.length);
        if (stored.type === "turn.finished") expect(kinds(effects)).toEqual(["spending"]);
        if (["turn.started", "tool.started", "tool.finished", "workspace.saved"].includes(stored.type))
          expect(effects).toEqual([]);
        rowWrites += effects.filter(({ kind }) => kind === "projection").length;
      }
      expect(rowWrites).toBeGreaterThan(0);
    },
  );
});
