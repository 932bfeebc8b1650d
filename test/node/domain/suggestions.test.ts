import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leastShare, SimilarTitles, type TitledTicket } from "../../../domain/board/similar-titles.ts";
import { countCriteria, longestDescription, mostCriteria, suggestionsFor } from "../../../domain/board/suggestions.ts";
import { sampleTicket } from "../web/sample-ticket.ts";

const titled = (titles: readonly string[]): TitledTicket[] =>
  titles.map((title, index) => ({ id: String(index + 1), title }));

function likes(titles: readonly string[]): readonly (string | undefined)[] {
  const similar = new SimilarTitles();
  const tickets = titled(titles);
  similar.update(tickets);
  return tickets.map(({ id }) => similar.likeOf(id)?.id);
}

const kindsOf = (fields: Parameters<typeof sampleTicket>[1], stage: Parameters<typeof suggestionsFor>[1] = "todo") =>
  suggestionsFor(sampleTicket("1", fields), stage, undefined).map(({ kind }) => kind);

describe("a ticket", () => {
  test("with too many criteria or too long a description is better split, unless it is an epic or at work", () => {
    const criteria = (count: number) =>
      Array.from({ length: count }, (_, index) => `- It does ${index}\n  - so`).join("\n");
    expect(kindsOf({ acceptanceCriteria: criteria(mostCriteria) })).toEqual([]);
    expect(kindsOf({ acceptanceCriteria: criteria(mostCriteria + 1) })).toEqual(["split"]);
    expect(kindsOf({ acceptanceCriteria: "- x", description: "x".repeat(longestDescription) })).toEqual([]);
    const long = { acceptanceCriteria: "- x", description: "x".repeat(longestDescription + 1) };
    expect(kindsOf(long)).toEqual(["split"]);
    expect(kindsOf(long, "in_progress")).toEqual([]);
    expect(kindsOf({ ...long, type: "epic" })).toEqual([]);
  });

  test("without criteria is told so before work on it begins", () => {
    expect(kindsOf({ acceptanceCriteria: " \n" })).toEqual(["criteria"]);
    expect(kindsOf({}, "backlog")).toEqual(["criteria"]);
    expect(kindsOf({}, "qa")).toEqual([]);
    expect(kindsOf({ type: "epic" })).toEqual([]);
  });

  test("that is done has no suggestion, also when it looks like another one", () => {
    const other = sampleTicket("1");
    expect(suggestionsFor(sampleTicket("2"), "done", other)).toEqual([]);
    expect(suggestionsFor(sampleTicket("2"), "qa", other)).toEqual([
      { kind: "like", otherId: "1", words: "Looks like LIME-1: Ticket 1" },
    ]);
  });

  test("has as many criteria as its outermost lists have entries, or as it has paragraphs", () => {
    expect(countCriteria("")).toBe(0);
    expect(countCriteria("One\nstill one\n\nTwo")).toBe(2);
    expect(countCriteria("Given:\n1. a\n2) b\n   - c\n- [ ] d")).toBe(3);
    expect(countCriteria("-no list\n\n**bold**")).toBe(2);
  });
});

describe("a title", () => {
  test("looks like an earlier one with nearly the same words, in whatever order and spelling", () => {
    expect(likes(["Login fails on Safari", "Unrelated work", "On Safari the login fails"])).toEqual([
      undefined,
      undefined,
      "1",
    ]);
    expect(likes(["Add dark mode to the settings page", "Add a dark mode to settings pages"])).toEqual([
      undefined,
      "1",
    ]);
    expect(likes(["Café menu is emtpy", "CAFE: menu is empty"])).toEqual([undefined, "1"]);
    expect(likes(["Upload of large files fails", "Download of reports is slow"])).toEqual([undefined, undefined]);
    expect(likes(["Fix me", "Fix us"])).toEqual([undefined, undefined]);
  });

  test("of a series is not like the others of it, and one with the same number is", () => {
    expect(likes(["Migrate the table of page 1", "Migrate the table of page 2", "Migrate table of page 1"])).toEqual([
      ...[undefined, undefined],
      "1",
    ]);
  });

  test("is found like the one that a comparison with all others finds", () => {
    const word = fc.constantFrom(
      "login",
      "logins",
      "page",
      "pages",
      "fails",
      "failed",
      "dark",
      "mode",
      "v1",
      "v2",
      "the",
    );
    const title = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(title, { minLength: 2, maxLength: 20 }), (titles) => {
        expect(likes(titles)).toEqual(titles.map((_, index) => bestOf(titles, index)));
      }),
    );
  });

  test("is found so after any changes too, and exactly the tickets whose likeness is another are told", () => {
    const title = fc.constantFrom(
      "login page fails",
      "login pages fail",
      "the login page failed",
      "dark mode",
      "dark modes",
      "",
    );
    const step = fc.record({ id: fc.integer({ min: 1, max: 8 }), title: fc.option(title) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const similar = new SimilarTitles();
        const now = new Map<string, TitledTicket>();
        for (const { id, title: next } of steps) {
          const before = new Map([...Array(9).keys()].map((each) => [String(each), similar.likeOf(String(each))?.id]));
          if (next === null) now.delete(String(id));
          else now.set(String(id), { id: String(id), title: next });
          const told = similar.update(now.values());
          const anew = new SimilarTitles();
          anew.update(now.values());
          for (const [each, like] of before) {
            expect(similar.likeOf(each)?.id).toBe(anew.likeOf(each)?.id);
            expect(told.includes(each)).toBe(similar.likeOf(each)?.id !== like);
          }
        }
      }),
    );
  });

  test("is found among 2,000 within the time of a few frames, also when all are the same or nearly so", () => {
    const words =
      "add fix remove login page report export import user team board ticket search filter mobile slow dark".split(" ");
    const pick = (seed: number): string => words[(seed * 7919) % words.length] ?? "";
    const varied = Array.from({ length: 2000 }, (_, index) =>
      [1, 3, 5, 11, 13].map((step) => pick(index * step + Math.floor(index / step))).join(" "),
    );
    const syllables = ["ra", "te", "lo", "mi", "sun", "ker", "pol", "dan", "vis", "gre", "hul", "zat"];
    const word = (seed: number): string =>
      [1, 12, 144].map((step) => syllables[Math.floor(seed / step) % syllables.length] ?? "").join("");
    const usual = varied.map((title, index) =>
      [title.split(" ")[0], ...[7, 31, 101, 523].map((step) => word(index * step))].join(" "),
    );
    for (const [name, titles] of Object.entries({ usual, varied, same: varied.map(() => "Untitled ticket") })) {
      const similar = new SimilarTitles();
      const tickets = titled(titles);
      const at = performance.now();
      similar.update(tickets);
      const built = performance.now();
      similar.update(tickets.map((ticket) => (ticket.id === "1000" ? { ...ticket, title: "Another title" } : ticket)));
      console.log(
        `2,000 ${name} titles: ${Math.round(built - at)} ms at first, ${(performance.now() - built).toFixed(1)} ms after an edit`,
      );
      expect(built - at).toBeLessThan(3_000);
    }
  });
});

/** The same by comparing each with each. */
function bestOf(titles: readonly string[], index: number): string | undefined {
  let best: { readonly id: string; readonly share: number } | undefined;
  for (const [other, title] of titles.slice(0, index).entries()) {
    const pair = new SimilarTitles();
    pair.update(titled([title, titles[index] ?? ""]));
    const { share = 0 } = pair.likeOf("2") ?? {};
    if (share >= leastShare && (best === undefined || share > best.share)) best = { id: String(other + 1), share };
  }
  return best?.id;
}
