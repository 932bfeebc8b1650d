import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ticket } from "../../../contracts/project.ts";
import {
  facets,
  filterOf,
  isEmpty,
  noFilter,
  passes,
  searchOf,
  toggledValue,
  type BoardFilter,
  type FilterContext,
} from "../../../web/features/board/filter.ts";
import { beforeAt, placed } from "../../../web/features/board/model/order.ts";
import { queryOf, searchOfQuery } from "../../../web/features/board/views/address.ts";
import { sampleTicket } from "./sample-ticket.ts";

const ana = { id: "7", name: "Ana", avatarUrl: null };
const epic = sampleTicket("1", { type: "epic" });
const story = sampleTicket("2", { parentId: "1", labels: ["a, b", "~x"], assignee: ana });
const task = sampleTicket("3", { parentId: "2", priority: "urgent", column: "qa" });
const all = new Map([epic, story, task].map((ticket) => [ticket.id, ticket]));
const context: FilterContext = {
  me: "7",
  textHits: new Set(["3"]),
  ticketOf: (id) => all.get(id),
  readinessOf: ({ id }) => (id === "2" ? "blocked" : "ready"),
};
const left = (filter: Partial<BoardFilter["facets"]>, text = ""): string[] =>
  [...all.values()].filter((ticket) => passes(ticket, { text, facets: filter }, context)).map(({ id }) => id);

describe("a board's filter", () => {
  test("leaves every ticket when it is empty", () => {
    expect(isEmpty(noFilter)).toBe(true);
    expect(left({})).toEqual(["1", "2", "3"]);
    expect(left({ type: [] })).toEqual(["1", "2", "3"]);
  });

  test("finds a person's own tickets, those of another, and those of nobody", () => {
    expect(left({ assignee: ["me"] })).toEqual(["2"]);
    expect(left({ assignee: ["7"] })).toEqual(["2"]);
    expect(left({ assignee: ["none"] })).toEqual(["1", "3"]);
    expect(left({ assignee: ["me", "none"] })).toEqual(["1", "2", "3"]);
  });

  test("joins values of a facet by or, and facets by and", () => {
    expect(left({ type: ["epic", "task"], priority: ["urgent"] })).toEqual(["3"]);
    expect(left({ column: ["qa"], assignee: ["me"] })).toEqual([]);
    expect(left({ label: ["~x"] })).toEqual(["2"]);
    expect(left({ ready: ["blocked"] })).toEqual(["2"]);
  });

  test("finds everything under an epic, and tickets without a parent; parents in a circle end", () => {
    expect(left({ epic: ["1"] })).toEqual(["2", "3"]);
    expect(left({ epic: ["none"] })).toEqual(["1"]);
    const loop = sampleTicket("9", { parentId: "9" });
    expect(passes(loop, { text: "", facets: { epic: ["1"] } }, { ...context, ticketOf: () => loop })).toBe(false);
  });

  test("finds tickets by their run: at work, waiting for a person, ended, or none", () => {
    const of = (state: "CODING" | "NEEDS_HUMAN" | "DONE") =>
      sampleTicket("4", { run: { id: "1", state, mode: "implement" } });
    const has = (ticket: Ticket, value: string) => passes(ticket, { text: "", facets: { run: [value] } }, context);
    const table = [of("CODING"), of("NEEDS_HUMAN"), of("DONE"), epic].map((ticket) =>
      ["any", "working", "waiting", "ended", "none"].filter((value) => has(ticket, value)),
    );
    expect(table).toEqual([["any", "working"], ["any", "waiting"], ["ended"], ["none"]]);
  });

  test("takes the server's hits beside the words that a card shows", () => {
    expect(left({}, "lime-2")).toEqual(["2", "3"]);
    expect(left({ assignee: ["me"] }, "nowhere")).toEqual([]);
  });

  test("comes back from the address as it went in, whatever its values", () => {
    const value = fc.string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom(",", "~", ".", "a", "é", "&", "=", "%", " "),
    });
    const filters = fc.record({
      text: fc.string({ maxLength: 20 }),
      facets: fc.dictionary(fc.constantFrom(...facets), fc.uniqueArray(value, { minLength: 1, maxLength: 4 })),
    });
    fc.assert(
      fc.property(filters, (filter) => {
        const search = Object.fromEntries(Object.entries(searchOf(filter)).filter(([, each]) => each !== undefined));
        expect(filterOf(search)).toEqual({ text: filter.text, facets: { ...filter.facets } });
        expect(filterOf(searchOfQuery(queryOf(search)))).toEqual(filterOf(search));
      }),
    );
  });

  test("reads any address without a fault", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...facets, "q"), fc.string()), (search) => {
        const filter = filterOf(search);
        for (const ticket of all.values()) passes(ticket, filter, context);
      }),
    );
  });

  test("loses a value that is chosen twice", () => {
    const once = toggledValue(noFilter, "type", "bug");
    expect(once.facets.type).toEqual(["bug"]);
    expect(isEmpty(toggledValue(once, "type", "bug"))).toBe(true);
  });
});

test("a card that is dropped among filtered ones comes right before the visible card below, or right after the last one", () => {
  const shape = fc.record({
    size: fc.integer({ min: 0, max: 12 }),
    hidden: fc.uniqueArray(fc.integer({ min: 0, max: 11 })),
    moving: fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 3 }),
    at: fc.nat({ max: 12 }),
  });
  fc.assert(
    fc.property(shape, ({ at, hidden, moving, size }) => {
      const column = Array.from({ length: size }, (_, index) => sampleTicket(String(index)));
      const movingTickets = moving.map((index) => column[index] ?? sampleTicket(String(index)));
      const ids = new Set(movingTickets.map(({ id }) => id));
      const visible = column.filter(({ id }) => !hidden.includes(Number(id)));
      const staying = visible.filter(({ id }) => !ids.has(id));
      const index = Math.min(at, staying.length);
      const after = placed(column, movingTickets, beforeAt(column, visible, ids, index)).map(({ id }) => id);
      // Each card comes once, the staying ones in their order.
      expect(after.toSorted()).toEqual([...new Set([...column.map(({ id }) => id), ...ids])].toSorted());
      expect(after.filter((id) => !ids.has(id))).toEqual(column.map(({ id }) => id).filter((id) => !ids.has(id)));
      const first = after.indexOf(movingTickets[0]?.id ?? "");
      expect(after.slice(first, first + ids.size)).toEqual(movingTickets.map(({ id }) => id));
      const next = staying[index];
      if (next !== undefined) expect(after[first + ids.size]).toBe(next.id);
      else if (staying.length > 0) expect(after[first - 1]).toBe(staying.at(-1)?.id);
      else expect(after.slice(-ids.size)).toEqual(movingTickets.map(({ id }) => id));
    }),
    { numRuns: 500 },
  );
});
