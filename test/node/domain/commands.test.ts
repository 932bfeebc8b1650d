import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { finalStates, isFinal, runStates } from "../../../contracts/run.ts";
import type { SteeringCommand } from "../../../domain/run/commands/command.ts";
import { abortsStep, auditOfCommand, commands, decideCommand } from "../../../domain/run/commands/table.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";
import { modes } from "../../../domain/run/modes.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import { upgradeLog } from "../../../domain/run/upgrade.ts";
import { permissionNames } from "../../../domain/tenancy/permissions.ts";

const ada = { kind: "person", id: "7", name: "Ada", avatarUrl: null } as const;
const person = { by: ada, role: "dev", sessionId: 3 } as const;
const by = { ...person, comment: "because" } as const;

const folder = path.join(import.meta.dirname, "../../fixtures/journals");
/** Views of stored runs after each of their events. */
const views: readonly RunView[] = readdirSync(folder).flatMap((name) => {
  const { events } = parseStored<{ events: RunEvent[] }>(readFileSync(path.join(folder, name), "utf8"));
  let view = emptyView;
  return [...upgradeLog(events)].map((event) => (view = applyEvent(view, event)));
});

/** The hash and base that wait in a run over one repository. */
function waiting(view: RunView) {
  return modes[view.mode].product === "patch_set" ? view.lanes[0]?.patchSet : view.proposal;
}

function commandsOn(view: RunView): fc.Arbitrary<SteeringCommand> {
  const proposed = waiting(view);
  const hash = fc.constantFrom(proposed?.hash ?? "0".repeat(64), "f".repeat(64));
  const baseCommit = fc.constantFrom(proposed?.baseCommit ?? "0".repeat(40), "f".repeat(40));
  const messageId = fc.constantFrom(view.queue[0]?.messageId ?? "m", "other");
  return fc.oneof(
    fc.constantFrom<SteeringCommand>({ kind: "cancel" }, { kind: "pause" }, { kind: "resume" }),
    fc.constant<SteeringCommand>({ kind: "answer", text: "Yes." }),
    fc.record({ kind: fc.constant("send_message" as const), messageId, text: fc.constant("Do.") }),
    fc.record({ kind: fc.constant("change_message" as const), messageId, text: fc.constantFrom("Do.", null) }),
    fc.constant<SteeringCommand>({ kind: "set_limits", limits: { costMicros: 5 } }),
    fc
      .record({ baseHash: hash, baseCommit, title: fc.constantFrom("Other", "Third") })
      .map(({ title, ...base }): SteeringCommand => {
        const task = { title, type: "task" as const, description: "", acceptance_criteria: [], depends_on: [] };
        return { kind: "revise_plan", ...person, ...base, plan: { summary: "s", tasks: [task] } };
      }),
    fc
      .record({
        hash,
        baseCommit,
        decision: fc.constantFrom("approve" as const, "reject" as const, "request_changes" as const),
      })
      .map((decision): SteeringCommand => ({ kind: "decide", ...by, ...decision })),
  );
}
const cases = fc
  .constantFrom(...views)
  .chain((view) => fc.record({ view: fc.constant(view), command: commandsOn(view) }));

describe("a command to a run", () => {
  it("stores something when it is taken, and nothing but the record of its refusal when it is not", () => {
    fc.assert(
      fc.property(cases, ({ command, view }) => {
        const decision = decideCommand(view, command, ada, 5_000);
        if (decision.ok) expect(decision.events.length).toBeGreaterThan(0);
        else expect((decision.events ?? []).every(({ type }) => type === "run.event_refused")).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is refused with its code when the run has ended", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...finalStates), ({ command, view }, state) => {
        const decision = decideCommand({ ...view, state }, command, ada, 5_000);
        expect(decision.ok).toBe(false);
        if (!decision.ok) expect(["conflict", "run_not_waiting", "not_found"]).toContain(decision.code);
      }),
      { numRuns: 500 },
    );
  });

  it("given twice at once is taken once, but for messages and limits", () => {
    fc.assert(
      fc.property(cases, ({ command, view }) => {
        const first = decideCommand(view, command, ada, 5_000);
        if (!first.ok || abortsStep(command.kind, view) === undefined || command.kind === "resume") return;
        let after = view;
        for (const event of first.events) after = applyEvent(after, { ...event, atMs: 5_000 });
        expect(decideCommand(after, command, ada, 5_001).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("approves only what waits, by its hash and base", () => {
    fc.assert(
      fc.property(cases, ({ command, view }) => {
        if (command.kind !== "decide") return;
        const decision = decideCommand(view, command, ada, 5_000);
        const proposed = waiting(view);
        const fits = proposed?.hash === command.hash && proposed.baseCommit === command.baseCommit;
        const waits = view.state === "WAITING_APPROVAL" || view.state === "BLOCKED_POLICY";
        if (decision.ok) {
          expect(fits && waits && !isFinal(view.state)).toBe(true);
          expect(decision.events[0]).toMatchObject({
            type: "approval.decided",
            data: { by: ada, role: "dev", sessionId: "3" },
          });
        } else if (!fits) expect(decision.code).not.toBe("already_decided");
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes no message in a state in which no agent would read it, and tells what helps", () => {
    const message = { kind: "send_message", messageId: "m", text: "use tabs" } as const;
    for (const state of runStates) {
      const decision = decideCommand({ ...emptyView, state }, message, ada, 5_000);
      if (decision.ok) continue;
      expect(decision.code).toBe("conflict");
      expect(decision.detail).toMatch(/would not read/u);
    }
    const taken = runStates.filter((state) => decideCommand({ ...emptyView, state }, message, ada, 5_000).ok);
    expect(taken).toEqual([
      "QUEUED",
      "TRIAGING",
      "ARCHITECTING",
      "PLANNING",
      "CODING",
      "REVIEWING",
      "TESTING",
      "PATCHES_PROPOSED",
      "NEEDS_HUMAN",
    ]);
  });

  it("has a permission of the table for every mode, and an audit entry", () => {
    for (const rule of Object.values(commands))
      for (const mode of ["plan", "implement", "bugfix", "review", "feature"] as const)
        expect(permissionNames).toContain(rule.permission(mode));
    const decision = { kind: "decide", ...by, hash: "h", baseCommit: "b", decision: "approve" } as const;
    expect(auditOfCommand(decision, { ...emptyView, mode: "review" })).toEqual({
      action: "review.approve",
      data: { hash: "h", baseCommit: "b", role: "dev" },
    });
    expect(auditOfCommand({ kind: "change_message", messageId: "m", text: null }, emptyView).action).toBe(
      "run.message_removed",
    );
  });
});
