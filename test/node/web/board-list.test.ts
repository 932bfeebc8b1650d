import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ticket } from "../../../contracts/project.ts";
import {
  groupings,
  nextSort,
  rowsOf,
  sortKeys,
  sortOf,
  type Grouping,
} from "../../../web/features/board/views/list/rows.ts";
import { sampleTicket } from "./sample-ticket.ts";

const columns = [
  { id: "todo", name: "Todo", stage: "todo" },
  { id: "qa", name: "Checks", stage: "qa" },
] as const;
const tickets: readonly Ticket[] = [
  sampleTicket("10", { title: "beta", priority: "low", column: "qa", labels: ["z"] }),
  sampleTicket("9", { title: "Alpha", priority: "urgent", assignee: { id: "7", name: "Zoe", avatarUrl: null } }),
  sampleTicket("2", {
    title: "gamma",
    assignee: { id: "8", name: "Ana", avatarUrl: null },
    parentId: "1",
    labels: ["a"],
  }),
  sampleTicket("1", { title: "delta", type: "epic", column: "qa", updatedAtMs: 9 }),
];
const list = (sort: string | undefined, group: Grouping = "none") =>
  rowsOf(tickets, { sort: sortOf(sort), group, columns, ticketOf: (id) => tickets.find((each) => each.id === id) });
const ids = (sort: string | undefined) => list(sort).map(({ id }) => id);

describe("a list of tickets", () => {
  test("is in the board's order without a sort, and by each column either way with one", () => {
    expect(ids(undefined)).toEqual(["10", "9", "2", "1"]);
    expect(ids("key")).toEqual(["1", "2", "9", "10"]);
    expect(ids("title")).toEqual(["9", "10", "1", "2"]);
    expect(ids("-title")).toEqual(["2", "1", "10", "9"]);
    expect(ids("priority")).toEqual(["9", "10", "2", "1"]);
    expect(ids("column")).toEqual(["9", "2", "10", "1"]);
    expect(ids("assignee")).toEqual(["2", "9", "10", "1"]);
    expect(ids("labels")).toEqual(["2", "10", "9", "1"]);
    expect(ids("-updated")).toEqual(["1", "10", "9", "2"]);
    expect(ids("nothing")).toEqual(ids(undefined));
  });

  test("is grouped in the groups' own order, with the sort within each", () => {
    const lines = (group: Grouping) => list("key", group).map((row) => (row.kind === "group" ? row.label : row.id));
    expect(lines("column")).toEqual(["Todo", "2", "9", "Checks", "1", "10"]);
    expect(lines("priority")).toEqual(["Urgent", "9", "Low", "10", "No priority", "1", "2"]);
    expect(lines("assignee")).toEqual(["Ana", "2", "Zoe", "9", "Nobody", "1", "10"]);
    expect(lines("epic")).toEqual(["LIME-1 delta", "1", "2", "No parent", "9", "10"]);
  });

  test("has each ticket once, whatever the order and grouping", () => {
    const anyTicket = fc.record({
      priority: fc.constantFrom("urgent", "none"),
      column: fc.constantFrom("todo", "qa", "done"),
      parentId: fc.option(fc.constantFrom("0", "1", "2", "99")),
    } as const);
    fc.assert(
      fc.property(
        fc.array(anyTicket, { maxLength: 8 }),
        fc.constantFrom(...sortKeys, ...sortKeys.map((key) => `-${key}`), ""),
        fc.constantFrom(...groupings),
        (fields, sort, group) => {
          const all = fields.map((each, index) => sampleTicket(String(index), each));
          const rows = rowsOf(all, { sort: sortOf(sort), group, columns, ticketOf: (id) => all[Number(id)] });
          const shown = rows.flatMap((row) => (row.kind === "ticket" ? [row.id] : []));
          expect(shown.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
          expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
        },
      ),
    );
  });

  test("a column's head sorts by it, then the other way round, then not at all", () => {
    expect(nextSort(sortOf(undefined), "title")).toBe("title");
    expect(nextSort(sortOf("title"), "title")).toBe("-title");
    expect(nextSort(sortOf("-title"), "title")).toBeUndefined();
    expect(nextSort(sortOf("title"), "key")).toBe("key");
  });
});
