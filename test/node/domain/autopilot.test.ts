import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { autopilotLevels } from "../../../contracts/autopilot-names.ts";
import { ticketStages, ticketPriorities, ticketTypes } from "../../../contracts/project.ts";
import { planAutopilot, type AutopilotFacts, type AutopilotTicket } from "../../../domain/board/autopilot.ts";

const ticket = (id: string, parts: Partial<AutopilotTicket> = {}): AutopilotTicket => ({
  id,
  type: "task",
  stage: "todo",
  priority: "none",
  rank: `a${id}`,
  version: 1,
  blockedBy: [],
  isWorkedOn: false,
  takenVersion: null,
  refusal: null,
  ...parts,
});
const project = (tickets: readonly AutopilotTicket[], parts: Partial<AutopilotFacts> = {}): AutopilotFacts => ({
  level: "on",
  slots: 1,
  running: 0,
  isBudgetSpent: false,
  tickets,
  ...parts,
});
const waits = (facts: AutopilotFacts) =>
  Object.fromEntries(planAutopilot(facts).waiting.map(({ ticketId, wait }) => [ticketId, wait.reason]));

describe("the line", () => {
  it("goes by priority, then by the place in the column", () => {
    const tickets = [
      ticket("1", { rank: "a9" }),
      ticket("2", { priority: "urgent", rank: "a2" }),
      ticket("3", { priority: "low", rank: "a1" }),
      ticket("4", { priority: "urgent", rank: "a1" }),
      ticket("5", { rank: "a8" }),
    ];
    expect(planAutopilot(project(tickets, { slots: 5 })).start).toEqual(["4", "2", "3", "5", "1"]);
  });

  it("holds stories, tasks and bugs that are planned, and no epic", () => {
    const tickets = [
      ticket("1", { type: "epic" }),
      ticket("2", { stage: "backlog" }),
      ticket("3", { stage: "done" }),
      ticket("4", { type: "bug" }),
    ];
    expect(planAutopilot(project(tickets, { slots: 9 }))).toMatchObject({ start: ["4"], waiting: [] });
  });
});

describe("a ticket waits", () => {
  it("for those that it depends on, for its run, for a change, and for its turn, and each is told why", () => {
    const tickets = [
      ticket("1", { blockedBy: ["7"] }),
      ticket("2", { isWorkedOn: true, takenVersion: 1 }),
      ticket("3", { takenVersion: 1 }),
      ticket("4", { takenVersion: 1, version: 2 }),
      ticket("5"),
      ticket("6", { refusal: "No repository." }),
    ];
    const facts = project(tickets, { slots: 2, running: 1 });
    expect(planAutopilot(facts).start).toEqual(["4"]);
    expect(waits(facts)).toEqual({
      1: "blocked",
      2: "worked_on",
      3: "needs_change",
      5: "no_free_slot",
      6: "refused",
    });
  });

  it("while the month's budget is spent", () => {
    const facts = project([ticket("1"), ticket("2", { blockedBy: ["1"] })], { isBudgetSpent: true });
    expect(planAutopilot(facts).start).toEqual([]);
    expect(waits(facts)).toEqual({ 1: "budget_spent", 2: "blocked" });
  });
});

it("only an autopilot that is on starts anything; every level shows what would be next", () => {
  for (const level of autopilotLevels) {
    const { next, start } = planAutopilot(project([ticket("1")], { level }));
    expect({ next, start }).toEqual({ next: ["1"], start: level === "on" ? ["1"] : [] });
  }
});

const anyTicket = (id: number): fc.Arbitrary<AutopilotTicket> =>
  fc.record({
    id: fc.constant(String(id)),
    type: fc.constantFrom(...ticketTypes),
    stage: fc.constantFrom(...ticketStages, "todo" as const, "todo" as const),
    priority: fc.constantFrom(...ticketPriorities),
    rank: fc.constantFrom("a0", "a1", "a2"),
    version: fc.integer({ min: 1, max: 3 }),
    blockedBy: fc.oneof(fc.constant([]), fc.constant(["99"])),
    isWorkedOn: fc.boolean(),
    takenVersion: fc.option(fc.integer({ min: 1, max: 3 })),
    refusal: fc.option(fc.constant("No repository."), { freq: 4 }),
  });
const anyFacts = fc.integer({ min: 0, max: 12 }).chain((count) =>
  fc.record({
    level: fc.constantFrom(...autopilotLevels),
    slots: fc.integer({ min: 1, max: 4 }),
    running: fc.integer({ min: 0, max: 6 }),
    isBudgetSpent: fc.boolean(),
    tickets: fc.tuple(...Array.from({ length: count }, (_, index) => anyTicket(index + 1))),
  }),
);

it("never starts more than there are slots, a ticket that may not, or one while a better one could start; each ticket of the line has its answer", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { next, start, waiting } = planAutopilot(facts);
      const line = facts.tickets.filter(({ stage, type }) => stage === "todo" && type !== "epic");
      expect([...next, ...waiting.map(({ ticketId }) => ticketId)].toSorted()).toEqual(
        line.map(({ id }) => id).toSorted(),
      );
      expect(start).toEqual(facts.level === "on" ? next : []);
      expect(next.length).toBeLessThanOrEqual(Math.max(0, facts.slots - facts.running));
      if (facts.isBudgetSpent) expect(next).toEqual([]);
      for (const id of next) {
        const one = line.find((each) => each.id === id);
        expect(one).toMatchObject({ blockedBy: [], isWorkedOn: false, refusal: null });
        expect(one?.takenVersion ?? 0).toBeLessThan(one?.version ?? 0);
        for (const { ticketId, wait } of waiting) {
          if (wait.reason !== "no_free_slot") continue;
          const other = line.find((each) => each.id === ticketId);
          expect(ticketPriorities.indexOf(other?.priority ?? "none")).toBeGreaterThanOrEqual(
            ticketPriorities.indexOf(one?.priority ?? "none"),
          );
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
