import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { criticalPath, type ChainTicket } from "../../../web/features/board/views/graph/critical-path.ts";
import { boxSize, linksOf, placesOf, type Link } from "../../../web/lib/layered-graph.ts";
import { sampleTicket } from "./sample-ticket.ts";

/** Tickets without a circle: each depends on earlier ones alone. */
const plans = fc
  .array(fc.record({ isDone: fc.boolean(), on: fc.uniqueArray(fc.nat({ max: 8 }), { maxLength: 3 }) }), {
    maxLength: 9,
  })
  .map((tickets) =>
    tickets.map(({ isDone, on }, index): ChainTicket => ({
      id: String(index + 1),
      isDone,
      dependsOn: on.filter((other) => other < index).map((other) => String(other + 1)),
    })),
  );

/** The length of the longest chain of open tickets, by trying every one. */
function longestByTrying(tickets: readonly ChainTicket[]): number {
  const open = tickets.filter(({ isDone }) => !isDone);
  const from = (ticket: ChainTicket): number =>
    1 + Math.max(0, ...open.filter(({ id }) => ticket.dependsOn.includes(id)).map(from));
  return Math.max(0, ...open.map(from));
}

describe("the critical path", () => {
  test("is a chain of open tickets that is as long as any, and the same whatever the tickets' order", () => {
    fc.assert(
      fc.property(plans, fc.nat(), (tickets, turn) => {
        const path = criticalPath(tickets);
        const longest = longestByTrying(tickets);
        expect(path.length).toBe(longest < 2 ? 0 : longest);
        const byId = new Map(tickets.map((ticket) => [ticket.id, ticket]));
        for (const [index, id] of path.entries()) {
          expect(byId.get(id)?.isDone).toBe(false);
          if (index > 0) expect(byId.get(id)?.dependsOn).toContain(path[index - 1]);
        }
        const at = tickets.length === 0 ? 0 : turn % tickets.length;
        expect(criticalPath([...tickets.slice(at), ...tickets.slice(0, at)].toReversed())).toEqual(path);
      }),
      { numRuns: 1_000 },
    );
  });

  test("ends where tickets stand in a circle, and takes a chain of ten thousand", () => {
    const circle = ["1", "2", "3"].map((id, index) => ({
      id,
      isDone: false,
      dependsOn: [String(((index + 1) % 3) + 1)],
    }));
    expect(criticalPath(circle).length).toBeLessThanOrEqual(3);
    const chain = Array.from({ length: 10_000 }, (_, index) => ({
      id: String(index + 1),
      isDone: false,
      dependsOn: index === 0 ? [] : [String(index)],
    }));
    expect(criticalPath(chain.toReversed())).toHaveLength(10_000);
  });
});

describe("the graph's places", () => {
  test("stand right of all that a ticket waits for, and no two boxes lie over each other", () => {
    fc.assert(
      fc.property(plans, (tickets) => {
        const links = linksOf(tickets.map(({ dependsOn, id }) => sampleTicket(id, { dependsOn: [...dependsOn] })));
        const places = placesOf(links);
        expect([...places.keys()].toSorted()).toEqual(
          [...new Set(links.flatMap(({ from, to }) => [from, to]))].toSorted(),
        );
        for (const { from, to } of links)
          expect(places.get(to)?.x).toBeGreaterThanOrEqual((places.get(from)?.x ?? 0) + boxSize.width);
        const all = [...places.values()];
        for (const [index, a] of all.entries())
          for (const b of all.slice(index + 1))
            expect(Math.abs(a.x - b.x) >= boxSize.width || Math.abs(a.y - b.y) >= boxSize.height).toBe(true);
      }),
    );
  });

  test("are found for links in a circle too, which a page may have for a moment", () => {
    const circle: readonly Link[] = [
      { from: "1", to: "2" },
      { from: "2", to: "3" },
      { from: "3", to: "1" },
    ];
    expect(placesOf(circle).size).toBe(3);
  });

  test("leave out tickets that are not shown", () => {
    expect(linksOf([sampleTicket("2", { dependsOn: ["1"] })])).toEqual([]);
  });
});
