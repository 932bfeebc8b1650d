import { describe, expect, it } from "vitest";
import { versionBumps, type VersionedRepository } from "../../../domain/packages/version-bumps.ts";
import { repository, npm, same, units, messages, gone, added, repaired, type Files } from "./versioned.ts";

describe("the need of a change", () => {
  it("is major when an exported name is gone, and says so", () => {
    const result = units("1.4.0", "1.4.0", gone);
    expect(messages(result)).toEqual([
      "version-bump-missing: units changes its exported names (`toMetres` is gone), so 1.4.0 has to become 2.0.0; it is still 1.4.0.",
    ]);
    expect(result.packages).toMatchObject([
      { name: "units", from: "1.4.0", to: "1.4.0", bump: "none", needed: "major" },
    ]);
    expect(result.warnings[0]).toMatchObject({ repositoryId: "id-units", path: "package.json" });
  });

  it.each<[string, Files, string]>([
    ["a new name", added, "minor"],
    ["other content", repaired, "patch"],
    ["a renamed name", { "a.js": ["export { a as b };", "export { a as c };"] }, "major"],
    ["a removed file", { "a.js": ["export const a = 1;", null] }, "major"],
    ["a new file", { "a.js": [null, "export const a = 1;"] }, "minor"],
    ["a binary file", { "logo.png": [null, null] }, "patch"],
    [
      "a name that moves between files",
      { "a.js": ["export const a = 1;", ""], "b.js": ["", "export const a = 1;"] },
      "patch",
    ],
    ["a re-export that is gone", { "index.js": ["export * from './a.js';", ""] }, "major"],
    ["a re-export of a renamed file", { "index.js": ["export * from './a.js';", "export * from './b.js';"] }, "patch"],
    ["a test", { "test/a.test.ts": ["export const a = 1;", ""] }, "none"],
    ["a test beside its code", { "src/a.spec.ts": ["1", "2"] }, "none"],
    ["a document", { "README.md": ["a", "b"], "docs/a.ts": ["a", "b"], LICENSE: ["a", "b"] }, "none"],
    ["a lockfile", { "package-lock.json": ["{}", "[]"] }, "none"],
    ["continuous integration", { ".github/workflows/ci.yml": ["a", "b"] }, "none"],
    ["source of another language", { "tool.py": ["def a(): ...", ""] }, "none"],
    ["nothing", {}, "none"],
  ])("for %s", (_name, files, needed) => {
    expect(units("1.4.0", "1.4.0", files).packages[0]?.needed).toBe(needed);
  });

  it.each<[string, object, object, string]>([
    ["main is gone", { main: "a.js" }, {}, "major"],
    ["main gives way to exports", { main: "a.js" }, { exports: "./a.js" }, "none"],
    ["an entry is gone", { exports: { ".": "./a.js", "./b": "./b.js" } }, { exports: { ".": "./a.js" } }, "major"],
    [
      "an entry is closed",
      { exports: { ".": "./a.js", "./b": "./b.js" } },
      { exports: { ".": "./a.js", "./b": null } },
      "major",
    ],
    ["exports hide main", { main: "a.js" }, { main: "a.js", exports: { "./b": "./b.js" } }, "major"],
    ["an entry is new", { exports: { ".": "./a.js" } }, { exports: { ".": "./a.js", "./b": "./b.js" } }, "minor"],
    ["conditions are one entry", { exports: "./a.js" }, { exports: { import: "./a.js", require: "./a.cjs" } }, "none"],
    ["a dependency of users changes", { dependencies: { a: "1" } }, { dependencies: { a: "2" } }, "patch"],
    ["a dependency of developers changes", { devDependencies: { a: "1" } }, { devDependencies: { a: "2" } }, "none"],
    ["a script changes", { scripts: { test: "a" } }, { scripts: { test: "b" } }, "none"],
  ])("when in package.json %s", (_name, before, after, needed) => {
    expect(units("1.4.0", "1.4.0", {}, [before, after]).packages[0]?.needed).toBe(needed);
  });

  it("names an entry that is gone", () => {
    const exports = { ".": "./a.js", "./b": "./b.js" };
    expect(messages(units("1.4.0", "1.4.1", {}, [{ exports }, { exports: "./a.js" }]))).toEqual([
      "version-bump-too-small: units changes its entries (`./b` is gone), so 1.4.0 has to become 2.0.0; it becomes 1.4.1.",
    ]);
  });

  it("names three of many names", () => {
    const text = ["a", "b", "c", "d", "e"].map((name) => `export const ${name} = 1;`).join("\n");
    expect(messages(units("1.4.0", "1.4.0", { "a.ts": [text, ""] }))[0]).toContain(
      "(`a`, `b`, `c` and 2 more are gone)",
    );
  });

  it("hides control characters of a path", () => {
    expect(messages(units("1.0.0", "1.0.0", { "a\u202e\n.css": ["a", "b"] }))[0]).toContain("(`a  .css`)");
  });
});

describe("a bump", () => {
  it.each<[string, Files, string, string, readonly string[]]>([
    ["is right", gone, "1.4.0", "2.0.0", []],
    ["is right before 1.0.0", gone, "0.4.0", "0.5.0", []],
    ["may be larger than needed", repaired, "1.4.0", "2.0.0", []],
    ["may come without a change", {}, "1.4.0", "1.5.0", []],
    ["of a pre-release may be any", gone, "2.0.0-rc.1", "2.0.0-rc.2", []],
    [
      "is too small",
      gone,
      "1.4.0",
      "1.5.0",
      [
        "version-bump-too-small: units changes its exported names (`toMetres` is gone), so 1.4.0 has to become 2.0.0; it becomes 1.5.0.",
      ],
    ],
    [
      "is too small before 1.0.0",
      gone,
      "0.4.0",
      "0.4.1",
      [
        "version-bump-too-small: units changes its exported names (`toMetres` is gone), so 0.4.0 has to become 0.5.0; it becomes 0.4.1.",
      ],
    ],
    [
      "for new names is missing",
      added,
      "1.4.0",
      "1.4.0",
      [
        "version-bump-missing: units has new exported names (`toFeet`), so 1.4.0 has to become 1.5.0; it is still 1.4.0.",
      ],
    ],
    [
      "for a repair is missing",
      repaired,
      "1.4.0",
      "1.4.0",
      [
        "version-bump-missing: units changes what it ships (`src/index.ts`), so 1.4.0 has to become 1.4.1; it is still 1.4.0.",
      ],
    ],
    [
      "goes down",
      {},
      "1.4.0",
      "1.3.0",
      ["version-lowered: The version of units becomes lower: it was 1.4.0 and is now 1.3.0."],
    ],
    [
      "is no version",
      {},
      "1.4.0",
      "1.4",
      ['version-invalid: units has the version "1.4", which is not a version by the rules of npm (semver).'],
    ],
    ["was no version before, and nothing changes", {}, "1.4", "1.4", []],
  ])("%s", (_name, files, from, to, expected) => {
    expect(messages(units(from, to, files))).toEqual(expected);
  });

  it("says when a version is gone", () => {
    const library = repository("units", { "package.json": [npm("units", "1.4.0"), npm("units", undefined)] });
    expect(messages(versionBumps([library]))).toEqual([
      "version-invalid: units no longer has a version; it was 1.4.0.",
    ]);
  });

  it("explains a smaller need", () => {
    expect(units("0.4.0", "0.5.0", gone).packages[0]?.why).toBe(
      "The package changes its exported names (`toMetres` is gone). Before 1.0.0 a smaller bump is enough.",
    );
    expect(units("2.0.0-rc.1", "2.0.0", gone).packages[0]?.why).toContain("After a pre-release");
  });
});

describe("the packages that are listed", () => {
  const library = (from: string, to: string): VersionedRepository =>
    repository("units", { "package.json": [npm("units", from), npm("units", to)], ...repaired });

  it("are not those that another repository does not use and whose version stays", () => {
    expect(versionBumps([library("1.0.0", "1.0.0")])).toEqual({ packages: [], warnings: [] });
  });

  it("are those whose own version changed", () => {
    expect(versionBumps([library("1.0.0", "1.0.1")]).packages).toMatchObject([{ name: "units", bump: "patch" }]);
  });

  it("are in the order of the repositories and of their manifests", () => {
    const two = repository("two", {
      "b/package.json": [npm("b", "1.0.0"), npm("b", "1.0.1")],
      "a/package.json": [npm("a", "1.0.0"), npm("a", "1.0.1")],
    });
    expect(versionBumps([two, library("1.0.0", "1.0.1")]).packages.map(({ name }) => name)).toEqual([
      "b",
      "a",
      "units",
    ]);
  });

  it("do not count a use inside of one repository", () => {
    const mono = repository("mono", {
      "units/package.json": same(npm("units", "1.0.0")),
      "app/package.json": same(npm("app", "1.0.0", { dependencies: { units: "^1.0.0" } })),
      "units/a.ts": ["1", "2"],
    });
    expect(versionBumps([mono])).toEqual({ packages: [], warnings: [] });
  });

  it("take a file for the nearest package's", () => {
    const mono = repository("mono", {
      "package.json": same(npm("mono", "1.0.0")),
      "packages/units/package.json": same(npm("units", "1.0.0")),
      "packages/units/src/a.ts": ["export const a = 1;", ""],
    });
    const user = repository("user", {
      "package.json": same(npm("user", "1.0.0", { dependencies: { units: "1", mono: "1" } })),
    });
    expect(versionBumps([mono, user]).packages).toMatchObject([
      { name: "mono", needed: "none" },
      { name: "units", needed: "major" },
    ]);
  });

  it("take source code for the nearest package's of its own language", () => {
    const mixed = repository("mixed", {
      "go.mod": same("module e.com/mixed\n"),
      "web/package.json": same(npm("web", "1.0.0")),
      "web/embed.go": ["package web\nfunc Files() {}\n", "package web\n"],
    });
    const user = repository("user", {
      "go.mod": same("module e.com/user\nrequire e.com/mixed v0.1.0\n"),
      "package.json": same(npm("user", "1.0.0", { dependencies: { web: "1" } })),
    });
    expect(versionBumps([mixed, user]).packages).toMatchObject([
      { name: "e.com/mixed", needed: "major" },
      { name: "web", needed: "none" },
    ]);
  });

  it("follow a package that moves to another folder", () => {
    const moved = repository("units", {
      "package.json": [npm("units", "1.0.0"), null],
      "packages/units/package.json": [null, npm("units", "1.0.1")],
      "a.ts": ["export const a = 1;", null],
      "packages/units/a.ts": [null, "export const a = 1;"],
    });
    expect(versionBumps([moved]).packages).toMatchObject([
      { path: "packages/units/package.json", bump: "patch", needed: "patch" },
    ]);
  });
});
