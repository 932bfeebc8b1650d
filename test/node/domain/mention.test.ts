import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memberOfAddress, mentionedIn, mentionOf, withPlainMentions } from "../../../domain/board/mention.ts";
import { beginningOf } from "../../../domain/text/excerpt.ts";

const lena = mentionOf({ id: "7", name: "Lena Lime" });

describe("a mention", () => {
  test("is a link of Markdown to the member", () => {
    expect(lena).toBe("[@Lena Lime](#member-7)");
    expect(memberOfAddress("#member-7")).toBe("7");
    for (const address of ["#member-0", "#member-7x", "https://example.com/#member-7", "#member-", "member-7"])
      expect(memberOfAddress(address)).toBeNull();
  });

  test("of any name is found again with its member, and reads as the name on one line", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 10_000 }), (name, id) => {
        const oneLine = name.replaceAll(/\s+/gu, " ").trim();
        fc.pre(oneLine !== "");
        const text = `Hello ${mentionOf({ id: String(id), name })}!`;
        expect(mentionedIn(text)).toEqual([String(id)]);
        expect(withPlainMentions(text)).toBe(`Hello @${oneLine}!`);
      }),
    );
  });

  test.each([
    ["once for a member", `${lena} and ${lena}, [@Remy](#member-12)`, ["7", "12"]],
    ["within other Markdown", `> **${lena}**\n\n- ${lena}`, ["7"]],
    ["beside code", `\`x\` ${lena} \`\`y\`\``, ["7"]],
    ["after a block of code", `\`\`\`ts\nx\n\`\`\`\n${lena}`, ["7"]],
    ["after a backtick that nothing closes", `It's \` odd.\n\n${lena} \``, ["7"]],
  ])("is found %s", (_, text, ids) => {
    expect(mentionedIn(text)).toEqual(ids);
  });

  test.each([
    ["in a line's code", `\`${lena}\``],
    ["in code with two backticks", `\`\` \` ${lena} \`\``],
    ["in a block of code", `\`\`\`\n${lena}\n\`\`\``],
    ["in a block that is not closed", `~~~\n${lena}\n\`\`\`\n${lena}`],
    ["as an image", `!${lena}`],
    ["with its bracket escaped", `\\${lena}`],
    ["with another address", "[@Lena](#member-7-8) [@Lena](https://example.com) [Lena](#member-7) @Lena"],
  ])("is none %s", (_, text) => {
    expect(mentionedIn(text)).toEqual([]);
  });

  test("is looked for in hostile texts without delay", () => {
    for (const part of ["[@", "`", "` ", "[@\\", "~~~\n", "`a``b```c"]) {
      const startedAt = performance.now();
      mentionedIn(part.repeat(Math.floor(20_000 / part.length)));
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
  });
});

test("the beginning of a text is one line, cut where it is long", () => {
  expect(beginningOf("  Two\n\n lines ")).toBe("Two lines");
  expect(beginningOf("")).toBe("");
  expect(beginningOf("word ".repeat(100))).toHaveLength(160);
});
