import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultColumns } from "../../../domain/board/columns.ts";
import {
  blockedBy,
  cycleThrough,
  dependentsOf,
  isReady,
  linked,
  maxDependencies,
  refuseLink,
} from "../../../domain/board/dependencies.ts";
import { takeChange, type BoardFacts, type TicketFacts } from "../../../domain/board/facts.ts";

const boards = [{ id: "1", name: "Board", columns: defaultColumns() }];

function facts(links: Readonly<Record<string, readonly string[]>>, more: Record<string, Partial<TicketFacts>> = {}) {
  const tickets = new Map<string, TicketFacts>();
  for (const [id, dependsOn] of Object.entries(links))
    tickets.set(id, {
      ...{ id, key: `LIME-${id}`, column: "todo", rank: "a0", version: 1, parentId: null, isDeleted: false, dependsOn },
      ...more[id],
    });
  return { headSeq: 0, boards, tickets };
}

describe("a dependency", () => {
  it("that closes a circle is refused with the way from the ticket back to itself", () => {
    const board = facts({ 1: [], 4: ["2"], 2: ["1"], 3: [] });
    expect(refuseLink(board, "1", "4", "link")).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("LIME-1 -> LIME-4 -> LIME-2 -> LIME-1"),
    });
    expect(refuseLink(board, "3", "4", "link")).toBeUndefined();
    expect(refuseLink(board, "2", "3", "link")).toBeUndefined();
  });

  it("over a deleted ticket closes a circle too, since the ticket may be restored", () => {
    const board = facts({ 1: [], 2: ["1"], 3: ["2"] }, { 2: { isDeleted: true } });
    expect(refuseLink(board, "1", "3", "link")).toMatchObject({ code: "conflict" });
  });

  it("on the ticket itself, on a ticket from elsewhere, and on a deleted one is refused with its reason", () => {
    const board = facts({ 1: [], 2: [] }, { 2: { isDeleted: true } });
    const said = (other: string) => refuseLink(board, "1", other, "link")?.detail;
    expect(said("1")).toContain("LIME-1 can't depend on itself");
    expect(said("9")).toContain("is not a ticket of this project");
    expect(said("2")).toContain("Restore LIME-2 first");
    expect(refuseLink(board, "2", "1", "link")).toMatchObject({ code: "not_found" });
    expect(refuseLink(board, "9", "1", "link")).toMatchObject({ code: "not_found" });
  });

  it("is refused where the ticket has as many as it may, and one that it has already stays", () => {
    const ids = Array.from({ length: maxDependencies + 1 }, (_, index) => String(index + 2));
    const board = facts({ 1: ids.slice(0, maxDependencies), ...Object.fromEntries(ids.map((id) => [id, []])) });
    expect(refuseLink(board, "1", ids.at(-1) ?? "", "link")?.detail).toContain("at most 50");
    expect(refuseLink(board, "1", "2", "link")).toBeUndefined();
    expect(linked(board, "1", "2", "link")).toBeUndefined();
    expect(linked(board, "1", "2", "unlink")).toHaveLength(maxDependencies - 1);
    expect(linked(board, "2", "1", "unlink")).toBeUndefined();
  });

  it("keeps the ids in their numbers' order, and is taken from its change", () => {
    const board = facts({ 1: ["2", "10"], 2: [], 9: [], 10: [] });
    const dependsOn = [...(linked(board, "1", "9", "link") ?? [])];
    expect(dependsOn).toEqual(["2", "9", "10"]);
    const actor = { kind: "system", name: "test" } as const;
    takeChange(board.tickets, { seq: 1, atMs: 0, actor, type: "ticket.linked", data: { id: "1", dependsOn } });
    expect(board.tickets.get("1")).toMatchObject({ dependsOn, version: 1 });
    expect(dependentsOf(board, "9").map(({ id }) => id)).toEqual(["1"]);
  });
});

describe("a ticket", () => {
  it("is ready when everything that it depends on is done; a deleted ticket blocks nothing", () => {
    const board = facts({ 1: ["2", "3"], 2: [], 3: [] }, { 2: { column: "done" }, 3: { isDeleted: true } });
    const [one, two, three] = ["1", "2", "3"].map((id) => board.tickets.get(id));
    if (one === undefined || two === undefined || three === undefined) throw new Error("three tickets");
    expect(isReady(board, one)).toBe(true);
    expect(isReady(board, two)).toBe(false);
    expect(isReady(board, three)).toBe(false);
    board.tickets.set("2", { ...two, column: "qa" });
    expect(isReady(board, one)).toBe(false);
    expect(blockedBy(board, one).map(({ id }) => id)).toEqual(["2"]);
  });
});

it("no order of links and removals ever makes a circle, and a refusal's way is one of existing dependencies", () => {
  const count = 7;
  const step = fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const board: BoardFacts & { tickets: Map<string, TicketFacts> } = facts(
        Object.fromEntries(Array.from({ length: count }, (_, id) => [String(id + 1), []])),
      );
      for (const [from, to, removes] of steps) {
        const [id, other] = [String(from + 1), String(to + 1)];
        const kind = removes ? "unlink" : "link";
        const refusal = refuseLink(board, id, other, kind);
        if (refusal?.code === "conflict") {
          const way = cycleThrough(board, id, other) ?? [];
          expect(way[0]).toBe(id);
          expect(way.at(-1)).toBe(id);
          for (const [index, at] of way.entries())
            if (index > 0 && index < way.length - 1) expect(board.tickets.get(at)?.dependsOn).toContain(way[index + 1]);
        }
        const next = refusal === undefined ? linked(board, id, other, kind) : undefined;
        const ticket = board.tickets.get(id);
        if (next !== undefined && ticket !== undefined) board.tickets.set(id, { ...ticket, dependsOn: next });
      }
      for (const { id, dependsOn } of board.tickets.values())
        for (const other of dependsOn) expect(reaches(board, other, id)).toBe(false);
    }),
  );
});

function reaches({ tickets }: BoardFacts, from: string, to: string): boolean {
  if (from === to) return true;
  return (tickets.get(from)?.dependsOn ?? []).some((next) => reaches({ headSeq: 0, boards, tickets }, next, to));
}
