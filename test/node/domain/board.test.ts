import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ticketStages, type TicketStage } from "../../../contracts/project.ts";
import { defaultColumns } from "../../../domain/board/columns.ts";
import { refuseEdit, refuseParent } from "../../../domain/board/edits.ts";
import { takeChange, ticketsIn, type TicketFacts } from "../../../domain/board/facts.ts";
import { decideMove, ranksAtEnd } from "../../../domain/board/moves.ts";
import { longestRank, ranksBetween } from "../../../domain/board/rank.ts";

const boards = [{ id: "1", name: "Board", columns: defaultColumns() }];

function ticket(id: number, column: TicketStage, rank: string, more: Partial<TicketFacts> = {}): TicketFacts {
  return {
    ...{ id: String(id), key: `LIME-${id}`, column, rank, version: 1 },
    ...{ parentId: null, dependsOn: [], isDeleted: false },
    ...more,
  };
}

/** A board with `count` tickets in its first column. */
function board(count: number): Map<string, TicketFacts> {
  return new Map(
    ranksBetween(null, null, count).map((rank, index) => [`${index + 1}`, ticket(index + 1, "backlog", rank)]),
  );
}

const order = (tickets: ReadonlyMap<string, TicketFacts>, column: TicketStage): readonly string[] =>
  ticketsIn({ tickets }, column).map(({ id }) => id);

function move(tickets: Map<string, TicketFacts>, ids: readonly string[], column: TicketStage, before: string | null) {
  const decided = decideMove({ headSeq: 0, boards, tickets }, { ticketIds: [...ids], column, before });
  if (decided.ok && decided.moved !== undefined)
    takeChange(tickets, {
      seq: 1,
      atMs: 0,
      actor: { kind: "system", name: "test" },
      type: "tickets.moved",
      data: decided.moved,
    });
  return decided;
}

describe("a move", () => {
  it("puts tickets before another, in the order given", () => {
    const tickets = board(5);
    move(tickets, ["5", "1"], "backlog", "3");
    expect(order(tickets, "backlog")).toEqual(["2", "5", "1", "3", "4"]);
  });

  it("goes to the end of an empty column, and to the end where the neighbour has left meanwhile", () => {
    const tickets = board(3);
    move(tickets, ["2"], "done", null);
    move(tickets, ["1"], "done", "3");
    expect(order(tickets, "done")).toEqual(["2", "1"]);
    expect(order(tickets, "backlog")).toEqual(["3"]);
  });

  it("to the place where the tickets stand already changes nothing", () => {
    const tickets = board(3);
    expect(move(tickets, ["2"], "backlog", "3")).toEqual({ ok: true, moved: undefined });
    expect(move(tickets, ["2"], "backlog", "2")).toMatchObject({ ok: true });
  });

  it("leaves out a ticket that was deleted meanwhile, and is refused when none is left or one was never there", () => {
    const tickets = board(3);
    tickets.set("2", { ...ticket(2, "backlog", "a1"), isDeleted: true });
    expect(move(tickets, ["2", "1"], "qa", null)).toMatchObject({ ok: true, moved: { moves: [{ id: "1" }] } });
    expect(move(tickets, ["2"], "qa", null)).toMatchObject({ ok: false, code: "not_found" });
    expect(move(tickets, ["1", "99"], "todo", null)).toMatchObject({ ok: false, code: "not_found" });
    expect(order(tickets, "todo")).toEqual([]);
  });

  it("ranks the column anew where two neighbours have one rank", () => {
    const tickets = new Map([1, 2, 3].map((id) => [String(id), ticket(id, "todo", "a0")]));
    move(tickets, ["3"], "todo", "2");
    expect(order(tickets, "todo")).toEqual(["1", "3", "2"]);
    expect(new Set([...tickets.values()].map(({ rank }) => rank)).size).toBe(3);
  });

  it("into the same gap for ever keeps ranks short", () => {
    const tickets = board(4);
    for (let turn = 0; turn < 2_000; turn += 1) move(tickets, [turn % 2 === 0 ? "4" : "3"], "backlog", "2");
    expect(Math.max(...[...tickets.values()].map(({ rank }) => rank.length))).toBeLessThanOrEqual(longestRank);
    expect(order(tickets, "backlog")[0]).toBe("1");
    expect(order(tickets, "backlog").at(-1)).toBe("2");
  });

  test("any moves leave each column in the order in which a list would have it", () => {
    const step = fc.record({
      ids: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
      column: fc.constantFrom(...ticketStages),
      before: fc.option(fc.integer({ min: 1, max: 8 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tickets = board(8);
        const lists = new Map<TicketStage, string[]>(ticketStages.map((column) => [column, []]));
        lists.set("backlog", [...tickets.keys()]);
        for (const { before, column, ids } of steps) {
          const moved = ids.map(String);
          move(tickets, moved, column, before === null ? null : String(before));
          for (const [name, list] of lists)
            lists.set(
              name,
              list.filter((id) => !moved.includes(id)),
            );
          const list = lists.get(column) ?? [];
          const at = before === null ? -1 : list.indexOf(String(before));
          list.splice(at === -1 ? list.length : at, 0, ...moved);
        }
        for (const column of ticketStages) expect(order(tickets, column)).toEqual(lists.get(column));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a new ticket", () => {
  it("goes behind the last one of its column", () => {
    const tickets = board(2);
    const [rank = ""] = ranksAtEnd({ tickets }, "backlog", 1);
    expect(rank > (tickets.get("2")?.rank ?? "")).toBe(true);
  });
});

describe("an edit", () => {
  it("is refused with both versions when the ticket has changed meanwhile, and when it is gone", () => {
    const facts = { headSeq: 0, boards, tickets: new Map([["1", ticket(1, "todo", "a0", { version: 3 })]]) };
    expect(refuseEdit(facts, "1", 3)).toBeUndefined();
    expect(refuseEdit(facts, "1", 2)?.detail).toContain("version 3, yours was 2");
    expect(refuseEdit(facts, "2", 1)?.code).toBe("not_found");
  });
});

describe("a parent", () => {
  it("is a living ticket of the project that does not stand below its child", () => {
    const tickets = new Map([
      ["1", ticket(1, "todo", "a0")],
      ["2", ticket(2, "todo", "a1", { parentId: "1" })],
      ["3", ticket(3, "todo", "a2", { parentId: "2" })],
      ["4", ticket(4, "todo", "a3", { isDeleted: true })],
    ]);
    const facts = { headSeq: 0, boards, tickets };
    expect(refuseParent(facts, "3", "1")).toBeUndefined();
    expect(refuseParent(facts, "1", null)).toBeUndefined();
    for (const [id, parent] of [
      ["1", "3"],
      ["1", "1"],
      ["1", "4"],
      ["1", "9"],
    ] as const)
      expect(refuseParent(facts, id, parent)?.code, `${id} below ${parent}`).toBe("invalid_request");
  });
});
