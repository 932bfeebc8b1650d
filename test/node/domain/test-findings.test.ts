import { describe, expect, it } from "vitest";
import { testFindings } from "../../../domain/gates/test-findings.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { heldChanges, sidesOf, textOf, type FileSides } from "../../../domain/run/held-changes.ts";

/** A change of one file; a side that is undefined is not there. */
function side(path: string, before: string | undefined, after: string | undefined, isLink = false): FileSides {
  const bytes = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text));
  const change: TreeChange = {
    path,
    status: before === undefined ? "added" : after === undefined ? "deleted" : "modified",
    ...(before === undefined ? {} : { beforeBlob: path, beforeMode: "100644" }),
    ...(after === undefined
      ? {}
      : { afterBlob: path, afterMode: isLink ? "120000" : "100644", bytes: bytes(after) ?? new Uint8Array() }),
  };
  return sidesOf([change], () => bytes(before))[0] ?? { change, before: undefined, after: undefined };
}

const kinds = (...sides: readonly FileSides[]): readonly string[] => testFindings(sides).map(({ kind }) => kind);
const js = 'import test from "node:test";\n// Zero.\ntest("zero", () => {\n  assert.equal(sum(0, 0), 0);\n});\n';

describe("findings in a patch's tests", () => {
  it.each([
    ["a deleted file", side("test/a.test.js", js, undefined), "test-deleted"],
    [
      "a test taken out of a file",
      side("a.test.js", `${js}test("one", () => assert(one));\n`, js),
      "test-deleted test-changed",
    ],
    ["a skipped test", side("a.test.js", js, js.replace("test(", "test.skip(")), "test-changed test-skipped"],
    ["a skip option", side("a.test.js", js, js.replace("() =>", "{ skip: true }, () =>")), "test-changed test-skipped"],
    ["xit", side("a.spec.ts", 'it("a", f);\n', 'xit("a", f);\n'), "test-changed test-skipped"],
    ["only in a new file", side("b.test.js", undefined, 'test.only("x", () => {});\n'), "test-skipped"],
    [
      "pytest's mark",
      side("test_a.py", "def test_a():\n  assert f()\n", "@pytest.mark.skip\ndef test_a():\n  assert f()\n"),
      "test-skipped",
    ],
    [
      "unittest's skip",
      side("tests/a.py", "class A:\n", "class A:\n  def x(self): self.skipTest('no')\n"),
      "test-skipped",
    ],
    [
      "Go's skip",
      side("a_test.go", "func TestA(t *testing.T) {\n}\n", "func TestA(t *testing.T) {\n\tt.Skip()\n}\n"),
      "test-skipped",
    ],
    ["Go's build tag", side("a_test.go", "package a\n", "//go:build never\npackage a\n"), "test-skipped"],
    ["Rust's ignore", side("src/lib.rs", "#[test]\nfn a() {}\n", "#[test]\n#[ignore]\nfn a() {}\n"), "test-skipped"],
    [
      "JUnit's Disabled",
      side("src/test/java/ATest.java", "@Test\nvoid a() {}\n", "@Test\n@Disabled\nvoid a() {}\n"),
      "test-skipped",
    ],
    ["RSpec's pending", side("a_spec.rb", 'it "a" do\n  x\n', 'it "a" do\n  pending\n  x\n'), "test-skipped"],
    ["a turned assertion", side("a.test.js", js, js.replace(", 0);", ", 1);")), "test-changed"],
    [
      "an assertion taken out",
      side("a.test.js", js, js.replace("  assert.equal(sum(0, 0), 0);\n", "")),
      "test-changed",
    ],
    ["an assertion commented out", side("a.test.js", js, js.replace("  assert", "  // assert")), "test-changed"],
    [
      "an expected value on its own line",
      side("a.test.js", "equal(\n  f(),\n  [1],\n);\n", "equal(\n  f(),\n  [2],\n);\n"),
      "test-changed",
    ],
    ["a snapshot", side("src/__snapshots__/a.snap", "exports[`a`] = `1`;\n", "exports[`a`] = `2`;\n"), "test-changed"],
    ["a fixture", side("tests/data/a.json", '{"a": 1}\n', '{"a": 2}\n'), "test-changed"],
    [
      "an inline test of Rust",
      side("src/lib.rs", "#[test]\nfn a() { assert_eq!(f(), 1); }\n", "#[test]\nfn a() { assert!(true); }\n"),
      "test-changed",
    ],
    ["vitest's configuration", side("vitest.config.ts", "a", "b"), "test-runner-changed"],
    ["a new configuration", side("packages/a/jest.config.cjs", undefined, "b"), "test-runner-changed"],
    [
      "conftest.py",
      side("tests/conftest.py", undefined, "def pytest_collection_modifyitems(items): items.clear()\n"),
      "test-runner-changed",
    ],
    [
      "pytest's section",
      side(
        "pyproject.toml",
        "[project]\nname='a'\n",
        "[project]\nname='a'\n[tool.pytest.ini_options]\naddopts='--co'\n",
      ),
      "test-runner-changed",
    ],
    ["a makefile", side("Makefile", "test:\n\tpytest\n", "test:\n\ttrue\n"), "test-runner-changed"],
    ["Maven's skip", side("pom.xml", "<project>\n", "<project>\n<skipTests>true</skipTests>\n"), "test-runner-changed"],
    ["a link in the place of the tests", side("test", undefined, "other", true), "test-runner-changed"],
    [".npmrc", side(".npmrc", undefined, "script-shell=/bin/true\n"), "test-environment-changed"],
    [".env", side(".env.test", undefined, "NODE_OPTIONS=--require ./x.js\n"), "test-environment-changed"],
    ["a shim", side("node_modules/.bin/vitest", undefined, "#!/bin/sh\n"), "test-environment-changed"],
    ["a shadowed module", side("pytest.py", undefined, "def main(): pass\n"), "test-environment-changed"],
  ])("name %s", (_what, change, expected) => {
    expect(kinds(change).join(" ")).toBe(expected);
  });

  it.each([
    ["a new test file", side("test/b.test.js", undefined, js)],
    ["tests added to a file", side("a.test.js", js, `${js}test("one", () => assert(one));\n`)],
    [
      "another import and indent",
      side("a.test.js", js, js.replace('"node:test"', "'node:test'").replace("  assert", "    assert")),
    ],
    ["source code", side("src/a.js", "export const a = 1;\n", "export const a = 2;\n")],
    [
      "a script beside the tests",
      side("package.json", '{"scripts":{"test":"node --test"}}', '{"scripts":{"test":"node --test","start":"node ."}}'),
    ],
    [
      "a dependency",
      side(
        "package.json",
        '{"scripts":{"test":"node --test"}}',
        '{"scripts":{"test":"node --test"},"dependencies":{"ms":"1"}}',
      ),
    ],
    ["a plugin of the build", side("vite.config.ts", "plugins: []", "plugins: [react()]")],
    ["documents", side("README.md", "a", "b")],
  ])("are none for %s", (_what, change) => {
    expect(kinds(change)).toEqual([]);
  });

  it("are none for a test that moved to another file unchanged", () => {
    expect(kinds(side("a.test.js", js, undefined), side("test/a.test.js", undefined, js))).toEqual([]);
    expect(kinds(side("a.test.js", js, undefined), side("b.test.js", undefined, js.replace(", 0);", ", 1);")))).toEqual(
      ["test-deleted"],
    );
  });

  it.each([
    ["the script", { scripts: { test: "true", unit: "node --test" } }, ["scripts.test"]],
    ["a script that it calls", { scripts: { test: "npm run unit", unit: "true" } }, ["scripts.unit"]],
    [
      "a script that runs before it",
      { scripts: { test: "npm run unit", unit: "node --test", pretest: "rm -r test" } },
      ["scripts.pretest"],
    ],
    ["a section", { scripts: { test: "npm run unit", unit: "node --test" }, jest: { testMatch: [] } }, ["jest"]],
    [
      "the runner",
      { scripts: { test: "npm run unit", unit: "node --test" }, devDependencies: { vitest: "file:./fake" } },
      ["devDependencies.vitest"],
    ],
  ])("name %s of package.json that runs the tests", (_what, after, fields) => {
    const before = { scripts: { test: "npm run unit", unit: "node --test" } };
    const [finding] = testFindings([side("package.json", JSON.stringify(before), JSON.stringify(after))]);
    expect(finding?.kind).toBe("test-command-changed");
    for (const field of fields) expect(finding?.message).toContain(field);
  });

  it("name code that asks whether a test runs it, and code that knows a test's answer", () => {
    const found = (added: string, tests: readonly string[] = []) =>
      testFindings([side("src/a.js", "x\n", `x\n${added}\n`)], tests).map(({ kind, line }) => `${kind}:${line}`);
    const special = ["test-special-case:2"];
    expect(found("if (process.env.NODE_TEST_CONTEXT) return 2;")).toEqual(special);
    expect(found('if "pytest" in sys.modules: return 2')).toEqual([...special]);
    const test =
      'assert.equal(slug("Hello World"), "hello-world");\nassert.equal(sum(1, 1), 2);\nassert.equal(factor("km"), 1000);';
    expect(found('if (text === "Hello World") return "hello-world";', [test])).toEqual(special);
    expect(found("if (a === 1 && b === 1) return 2;", [test])).toEqual(special);
    expect(found("if (a === 1 && b === 1)\n    return 2;", [test])).toEqual(special);
    // Honest code compares with words and small numbers.
    expect(found('case "km": return 1000;', [test])).toEqual([]);
    expect(found("if (b === 0) return 0;", [test])).toEqual([]);
    expect(found("return a + b;", [test])).toEqual([]);
  });

  it("hide credentials, and stay bounded", () => {
    const key = `AKIA${"Q".repeat(16)}`;
    const [finding] = testFindings([side("a.test.js", `assert.equal(key, "${key}");\n`, "\n")]);
    expect(finding?.message).not.toContain(key);
    const many = Array.from({ length: 80 }, (_, index) => side(`test/${index}.test.js`, js, undefined));
    expect(testFindings(many).length).toBeLessThanOrEqual(50);
    const startedAt = performance.now();
    for (const part of ['test("a', "expect(", "= = ", "@skip "])
      testFindings([side("a.test.js", part.repeat(100_000), "x"), side("a.js", "x", part.repeat(100_000))]);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("the held run", () => {
  it("leaves out changes to tests and their settings, and keeps the rest", () => {
    const code = side("sum.js", "a", "b");
    const { changes, leftOut } = heldChanges([
      code,
      side("test/a.test.js", js, undefined),
      side("test/b.test.js", undefined, js),
      side("vitest.config.ts", "a", "b"),
      side(".npmrc", undefined, "x"),
      side("test", undefined, "other", true),
    ]);
    expect(changes).toEqual([code.change]);
    expect(leftOut).toEqual(["test/a.test.js", "test/b.test.js", "vitest.config.ts", ".npmrc", "test"]);
  });

  it("keeps a package.json but for the fields by which tests are run", () => {
    const before = { scripts: { test: "node --test", build: "tsc" }, jest: { a: 1 } };
    const after = {
      scripts: { test: "true", pretest: "rm -r test", build: "vite", start: "node ." },
      dependencies: { ms: "1" },
    };
    const { changes, leftOut } = heldChanges([side("package.json", JSON.stringify(before), JSON.stringify(after))]);
    expect(leftOut).toEqual(["package.json"]);
    expect(JSON.parse(textOf(changes[0]?.bytes))).toEqual({
      scripts: { test: "node --test", build: "tsc", start: "node ." },
      dependencies: { ms: "1" },
      jest: { a: 1 },
    });
    const added = side(
      "package.json",
      JSON.stringify(before),
      JSON.stringify({ ...before, dependencies: { ms: "1" } }),
    );
    expect(heldChanges([added])).toEqual({ changes: [added.change], leftOut: [] });
  });

  it("puts nothing in the place of a folder of tests", () => {
    const file = side("src", undefined, "x");
    expect(heldChanges([file, side("src/a.test.js", js, undefined)]).changes).toEqual([]);
  });
});
