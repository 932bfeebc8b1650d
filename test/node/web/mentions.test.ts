import { describe, expect, test } from "vitest";
import type { Member } from "../../../contracts/ticket-parts.ts";
import { membersFor, typedMention, withMention } from "../../../web/lib/mentions.ts";

const member = (id: string, name: string): Member => ({ id, name, avatarUrl: null, role: "dev" });
const all = [member("1", "Ada Lovelace"), member("2", "Lena Lime"), member("3", "Remy de-Lune")];
const at = (text: string) => typedMention(text.replace("|", ""), text.indexOf("|"))?.letters ?? null;

describe("a name that is typed after @", () => {
  test.each([
    ["@|", ""],
    ["Hello @le|", "le"],
    ["Hello\n@Lena Li|", "Lena Li"],
    ["(@ad| and more)", "ad"],
    ["**@ad|", "ad"],
    ["mail@example|", null],
    ["[@Lena|](#member-2)", null],
    ["@ |", null],
    ["@Lena\nand|", null],
    ["no name|", null],
    [`@${"x".repeat(41)}|`, null],
  ])("in %j is %j", (text, letters) => {
    expect(at(text)).toBe(letters);
  });

  test("finds members by the beginning of any word of their names", () => {
    expect(membersFor(all, "l").map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(membersFor(all, "LENA l").map(({ id }) => id)).toEqual(["2"]);
    expect(membersFor(all, "").length).toBe(3);
    expect(membersFor(all, "ovelace")).toEqual([]);
  });

  test("gives way to the mention, and one goes on after it", () => {
    for (const [rest, gap] of [
      ["", " "],
      [", please", ""],
      ["about it", " "],
      [" about it", " "],
    ] as const) {
      const made = withMention(`Ask @le${rest}`, { start: 4, end: 7, letters: "le" }, member("2", "Lena Lime"));
      expect(made.text).toBe(`Ask [@Lena Lime](#member-2)${gap}${rest.trimStart()}`);
      expect(made.text.slice(0, made.caret)).toBe(`Ask [@Lena Lime](#member-2)${gap}`);
    }
  });
});
