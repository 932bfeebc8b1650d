import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { MarkdownRendered } from "../../../web/components/markdown-rendered.tsx";
import { countTasks, placeOfTask, tasksOf, toggledTask } from "../../../web/features/board/model/checklist.ts";

const wordsOf = (source: string) => tasksOf(source).map(({ isDone, words }) => `${isDone ? "x" : " "} ${words}`);

/** The lines of the items that a page shows as a checklist's, and whether each is done. */
function shown(text: string): readonly (readonly [line: number, isDone: boolean])[] {
  const lines: number[] = [];
  const has = (line: number) => lines.push(line) > 0;
  const html = renderToStaticMarkup(
    createElement(MarkdownRendered, { text, streaming: false, ticks: { has, toggle: () => undefined } }),
  );
  const boxes = [...html.matchAll(/<input [^>]*>/gu)].map(([box]) => box.includes("checked"));
  return lines.map((line, index) => [line, boxes[index] === true] as const);
}

describe("the items of a checklist", () => {
  test("are found in lists of every kind, nested and in quotes, and not in code", () => {
    const source = [
      "# Done when",
      "- [ ] one",
      "  - [x] two",
      "      - [ ] three",
      "- plain",
      "",
      "1. [X] four",
      "10. [ ] five",
      "",
      "> * [ ] six",
      "",
      "```",
      "- [ ] in a fence",
      "```",
      "- code:",
      "  ~~~md",
      "  - [ ] in a fence of an item",
      "  ~~~",
      "  - [x] seven",
      "",
      "          - [ ] in code by its indent",
      "",
      "text",
      "    - [ ] goes on with the text",
      "2. [ ] goes on with it too",
      "- [ ]no space",
      "[ ] no list",
    ].join("\n");
    expect(wordsOf(source)).toEqual(["  one", "x two", "  three", "x four", "  five", "  six", "x seven"]);
    expect(tasksOf(source).map(({ line }) => line)).toEqual([2, 3, 4, 7, 8, 10, 19]);
    expect(countTasks(source, "- [x] more")).toEqual({ done: 4, total: 8 });
    expect(countTasks("- plain", "")).toBeNull();
  });

  test("have boxes that are named by their own words", () => {
    const text = "- [ ] one `two` **three**\n  - [x] four\n\n1. [ ] five\n\n   six";
    const ticks = { has: () => true, toggle: () => undefined };
    const html = renderToStaticMarkup(createElement(MarkdownRendered, { text, streaming: false, ticks }));
    const names = [...html.matchAll(/<input [^>]*aria-label="([^"]*)"/gu)].map(([, name]) =>
      name?.replace(/\s+/gu, " "),
    );
    expect(names).toEqual(["one two three", "four", "five six"]);
    expect(renderToStaticMarkup(createElement(MarkdownRendered, { text, streaming: false }))).not.toContain("<input");
  });

  test("are those that the page shows, in whatever order blocks follow each other", () => {
    const indent = fc.constantFrom("", "", "", "  ", "    ", "\t", "> ", "> > ");
    const block = fc.constantFrom(
      ...["- [ ] a", "- [x] b", "* [X] c", "1. [ ] d", "1. [x] e", "- plain", "1. plain", "words", "# heading"],
      ...["```", "~~~", "````", "- - [ ] f", "- > - [x] g", "***", "-\t[ ] h", "-     - [ ] i", "- ```", "", "", ""],
    );
    const line = fc.tuple(indent, block).map((parts) => (parts[1] === "" ? "" : parts.join("")));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 9 }), fc.constantFrom("\n", "\r\n"), (lines, end) => {
        const source = lines.join(end);
        expect(tasksOf(source).map((each) => [each.line, each.isDone])).toEqual(shown(source));
      }),
      { numRuns: 400 },
    );
  });
});

describe("ticking an item", () => {
  const source =
    "Intro\r\n\r\n- [ ] one\r\n\t- [X] two\r\n> 1. [x] [ ] three\r\n```\r\n- [ ] code\r\n```\r\n- [ ] four";

  test("changes the one sign between its brackets and nothing else, line ends and tabs included", () => {
    expect(toggledTask(source, 0)).toBe(source.replace("[ ] one", "[x] one"));
    expect(toggledTask(source, 1)).toBe(source.replace("[X] two", "[ ] two"));
    expect(toggledTask(source, 2)).toBe(source.replace("[x] [ ] three", "[ ] [ ] three"));
    expect(toggledTask(source, 3)).toBe(source.replace("[ ] four", "[x] four"));
    expect(toggledTask(source, 4)).toBe(source);
    expect(toggledTask("words", 0)).toBe("words");
  });

  test("twice is the same text as before, and moves no other item", () => {
    for (const [index, before] of tasksOf(source).entries()) {
      const once = toggledTask(source, index);
      expect(tasksOf(once).map(({ words }) => words)).toEqual(tasksOf(source).map(({ words }) => words));
      expect(tasksOf(once)[index]?.isDone).toBe(!before.isDone);
      expect(toggledTask(once, index)).toBe(source.replace("[X]", index === 1 ? "[x]" : "[X]"));
    }
  });

  test("finds its item again in a text that another person has changed, and no other one", () => {
    const was = tasksOf("- [ ] one\n- [ ] two")[1];
    if (was === undefined) throw new Error("two items");
    const place = (now: string) => placeOfTask(tasksOf(now), was, 1);
    expect(place("- [x] one\n- [ ] two")).toBe(1);
    expect(place("- [ ] new\n- [ ] one\n- [ ] two")).toBe(2);
    expect(place("- [ ] one\n- [ ] two, in other words")).toBe(-1);
    expect(place("- [ ] two\n- [ ] one\n- [ ] two")).toBe(-1);
  });
});
