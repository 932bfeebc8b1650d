import { describe, expect, it } from "vitest";
import { gitBlobId } from "../../../domain/hash.ts";
import { readContent } from "../../../domain/patch-set/content.ts";
import { evaluatePolicy, isBlocked } from "../../../domain/policy/evaluate.ts";
import { redactSecrets, secretsInLine } from "../../../domain/policy/secrets.ts";
import { defaultPolicy, type PolicyInput } from "../../../domain/policy/types.ts";
import { unicodeFindings } from "../../../domain/policy/unicode.ts";

function input(
  path: string,
  after: string,
  before?: string,
  mode: "100644" | "100755" | "120000" = "100644",
): PolicyInput {
  const bytes = new TextEncoder().encode(after);
  return {
    change: {
      path,
      status: before === undefined ? "added" : "modified",
      afterMode: mode,
      afterBlob: gitBlobId(bytes),
      bytes,
    },
    before: before === undefined ? undefined : readContent(new TextEncoder().encode(before)),
    after: readContent(bytes),
  };
}

const rules = (inputs: readonly PolicyInput[]): readonly string[] =>
  evaluatePolicy(defaultPolicy, inputs).map(({ rule, severity }) => `${severity} ${rule}`);

describe("policy", () => {
  it("has no findings for an ordinary change", () => {
    expect(rules([input("src/a.ts", "export const a = 2;\n", "export const a = 1;\n")])).toEqual([]);
  });

  it.each<[string, PolicyInput, string]>([
    ["CI files", input(".github/workflows/ci.yml", "on: push\n"), "WARN ci-file"],
    ["CODEOWNERS", input(".github/CODEOWNERS", "* @me\n"), "WARN code-owners"],
    ["lockfiles", input("sub/package-lock.json", "{}\n"), "WARN dependency"],
    ["symlinks inside", input("docs/l", "../README.md", undefined, "120000"), "WARN symlink"],
    ["symlinks outside", input("l", "/etc/passwd", undefined, "120000"), "BLOCK symlink"],
    ["path escapes", input("a/../../b", "x\n"), "BLOCK path-escape"],
    ["new executables", input("run.sh", "#!/bin/sh\n", undefined, "100755"), "WARN executable"],
    ["bidi controls", input("a.ts", "const a = '\u202e';\n"), "BLOCK hidden-unicode"],
    ["zero-width text", input("a.ts", "const a\u200b = 1;\n"), "BLOCK hidden-unicode"],
    ["homoglyphs", input("a.ts", "const p\u0430ssword = 1;\n"), "WARN hidden-unicode"],
    ["credentials", input("a.ts", `const key = "ghp_${"aB3dE6gH9kLm".repeat(3)}";\n`), "BLOCK secret"],
    ["large files", input("a.txt", `${"x".repeat(2_000_001)}\n`), "BLOCK size"],
  ])("finds %s", (_name, change, expected) => {
    expect(rules([change])).toContain(expected);
  });

  it("looks only at what is added", () => {
    const secret = `const key = "ghp_${"aB3dE6gH9kLm".repeat(3)}";\n`;
    expect(rules([input("a.ts", `${secret}const b = 1;\n`, secret)])).toEqual([]);
  });

  it("names the line, and blocks", () => {
    const [violation] = evaluatePolicy(defaultPolicy, [input("a.ts", `one\ntwo\nAKIA${"Q7WERTY2".repeat(2)}\n`)]);
    expect(violation).toMatchObject({ path: "a.ts", line: 3, severity: "BLOCK" });
    expect(isBlocked(violation === undefined ? [] : [violation])).toBe(true);
  });

  it("blocks frozen files whatever their case", () => {
    const frozen = { ...defaultPolicy, frozen: ["legal/**"] };
    expect(evaluatePolicy(frozen, [input("Legal/terms.md", "x\n")]).map(({ rule }) => rule)).toContain("frozen-file");
  });

  it("allows emoji joiners, other scripts and a byte order mark", () => {
    expect(unicodeFindings("const family = '👨\u200d👩\u200d👧';")).toEqual([]);
    expect(unicodeFindings("// Привет, мир")).toEqual([]);
    expect(unicodeFindings("// こんにちは")).toEqual([]);
    expect(unicodeFindings("\ufeffimport x")).toEqual([]);
  });

  it("hides credentials in texts and leaves the rest", () => {
    const text = `before sk-ant-${"x".repeat(30)} after postgres://me:hunter22@db/x`;
    const redacted = redactSecrets(text);
    expect(redacted).not.toContain("sk-ant-");
    expect(redacted).not.toContain("hunter22");
    expect(redacted).toMatch(/^before .* after postgres:\/\/me:/u);
    expect(secretsInLine("nothing here")).toEqual([]);
  });
});
