import { describe, expect, it } from "vitest";
import { versionBumps, type VersionedRepository } from "../../../domain/packages/version-bumps.ts";
import { repository, npm, same, asking, messages, gone, type Files } from "./versioned.ts";

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

  it("that have a package of that name themselves are none", () => {
    const own = repository("mono", {
      "package.json": same(npm("app", "1.0.0", { dependencies: { units: "^1.0.0" } })),
      "units/package.json": same(npm("units", "1.0.0")),
    });
    expect(versionBumps([library("2.0.0"), own]).packages[0]?.consumers).toEqual([]);
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
