import { describe, expect, it } from "vitest";
import { readManifest } from "../../../domain/packages/manifests.ts";
import type { ChangedText } from "../../../domain/packages/package-change.ts";
import type { Manifest } from "../../../domain/packages/types.ts";
import { versionBumps, type VersionBumps, type VersionedRepository } from "../../../domain/packages/version-bumps.ts";

/** The changed files of a repository: before and after, null where the file is absent or binary. */
type Files = Readonly<Record<string, readonly [before: string | null, after: string | null]>>;

/** A repository whose manifests are among its files; one that is the same on both sides is no change. */
function repository(name: string, files: Files): VersionedRepository {
  const side = (index: 0 | 1): readonly Manifest[] =>
    Object.entries(files).flatMap(([path, texts]) => readManifest(path, texts[index] ?? "") ?? []);
  const changes = Object.entries(files)
    .filter(([, [before, after]]) => before !== after || before === null)
    .map(([path, [before, after]]): ChangedText => ({ path, before: before ?? undefined, after: after ?? undefined }));
  return { repositoryId: `id-${name}`, name, manifestsBefore: side(0), manifestsAfter: side(1), changes };
}

const npm = (name: string, version: string | undefined, more: object = {}): string =>
  JSON.stringify({ name, version, ...more });
const same = (text: string): readonly [string, string] => [text, text];
const asking = (range: string, before = range): VersionedRepository =>
  repository("app", {
    "package.json": [
      npm("app", "1.0.0", { dependencies: { units: before } }),
      npm("app", "1.0.0", { dependencies: { units: range } }),
    ],
  });

/** The matrix of a library and a consumer that takes any version of it, pre-releases too. */
const units = (from: string, to: string, files: Files, more: readonly [object, object] = [{}, {}]): VersionBumps =>
  versionBumps([
    repository("units", { "package.json": [npm("units", from, more[0]), npm("units", to, more[1])], ...files }),
    asking(`>=${from} || <${from}`),
  ]);
const messages = ({ warnings }: VersionBumps): readonly string[] =>
  warnings.map(({ message, rule }) => `${rule}: ${message}`);

const gone: Files = { "src/index.ts": ["export const toMetres = 1;\nexport const a = 1;", "export const a = 1;"] };
const added: Files = { "src/index.ts": ["export const a = 1;", "export const a = 1;\nexport const toFeet = 1;"] };
const repaired: Files = { "src/index.ts": ["export const a = 1;", "export const a = 2;"] };

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

describe("consumers", () => {
  const library = (to: string): VersionedRepository =>
    repository("units", { "package.json": [npm("units", "1.4.0"), npm("units", to)], ...gone });

  it("whose range follows are satisfied", () => {
    const { packages, warnings } = versionBumps([library("2.0.0"), asking("^2.0.0", "^1.2.0")]);
    expect(warnings).toEqual([]);
    expect(packages[0]?.consumers).toEqual([
      {
        repositoryId: "id-app",
        path: "package.json",
        range: "^2.0.0",
        rangeBefore: "^1.2.0",
        kind: "runtime",
        satisfied: true,
        isKnown: true,
      },
    ]);
  });

  it("whose range stays behind are warned about, at the consumer's manifest", () => {
    const { warnings } = versionBumps([library("2.0.0"), asking("^1.2.0")]);
    expect(warnings).toEqual([
      {
        repositoryId: "id-app",
        path: "package.json",
        rule: "consumer-range",
        message: "app/package.json asks for units ^1.2.0, which does not include 2.0.0.",
      },
    ]);
  });

  it("whose range runs ahead are warned about", () => {
    const quiet = repository("units", { "package.json": same(npm("units", "1.4.0")) });
    expect(messages(versionBumps([quiet, asking("^2.0.0", "^1.0.0")]))).toEqual([
      "consumer-range: app/package.json asks for units ^2.0.0, which does not include 1.4.0.",
    ]);
  });

  it("whose mismatch is older than the run are shown without a warning", () => {
    const quiet = repository("units", { "package.json": same(npm("units", "1.4.0")) });
    const { packages, warnings } = versionBumps([quiet, asking("^3.0.0")]);
    expect(packages[0]?.consumers[0]?.satisfied).toBe(false);
    expect(warnings).toEqual([]);
  });

  it("whose range can't be read are not judged", () => {
    const { packages, warnings } = versionBumps([library("2.0.0"), asking("github:acme/units#main")]);
    expect(packages[0]?.consumers[0]).toMatchObject({ satisfied: true, isKnown: false });
    expect(warnings).toEqual([]);
  });

  it("of a package that is gone are warned about", () => {
    const removed = repository("units", { "package.json": [npm("units", "1.4.0"), null] });
    expect(messages(versionBumps([removed, asking("^1.2.0")]))).toEqual([
      "consumer-range: app/package.json asks for units ^1.2.0, which is no longer in its repository.",
    ]);
  });

  it("of a renamed package are warned about, and the new one is new", () => {
    const renamed = repository("units", { "package.json": [npm("units", "1.4.0"), npm("measures", "1.4.0")] });
    const { packages, warnings } = versionBumps([
      renamed,
      asking("^1.2.0"),
      repository("site", { "package.json": same(npm("site", "1.0.0", { dependencies: { measures: "^1.4.0" } })) }),
    ]);
    expect(packages.map(({ from, name, to, why }) => ({ from, name, to, why }))).toEqual([
      { name: "measures", from: undefined, to: "1.4.0", why: "The package is new." },
      { name: "units", from: "1.4.0", to: undefined, why: "The package is no longer in its repository." },
    ]);
    expect(warnings.map(({ rule }) => rule)).toEqual(["consumer-range"]);
  });

  it("that ask anew have no range before", () => {
    const fresh = repository("app", {
      "package.json": [npm("app", "1.0.0"), npm("app", "1.0.0", { peerDependencies: { units: "*" } })],
    });
    expect(versionBumps([library("2.0.0"), fresh]).packages[0]?.consumers).toMatchObject([
      { rangeBefore: undefined, kind: "peer" },
    ]);
  });

  it("that change the kind keep the range before", () => {
    const moved = repository("app", {
      "package.json": [
        npm("app", "1.0.0", { dependencies: { units: "1" } }),
        npm("app", "1.0.0", { peerDependencies: { units: "2" } }),
      ],
    });
    expect(versionBumps([library("2.0.0"), moved]).packages[0]?.consumers).toMatchObject([
      { rangeBefore: "1", kind: "peer" },
    ]);
  });

  it("of a name that two repositories have belong to the first", () => {
    const second = { ...library("2.0.0"), repositoryId: "id-second" };
    const { packages } = versionBumps([library("2.0.0"), second, asking("^2.0.0")]);
    expect(packages.map(({ consumers }) => consumers.length)).toEqual([1, 0]);
  });
});

describe("Go and Python", () => {
  const goApp = repository("app", { "go.mod": same("module e.com/app\nrequire e.com/units v1.2.0\n") });
  const goCode: Files = { "units.go": ["package units\nfunc ToMetres() {}\n", "package units\n"] };

  it("tells a Go module's need without a version, and asks for a new path", () => {
    const { packages, warnings } = versionBumps([
      repository("units", { "go.mod": same("module e.com/units\n"), ...goCode }),
      goApp,
    ]);
    expect(packages).toMatchObject([
      {
        from: undefined,
        to: undefined,
        bump: "none",
        needed: "major",
        consumers: [{ satisfied: true, isKnown: false }],
      },
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      "e.com/units changes its exported names (`ToMetres` is gone), so its module path has to become e.com/units/v2; it is still e.com/units.",
    ]);
  });

  it("counts a Go module's path on", () => {
    const app = repository("app", { "go.mod": same("module e.com/app\nrequire e.com/units/v3 v3.0.0\n") });
    const library = repository("units", { "go.mod": same("module e.com/units/v3\n"), ...goCode });
    expect(messages(versionBumps([library, app]))[0]).toContain("e.com/units/v4");
  });

  it.each(["v0.2.0", "../units"])("says nothing of the path where a consumer asks for %s", (range) => {
    const line = range.startsWith("v")
      ? `require e.com/units ${range}`
      : `require e.com/units v0.0.0\nreplace e.com/units => ${range}`;
    const app = repository("app", { "go.mod": same(`module e.com/app\n${line}\n`) });
    const library = repository("units", { "go.mod": same("module e.com/units\n"), ...goCode });
    expect(versionBumps([library, app])).toMatchObject({ packages: [{ needed: "major" }], warnings: [] });
  });

  it("compares Python's versions and ranges", () => {
    const project = (name: string, version: string, needs = ""): string =>
      `[project]\nname = "${name}"\nversion = "${version}"\ndependencies = [${needs}]\n`;
    const library = repository("units", {
      "pyproject.toml": [project("Units", "1.4"), project("Units", "1.5")],
      "units/convert.py": ["def to_metres(): ...\n", "def to_feet(): ...\n"],
    });
    const app = repository("app", { "pyproject.toml": same(project("app", "1", '"units>=1.2,<1.5"')) });
    expect(messages(versionBumps([library, app]))).toEqual([
      "version-bump-too-small: units changes its exported names (`to_metres` is gone), so 1.4 has to become 2.0.0; it becomes 1.5.",
      "consumer-range: app/pyproject.toml asks for units >=1.2,<1.5, which does not include 1.5.",
    ]);
  });

  it("does not judge a version that the manifest does not have", () => {
    const text = `[project]\nname = "units"\ndynamic = ["version"]\n`;
    const library = repository("units", { "pyproject.toml": same(text), "u.py": ["def a(): ...", ""] });
    const app = repository("app", { "pyproject.toml": same(`[project]\nname="app"\ndependencies=["units>=1"]\n`) });
    const { packages, warnings } = versionBumps([library, app]);
    expect(packages[0]).toMatchObject({ bump: "none", needed: "major", consumers: [{ isKnown: false }] });
    expect(packages[0]?.why).toContain("Its manifest has no version.");
    expect(warnings).toEqual([]);
  });
});

describe("odd input", () => {
  it("of no repositories gives nothing", () => {
    expect(versionBumps([])).toEqual({ packages: [], warnings: [] });
  });

  it("takes names of the prototype for packages", () => {
    const library = repository("p", {
      "package.json": [npm("constructor", "1.0.0"), npm("constructor", "1.0.0")],
      "a.js": ["1", "2"],
    });
    const app = repository("app", {
      "package.json": same(npm("app", "1.0.0", { dependencies: { constructor: "^1.0.0" } })),
    });
    expect(versionBumps([library, app]).packages).toMatchObject([{ name: "constructor", needed: "patch" }]);
  });

  it("takes a change without any manifest", () => {
    expect(versionBumps([repository("r", { "a/b.ts": ["1", "2"] })])).toEqual({ packages: [], warnings: [] });
  });
});
