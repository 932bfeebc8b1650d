import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import { globMatcher } from "../../../domain/policy/glob.ts";
import { defaultPolicy } from "../../../domain/policy/types.ts";

const letters = fc.constantFrom("a", "b", ".", "-", "A");
const name = fc
  .string({ unit: letters, minLength: 1, maxLength: 5 })
  // picomatch has shortcuts, such as the one for `*.*`, that refuse a dot at the end.
  .filter((text) => !text.endsWith("."));
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const wildName = fc
  .array(fc.oneof({ weight: 3, arbitrary: letters }, fc.constantFrom("*", "?")), { minLength: 1, maxLength: 6 })
  .map((units) => units.join("").replaceAll(/\*+/g, "*"))
  .filter((text) => !/^\.+$/.test(text) && text !== "*.");
const glob = fc
  .array(fc.oneof({ weight: 3, arbitrary: wildName }, fc.constant("**")), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"))
  // picomatch lets `/**` at the end stand for no part after a plain name, but not after one with a wildcard; ours always does.
  .filter((pattern) => !/[*?][^/]*\/\*\*$/.test(pattern));

describe("globs", () => {
  it.each([
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/deep/a.ts", false],
    ["**/package.json", "package.json", true],
    ["**/package.json", "a/b/package.json", true],
    ["**/package.json", "a/package.json/b", false],
    [".github/workflows/**", ".github/workflows/ci/a.yml", true],
    ["**/Gemfile*", "Gemfile", true],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["?.ts", "a.ts", true],
    ["?.ts", "ab.ts", false],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["", "a", false],
  ])("%j and %j: %s", (pattern, text, expected) => {
    expect(globMatcher([pattern])(text)).toBe(expected);
  });

  it("ignore case when asked, and match none without a pattern", () => {
    expect(globMatcher(["SRC/*.ts"], { ignoreCase: true })("src/A.TS")).toBe(true);
    expect(globMatcher(["SRC/*.ts"])("src/A.TS")).toBe(false);
    expect(globMatcher([])("a")).toBe(false);
  });

  it("cover what is in a folder only when asked", () => {
    expect(globMatcher(["src"], { coversFolders: true })("src/a/b")).toBe(true);
    expect(globMatcher(["src"])("src/a/b")).toBe(false);
  });

  it("agree with picomatch on ordinary patterns", () => {
    for (const ignoreCase of [false, true])
      fc.assert(
        fc.property(glob, path, (pattern, text) => {
          const expected = picomatch(pattern, { dot: true, nocase: ignoreCase })(text);
          expect(globMatcher([pattern], { ignoreCase })(text)).toBe(expected);
        }),
        { numRuns: 3_000, examples: [["**/a*b/?", "x/ab/c"]] },
      );
  });

  it("agree with picomatch on the standard policy's own", () => {
    const { ciFiles, dependencies, owners } = defaultPolicy;
    const globs = [...ciFiles, ...dependencies, ...owners];
    const near = fc
      .tuple(fc.constantFrom("", "a/", ".github/", "docs/", ".circleci/"), fc.constantFrom(...globs), fc.boolean())
      .map(([folder, pattern, isUpper]) => {
        const text = folder + pattern.replaceAll("**/", "x/").replaceAll("**", "y/z").replaceAll("*", "-1");
        return isUpper ? text.toUpperCase() : text;
      });
    fc.assert(
      fc.property(near, (text) => {
        const options = { dot: true, nocase: true };
        expect(globMatcher(globs, { ignoreCase: true })(text)).toBe(picomatch(globs, options)(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["*a*a*a*a*a*b", "a".repeat(1_000_000)],
    [`${"*a".repeat(99)}*b`, "a".repeat(1_000_000)],
    [`${"**/".repeat(66)}b`, "a/".repeat(500_000)],
    [`${"**/a/".repeat(39)}b`, "a/".repeat(20_000)],
    [`*${"a".repeat(150)}b`, "a".repeat(1_000_000)],
    ["?".repeat(200), "a".repeat(1_000_000)],
  ])("%.20s takes time in proportion to the path", (pattern, text) => {
    const startedAt = performance.now();
    expect(globMatcher([pattern], { ignoreCase: true })(text)).toBe(false);
    // Far above what it takes, and far below what a matcher that tries all ways would take.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
