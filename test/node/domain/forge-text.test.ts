import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inlineMarkdown, lawfulMarkdown, lawfulTitle, trailerValue } from "../../../domain/text/forge-text.ts";

const markdown = (text: string): string => lawfulMarkdown(text, 60_000, "[cut]");

describe("a title", () => {
  it.each([
    ["Add a note", "Add a note"],
    ["Add a note\n\nApproved-By: The Boss", "Add a note Approved-By: The Boss"],
    ["x [skip ci]", "x (skip ci)"],
    ["x [CI  skip] [no ci] [skip actions] [actions skip]", "x (CI skip) (no ci) (skip actions) (actions skip)"],
    ["x ***NO_CI*** [vercel skip] [cf-pages-skip]", "x NO_CI (vercel skip) (cf-pages-skip)"],
    ["x [s\u200bkip ci]", "x (skip ci)"],
    ["Read [skip list] of [a, b]", "Read (skip list) of [a, b]"],
    ["closes other/repo#2", "`closes` other/repo#2"],
    ["Fixes: #12 for @org/everyone", "`Fixes`: #12 for `@org/everyone`"],
    ["Bump `@types/node` and `fixes #3`", "Bump `@types/node` and `fixes- #3`"],
    ["Write to ada@example.com", "Write to ada@example.com"],
    ["a ` b", "a ' b"],
    ["a\0b\ud800\u202e", "ab"],
    [" \n ", "Change"],
  ])("made of %j", (text, title) => {
    expect(lawfulTitle(text)).toBe(title);
  });

  it("has at most 120 characters", () => {
    expect(lawfulTitle(`@a ${"b".repeat(300)}`).length).toBeLessThanOrEqual(120);
    expect(lawfulTitle("@ab ".repeat(60)).length).toBeLessThanOrEqual(120);
  });
});

describe("a pull request's text", () => {
  it.each([
    ["Thanks @org/everyone!", "Thanks `@org/everyone`!"],
    ["closes other/repo#2, fixes GH-3", "`closes` other/repo#2, `fixes` GH-3"],
    ["resolves https://github.com/o/r/issues/4", "`resolves` https://github.com/o/r/issues/4"],
    ["closes\n#2", "`closes`\n#2"],
    ["fixes the sum", "fixes the sum"],
    ["Use `@Input()` here", "Use `@Input()` here"],
    ["one ` two @a", "one \\` two `@a`"],
    ["&#64;user \\@user", "&amp;#64;user `@user`"],
    ["<!-- hidden --> <details>", "&lt;!-- hidden --> &lt;details>"],
    ["```js\n@Component\n", "```js\n@Component\n```"],
    ["- a\n  ```\n  code\n@user", "- a\n```\ncode\n@user\n```"],
    ["~~~\n```\n~~~\n@a", "~~~\n```\n~~~\n`@a`"],
    ["See [the docs](https://a.example/x?b=1&c=2).", "See [the docs](https://a.example/x?b=1&c=2)."],
    ["https://a.example/@user", "https://a.example/@user"],
    ["[skip ci]\n\n\nskip-checks: true", "(skip ci)\n\n\nskip-checks true"],
    ["one\r\ntwo\u0000\u001b[31m", "one\ntwo[31m"],
  ])("made of %j", (text, made) => {
    expect(markdown(text)).toBe(made);
  });

  it("is cut at its limit, with every fence closed", () => {
    const made = lawfulMarkdown(
      `\`\`\`\n${"x".repeat(70_000)}`,
      60_000,
      "[the rest is in the run](https://a.example/runs/1)",
    );
    expect(made.length).toBeLessThan(60_200);
    expect(made).toMatch(/x\n```\n\n\[the rest is in the run\]\(https:\/\/a\.example\/runs\/1\)$/u);
  });

  it("stays as it is when it is made again", () => {
    const pieces = [
      "@user",
      "closes",
      " #2",
      "`",
      "```",
      "~~~",
      "\n",
      "  ",
      "- ",
      "> ",
      "<b>",
      "[",
      "](",
      ")",
      "]:",
      "\\",
      "|",
      "&#64;",
    ];
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(markdown(markdown(text))).toBe(markdown(text));
        expect(lawfulTitle(lawfulTitle(text))).toBe(lawfulTitle(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a value beside them", () => {
  it("is one line of which a forge acts on nothing", () => {
    expect(trailerValue("Ada\nCo-authored-by: Eve <eve@x> [skip ci]")).toBe(
      "Ada Co-authored-by: Eve <eve(at)x> (skip ci)",
    );
    expect(inlineMarkdown("a | b\n@team closes #2", 200)).toBe("a \\| b `@team` `closes` #2");
  });
});
