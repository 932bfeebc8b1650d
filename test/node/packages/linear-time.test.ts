import { describe, expect, it } from "vitest";
import { exportedNames } from "../../../domain/packages/exported-names.ts";
import { readManifest } from "../../../domain/packages/manifests.ts";
import { versionBumps } from "../../../domain/packages/version-bumps.ts";
import type { Ecosystem } from "../../../domain/packages/types.ts";

const sizeChars = 1_000_000;
/** A quadratic reader takes minutes for a megabyte; a linear one far less than this on a slow machine. */
const limitMs = 8_000;

const full = (part: string, start = "", end = ""): string =>
  start + part.repeat(Math.floor((sizeChars - start.length - end.length) / part.length)) + end;

/** Ends without an exception within the limit. */
function isQuick(work: () => unknown): void {
  const startedAt = performance.now();
  work();
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
}

const many = (line: (index: number) => string, separator: string): string => {
  const lines: string[] = [];
  for (let index = 0, length = 0; ; index += 1) {
    const each = line(index);
    length += each.length + separator.length;
    if (length > sizeChars - 100) return lines.join(separator);
    lines.push(each);
  }
};

describe("a hostile manifest of a megabyte", () => {
  it.each<[string, string, string]>([
    ["open brackets", "package.json", full("[")],
    ["nested objects", "package.json", full(`{"a":`)],
    ["dependencies", "package.json", `{"name":"a","dependencies":{${many((index) => `"d${index}":"^1.0.0"`, ",")}}}`],
    ["a long range", "package.json", full(" ", `{"name":"a","dependencies":{"u":"`, `"}}`)],
    ["a long name", "package.json", full("a-", `{"name":"`, `!"}`)],
    ["requirements", "go.mod", `module e.com/a\n${many((index) => `require e.com/m${index} v1.0.0`, "\n")}`],
    [
      "replacements of one module",
      "go.mod",
      full("replace e.com/u => ../u\n", "module e.com/a\nrequire e.com/u v1.0.0\n"),
    ],
    ["one line", "go.mod", full(" a", "module e.com/a\nrequire")],
    ["spaces", "go.mod", full(" ")],
    ["newlines", "go.mod", full("\n")],
    ["open arrays", "pyproject.toml", full("[", "a = ")],
    ["open tables", "pyproject.toml", full("{a=", "a = ")],
    ["a dotted key", "pyproject.toml", full(".a", "a", " = 1")],
    ["table after table", "pyproject.toml", full("[[a.b.c]]\n")],
    ["digits", "pyproject.toml", full("1", "a = ")],
    ["spaces after a key", "pyproject.toml", full(" ", "a = ")],
    ["quotes", "pyproject.toml", full(`"`)],
    ["carriage returns", "pyproject.toml", full("\r")],
    [
      "requirements in a list",
      "pyproject.toml",
      `[project]\nname="a"\ndependencies=[${many((index) => `"d${index}>=1"`, ",")}]`,
    ],
    ["a long requirement", "pyproject.toml", full("[", `[project]\nname="a"\ndependencies=["u`, `"]`)],
  ])("with %s in a %s-like file is read in linear time", (_name, path, text) => {
    isQuick(() => readManifest(path, text));
  });
});

describe("a hostile source file of a megabyte", () => {
  it.each<[string, Ecosystem, string, string]>([
    ["unclosed lists", "npm", "a.ts", full("export {\n")],
    ["unclosed lists on one line", "npm", "a.ts", full("export { ")],
    ["closed lists", "npm", "a.ts", full("export { a }\n")],
    ["a long list", "npm", "a.ts", `export {${many((index) => `a${index} as b${index}`, ",")}}`],
    ["one long item", "npm", "a.ts", full("a ", "export { ")],
    ["open comments", "npm", "a.ts", full("/*\n")],
    ["open comments in a list", "npm", "a.ts", full("/*", "export { ")],
    ["open quotes in a list", "npm", "a.ts", full("'\n", "export { ")],
    ["nested objects", "npm", "a.js", full("{a:", "module.exports = ")],
    ["assignments", "npm", "a.js", full("exports.a=")],
    ["spaces", "npm", "a.js", full(" ", "export")],
    ["newlines", "npm", "a.js", full("\n")],
    ["exports", "npm", "a.js", many((index) => `export const a${index} = 1;`, "\n")],
    ["open parentheses", "go", "a.go", full("var (\n")],
    ["names on one line", "go", "a.go", full("A,", "var ")],
    ["receivers", "go", "a.go", full("(", "func (a ")],
    ["open lists", "pypi", "a.py", full("__all__ = [\n")],
    ["a long list", "pypi", "a.py", full("'a',\n", "__all__ = [\n")],
    ["spaces", "pypi", "a.py", full(" ", "a")],
    ["quotes", "pypi", "a.py", full(`"""`)],
    ["quotes on lines", "pypi", "a.py", full(`"""\n`)],
    ["an import without an end", "pypi", "__init__.py", full("a ", "from . import ")],
    ["imports of many", "pypi", "__init__.py", full("aaaaaaaaaaaaaaaaaaaaaaaa!,\n", "from . import (")],
    ["letters", "pypi", "a.py", full("a")],
  ])("with %s in %s is read in linear time", (_name, ecosystem, path, text) => {
    isQuick(() => exportedNames(ecosystem, path, text));
  });

  it("is compared in linear time with another one", () => {
    const text = (name: string): string => many((index) => `export const ${name}${index} = 1;`, "\n");
    const manifest = (version: string, needs = {}): string =>
      JSON.stringify({ name: "units", version, dependencies: needs });
    const before = readManifest("package.json", manifest("1.0.0"));
    const after = readManifest("package.json", manifest("1.0.1"));
    if (before === undefined || after === undefined) throw new Error("the manifests can be read");
    isQuick(() =>
      versionBumps([
        {
          repositoryId: "r",
          name: "units",
          manifestsBefore: [before],
          manifestsAfter: [after],
          changes: [{ path: "a.ts", before: text("a"), after: text("b") }],
        },
      ]),
    );
  });

  it("beyond a mebibyte has no names", () => {
    expect(exportedNames("npm", "a.ts", `export const a = 1;${" ".repeat(1_048_576)}`).size).toBe(0);
  });
});
