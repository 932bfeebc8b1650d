import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finalStates, isFinal, runModes, runStates } from "../../../contracts/run.ts";
import { transition, type MachineContext } from "../../../domain/run/machine.ts";
import { modes } from "../../../domain/run/modes.ts";
import { maxSendBacks, moves, stageState, walkOf, type Trigger } from "../../../domain/run/table.ts";

const triggers: readonly Trigger[] = [
  "started",
  "stage_passed",
  "sent_back",
  "tests_failed",
  "declined",
  "policy_passed",
  "policy_blocked",
  "approved",
  "changes_requested",
  "rejected",
  "pull_request_opened",
  "ci_watched",
  "ci_passed",
  "ci_failed",
  "ci_given_up",
  "tests_given_up",
  "deferred",
  "plan_applied",
  "review_posted",
  "human_needed",
  "resumed",
  "cancelled",
  "failed",
];

const none = { sent_back: 0, tests_failed: 0, changes_requested: 0, ci_failed: 0 };

function at(state: MachineContext["state"], more: Partial<MachineContext> = {}): MachineContext {
  return { mode: "bugfix", state, returnTo: undefined, sendBacks: none, ...more };
}

const anyContext: fc.Arbitrary<MachineContext> = fc.record({
  mode: fc.constantFrom(...runModes),
  state: fc.constantFrom(...runStates),
  returnTo: fc.option(fc.constantFrom(...runStates), { nil: undefined }),
  sendBacks: fc.record({
    sent_back: fc.nat(3),
    tests_failed: fc.nat(3),
    changes_requested: fc.nat(25),
    ci_failed: fc.nat(3),
  }),
});

describe("the run's state machine", () => {
  it("walks a bug fix from request to done", () => {
    const path: readonly (readonly [Trigger, MachineContext["state"]])[] = [
      ["started", "CODING"],
      ["stage_passed", "REVIEWING"],
      ["stage_passed", "TESTING"],
      ["stage_passed", "PATCHES_PROPOSED"],
      ["policy_passed", "WAITING_APPROVAL"],
      ["approved", "APPLYING"],
      ["pull_request_opened", "PR_OPEN"],
      ["ci_watched", "VERIFYING_CI"],
      ["ci_passed", "DONE"],
    ];
    let state: MachineContext["state"] = "QUEUED";
    for (const [trigger, expected] of path) {
      const result = transition(at(state), trigger);
      expect(result).toEqual({ ok: true, to: expected });
      state = expected;
    }
  });

  it("reaches APPLYING only by an approval in WAITING_APPROVAL", () => {
    fc.assert(
      fc.property(anyContext, fc.constantFrom(...triggers), (context, trigger) => {
        const result = transition(context, trigger);
        if (result.ok && result.to === "APPLYING" && context.state !== "NEEDS_HUMAN") {
          expect([context.state, trigger]).toEqual(["WAITING_APPROVAL", "approved"]);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it("refuses everything after the end, and can always be cancelled before it", () => {
    fc.assert(
      fc.property(anyContext, fc.constantFrom(...triggers), (context, trigger) => {
        if (isFinal(context.state)) expect(transition(context, trigger).ok).toBe(false);
        else expect(transition(context, "cancelled")).toEqual({ ok: true, to: "CANCELLED" });
      }),
      { numRuns: 10_000 },
    );
  });

  it("sends work back a bounded number of times", () => {
    expect(transition(at("REVIEWING"), "sent_back")).toEqual({ ok: true, to: "CODING" });
    expect(
      transition(at("REVIEWING", { sendBacks: { ...none, sent_back: maxSendBacks.sent_back } }), "sent_back").ok,
    ).toBe(false);
    expect(
      transition(at("TESTING", { sendBacks: { ...none, tests_failed: maxSendBacks.tests_failed } }), "tests_failed").ok,
    ).toBe(false);
  });

  it("leads back from NEEDS_HUMAN to where it came from, and nowhere without a resume", () => {
    expect(transition(at("NEEDS_HUMAN", { returnTo: "CODING" }), "resumed")).toEqual({ ok: true, to: "CODING" });
    expect(transition(at("NEEDS_HUMAN", { returnTo: "CODING" }), "stage_passed").ok).toBe(false);
    expect(transition(at("NEEDS_HUMAN"), "resumed").ok).toBe(false);
  });

  it("has one row for a state and a trigger, and a way from the queue to the end in every mode", () => {
    for (const mode of runModes) {
      const keys = moves[mode].map(({ from, trigger }) => `${from} ${trigger}`);
      expect(new Set(keys).size).toBe(keys.length);
      const reached = new Set<string>(["QUEUED", ...moves[mode].map(({ to }) => to)]);
      for (const { from } of moves[mode]) expect(reached).toContain(from);
      expect(walkOf(mode).at(-1)).toBe("DONE");
      for (const stage of modes[mode].stages) expect(walkOf(mode)).toContain(stageState[stage]);
    }
    expect(walkOf("plan")).toEqual(["QUEUED", "PLANNING", "WAITING_APPROVAL", "APPLYING", "DONE"]);
  });

  it("has a state for every stage, and every final state is one", () => {
    for (const { stages } of Object.values(modes))
      for (const stage of stages) expect(runStates).toContain(stageState[stage]);
    for (const state of finalStates) expect(isFinal(state)).toBe(true);
    expect(isFinal("WAITING_APPROVAL")).toBe(false);
  });

  it("never lets a blocked patch set be approved", () => {
    expect(transition(at("BLOCKED_POLICY"), "approved").ok).toBe(false);
    expect(transition(at("BLOCKED_POLICY"), "changes_requested")).toEqual({ ok: true, to: "CODING" });
  });
});
