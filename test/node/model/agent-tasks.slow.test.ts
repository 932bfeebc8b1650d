import { describe, expect, test, vi } from "vitest";
import { makeRepository, work } from "./agent-support.ts";
import { matching } from "./matchers.ts";

// Each runs a real test suite many times; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const files = {
  "package.json": JSON.stringify(
    { name: "units", version: "1.2.3", type: "module", exports: "./src/index.js", scripts: { test: "node --test" } },
    null,
    2,
  ),
  "README.md":
    '# Units\n\nCall `formatBytes(10)`. See formatBytesLong for more.\n\n```js\nimport { formatBytes } from "units";\n```\n',
  "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n\n- First.\n",
  "src/index.js": 'export { formatBytes } from "./bytes.js";\nexport { formatBytesLong } from "./bytes.js";\n',
  "src/bytes.js": [
    "/** formatBytes writes a size. */",
    "export function formatBytes(bytes, options = {}) {",
    "  return `${bytes} ${options.formatBytes ?? 'B'}`;",
    "}",
    "export const formatBytesLong = (bytes) => formatBytes(bytes, { formatBytes: 'bytes' });",
    "export const table = { formatBytes };",
    "",
  ].join("\n"),
  "test/bytes.test.js": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import * as units from "../src/index.js";',
    'import { table } from "../src/bytes.js";',
    'test("formatBytes writes bytes", () => {',
    '  assert.equal(units.formatBytes(1), "1 B");',
    '  assert.equal(units.formatBytesLong(1), "1 bytes");',
    '  assert.equal(table.formatBytes(2), "2 B");',
    "});",
    "",
  ].join("\n"),
};

describe("rename", () => {
  test("follows the name through imports, exports, comments, titles and docs, and leaves other things with that word", async () => {
    const run = await work(makeRepository(files), "implement", "Rename `formatBytes` to `formatSize` everywhere.");
    expect(run.outcome).toBe("done");
    expect(run.read("src/index.js")).toBe(
      'export { formatSize } from "./bytes.js";\nexport { formatBytesLong } from "./bytes.js";\n',
    );
    expect(run.read("src/bytes.js")).toBe(
      [
        "/** formatSize writes a size. */",
        "export function formatSize(bytes, options = {}) {",
        "  return `${bytes} ${options.formatBytes ?? 'B'}`;",
        "}",
        "export const formatBytesLong = (bytes) => formatSize(bytes, { formatBytes: 'bytes' });",
        "export const table = { formatBytes: formatSize };",
        "",
      ].join("\n"),
    );
    expect(run.read("test/bytes.test.js")).toContain('test("formatSize writes bytes"');
    expect(run.read("test/bytes.test.js")).toContain("units.formatSize(1)");
    expect(run.read("test/bytes.test.js")).toContain("table.formatBytes(2)");
    expect(run.read("README.md")).toBe(
      '# Units\n\nCall `formatSize(10)`. See formatBytesLong for more.\n\n```js\nimport { formatSize } from "units";\n```\n',
    );
    expect(run.summary).toContain("Left alone");
  });

  test.each([
    ["a name that is taken", "Rename `formatBytes` to `formatBytesLong`.", /exists already/u],
    ["a name that is nowhere", "Rename `nothingLikeIt` to `other`.", /found no/u],
    ["a reserved word", "Rename `formatBytes` to `delete`.", /reserved/u],
  ])("%s is declined", async (_what, prompt, why) => {
    const run = await work(makeRepository(files), "implement", prompt);
    expect(run).toMatchObject({ outcome: "declined", changed: [], summary: matching(why) });
  });

  test("that breaks the tests is taken back", async () => {
    const tricky = {
      ...files,
      "test/name.test.js":
        'import { test } from "node:test";\nimport assert from "node:assert";\nimport * as units from "../src/index.js";\ntest("by name", () => assert.ok(units["formatBytes"]));\n',
    };
    const run = await work(makeRepository(tricky), "implement", "Rename `formatBytes` to `formatSize`.");
    expect(run).toMatchObject({ outcome: "declined", changed: [] });
  });

  test("a command line flag is renamed in code and docs", async () => {
    const run = await work(
      makeRepository({
        ...files,
        "cli.js": 'if (process.argv.includes("--long")) console.log("--longer");\n',
        "USAGE.md": "Pass `--long`.\n",
      }),
      "implement",
      "Rename the flag `--long` to `--verbose`.",
    );
    expect(run.outcome).toBe("done");
    expect(run.read("cli.js")).toBe('if (process.argv.includes("--verbose")) console.log("--longer");\n');
    expect(run.read("USAGE.md")).toBe("Pass `--verbose`.\n");
  });
});

describe("other small tasks", () => {
  test("a test is added from an example", async () => {
    const run = await work(makeRepository(files), "implement", "Add a test that `formatBytes(5)` returns `'5 B'`.");
    expect(run.outcome).toBe("done");
    expect(run.changed).toHaveLength(1);
    expect(run.read(run.changed[0] ?? "")).toContain("'5 B'");
  });

  test("a test that fails is not kept", async () => {
    const run = await work(makeRepository(files), "implement", "Add a test that `formatBytes(5)` returns `'6 B'`.");
    expect(run).toMatchObject({ outcome: "declined", changed: [] });
  });

  test("the version is raised with a changelog entry", async () => {
    const run = await work(
      makeRepository(files),
      "implement",
      "Bump the version to 1.3.0 and add a CHANGELOG entry: Sizes are shorter",
    );
    expect(run.outcome).toBe("done");
    expect(run.read("package.json")).toContain('"version": "1.3.0"');
    expect(run.read("CHANGELOG.md")).toBe("# Changelog\n\n## 1.3.0\n\n- Sizes are shorter.\n\n## 1.2.3\n\n- First.\n");
  });

  test("anything else is declined politely", async () => {
    const run = await work(makeRepository(files), "implement", "Make it beautiful.");
    expect(run).toMatchObject({ outcome: "declined", changed: [], turns: 1 });
    expect(run.summary).toContain("What I can do");
  });
});
