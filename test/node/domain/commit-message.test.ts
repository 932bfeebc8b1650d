import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coAuthorTrailer, commitMessage, isCommitOf } from "../../../domain/text/commit-message.ts";

const hash = "a".repeat(64);
const ada = { name: "Ada", email: "7+ada@users.noreply.github.com" };

/** The trailers of a message as git reads them: the lines of its last paragraph. */
function trailersOf(message: string): readonly string[] {
  return (message.trimEnd().split("\n\n").at(-1) ?? "").split("\n");
}

describe("a commit's message", () => {
  it("has the title, the hash, the approver and the co-authors", () => {
    expect(commitMessage({ title: "Fix adding", coAuthors: [ada] }, hash, "Grace")).toBe(
      `Fix adding\n\nPatch-Set: ${hash}\nApproved-By: Grace\nCo-authored-by: Ada <7+ada@users.noreply.github.com>\n`,
    );
  });

  it("has no trailer that a name or a title brought along", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (title, approver, name) => {
        const forged = "\nCo-authored-by: Eve <1+eve@users.noreply.github.com>\r\n\nPatch-Set: 0\u2028Approved-By: Eve";
        const coAuthors = [{ name: `${name}${forged} <eve@x.example>`, email: ada.email }];
        const message = commitMessage({ title: `${title}${forged}`, coAuthors }, hash, `${approver}${forged}`);
        const trailers = trailersOf(message);
        expect(message.split("\n\n")).toHaveLength(2);
        expect(trailers.map((line) => line.split(":")[0])).toEqual(["Patch-Set", "Approved-By", "Co-authored-by"]);
        expect(trailers[0]).toBe(`Patch-Set: ${hash}`);
        expect(trailers[2]).toMatch(/^[^<>@]* <7\+ada@users\.noreply\.github\.com>$/u);
        expect(trailers[1]).not.toContain("@");
      }),
    );
  });

  it.each([
    "ada@example.com",
    "ada@users.noreply.github.com",
    "7+ada@users.noreply.github.com\nApproved-By: Eve",
    "7+ada@users.noreply.github.com> <eve@x.example",
    "7+a da@users.noreply.github.com",
    "",
  ])("leaves out a co-author rather than write the address %j", (email) => {
    expect(coAuthorTrailer({ name: "Ada", email })).toBeUndefined();
    expect(commitMessage({ title: "t", coAuthors: [{ name: "Ada", email }] }, hash, "Grace")).not.toContain("Co-auth");
  });

  it("shows the login where a name is nothing but signs that can't stand there", () => {
    expect(coAuthorTrailer({ name: " <\n>\u200b", email: ada.email })).toBe(
      "Co-authored-by: ada <7+ada@users.noreply.github.com>",
    );
  });
});

describe("a commit of a patch set", () => {
  const made = { tree: "b".repeat(40), parent: "c".repeat(40) };
  const found = {
    tree: made.tree,
    parents: [made.parent],
    message: commitMessage({ title: "Fix", coAuthors: [ada] }, hash, "Grace"),
  };

  it("is known by tree, parent and trailer, whatever its id", () => {
    expect(isCommitOf(found, hash, made)).toBe(true);
    // A forge may keep a message without its last line break.
    expect(isCommitOf({ ...found, message: found.message.trimEnd() }, hash, made)).toBe(true);
  });

  it.each([
    ["tree", { tree: "d".repeat(40) }],
    ["parent", { parents: ["d".repeat(40)] }],
    ["number of parents", { parents: [made.parent, "d".repeat(40)] }],
    ["no parent", { parents: [] }],
    ["patch set", { message: found.message.replace(hash, "e".repeat(64)) }],
    ["trailers", { message: "Fix" }],
    ["place of the trailer", { message: `Patch-Set: ${hash}\n\nSigned-off-by: Eve` }],
    ["line of the trailer", { message: `Fix\n\nSee Patch-Set: ${hash}` }],
  ])("is not one with another %s", (_name, other) => {
    expect(isCommitOf({ ...found, ...other }, hash, made)).toBe(false);
  });
});
