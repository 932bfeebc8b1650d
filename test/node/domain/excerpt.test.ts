import fc from "fast-check";
import { expect, test } from "vitest";
import { excerptOf } from "../../../domain/text/excerpt.ts";

test("an excerpt shows the first of the words with some text around it, in one line", () => {
  expect(excerptOf("One\n\ntwo  three", ["TWO"])).toBe("One two three");
  expect(excerptOf(`${"lead ".repeat(30)}needle${" tail".repeat(60)}`, ["needle"])).toMatch(
    /^…lead .*needle tail.*…$/u,
  );
  expect(excerptOf("nothing of it", ["needle"])).toBeNull();
  expect(excerptOf("", ["x"])).toBeNull();
});

test("an excerpt is short and has no half of a character, whatever the text", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 400 });
  fc.assert(
    fc.property(text, fc.nat(), (whole, from) => {
      const characters = Array.from(whole);
      const start = from % Math.max(1, characters.length);
      const word = characters.slice(start, start + 3).join("");
      const excerpt = excerptOf(whole, [word]);
      if (excerpt === null) return;
      expect(excerpt.length).toBeLessThanOrEqual(162);
      expect(excerpt.isWellFormed()).toBe(true);
    }),
  );
});
