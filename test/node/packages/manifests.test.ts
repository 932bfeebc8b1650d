import { describe, expect, it } from "vitest";
import { manifestPaths, readManifest } from "../../../domain/packages/manifests.ts";

const json = (value: unknown): string => JSON.stringify(value);
const dependencies = (path: string, text: string): readonly string[] | undefined =>
  readManifest(path, text)?.dependencies.map(({ kind, name, range }) => `${kind} ${name} ${range}`.trim());

describe("package.json", () => {
  it("gives name, version and every kind of dependency", () => {
    const text = json({
      name: "@acme/units",
      version: "1.4.0",
      dependencies: { a: "^1.0.0" },
      devDependencies: { b: "2" },
      peerDependencies: { c: ">=3" },
      optionalDependencies: { d: "" },
      workspaces: ["packages/*"],
    });
    expect(readManifest("packages/units/package.json", text)).toEqual({
      ecosystem: "npm",
      path: "packages/units/package.json",
      name: "@acme/units",
      version: "1.4.0",
      dependencies: [
        { name: "a", range: "^1.0.0", kind: "runtime" },
        { name: "c", range: ">=3", kind: "peer" },
        { name: "d", range: "", kind: "optional" },
        { name: "b", range: "2", kind: "development" },
      ],
    });
  });

  it.each<[string, string, readonly string[]]>([
    ["an alias", "npm:@acme/units@^1.2.0", ["runtime @acme/units ^1.2.0"]],
    ["an alias without a range", "npm:units", ["runtime units"]],
    ["an alias of no lawful name", "npm:../units@1", ["runtime u npm:../units@1"]],
    ["a folder", "file:../units", ["runtime u file:../units"]],
    ["control characters", "1.0\u0000\u202e.0", ["runtime u 1.0  .0"]],
  ])("reads %s", (_name, range, expected) => {
    expect(dependencies("package.json", json({ name: "app", dependencies: { u: range } }))).toEqual(expected);
  });

  it.each<[string, string]>([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["no name", "{}"],
    ["a name that is no text", json({ name: 1 })],
    ["a name with a path", json({ name: "../../etc" })],
    ["a name over npm's limit", json({ name: "a".repeat(215) })],
    ["deep nesting", "[".repeat(500_000)],
    ["more than 1 MiB", json({ name: "a", x: "y".repeat(1_048_576) })],
  ])("is undefined for %s", (_name, text) => {
    expect(readManifest("package.json", text)).toBeUndefined();
  });

  it("leaves out what is no dependency", () => {
    const text = json({ name: "app", dependencies: { a: 1, "b c": "1", d: null }, devDependencies: ["x"], version: 3 });
    expect(readManifest("package.json", text)).toMatchObject({ version: undefined, dependencies: [] });
  });

  it("takes names of the prototype as names, and touches no prototype", () => {
    const text = `{"name":"constructor","dependencies":{"__proto__":"1.0.0","toString":"2.0.0"}}`;
    expect(dependencies("package.json", text)).toEqual(["runtime __proto__ 1.0.0", "runtime toString 2.0.0"]);
    expect(readManifest("package.json", `{"__proto__":{"name":"app"}}`)).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("cuts a version that is too long to be one", () => {
    const { version = "" } = readManifest("package.json", json({ name: "a", version: "1".repeat(9000) })) ?? {};
    expect(version).toHaveLength(256);
    expect(version.endsWith("…")).toBe(true);
  });

  it("reads past a byte order mark", () => {
    expect(readManifest("package.json", `\uFEFF${json({ name: "a" })}`)?.name).toBe("a");
  });
});

describe("go.mod", () => {
  it("gives the module and what it requires in lines and blocks", () => {
    const text = `module example.com/app // the app

go 1.24
require example.com/units v1.4.0
require (
\texample.com/time v0.3.1 // indirect
\t"example.com/quoted/v2" v2.0.0
)
exclude example.com/units v1.3.0
`;
    expect(readManifest("go.mod", text)).toEqual({
      ecosystem: "go",
      path: "go.mod",
      name: "example.com/app",
      version: undefined,
      dependencies: [
        { name: "example.com/units", range: "v1.4.0", kind: "runtime" },
        { name: "example.com/time", range: "v0.3.1", kind: "indirect" },
        { name: "example.com/quoted/v2", range: "v2.0.0", kind: "runtime" },
      ],
    });
  });

  it.each<[string, string, string]>([
    ["a folder", "replace e.com/u => ../u", "runtime e.com/u ../u"],
    ["another module", "replace e.com/u => e.com/fork v1.9.0", "runtime e.com/fork v1.9.0"],
    ["one version", "replace e.com/u v1.0.0 => e.com/fork v1.9.0", "runtime e.com/fork v1.9.0"],
    ["another version", "replace e.com/u v1.1.0 => e.com/fork v1.9.0", "runtime e.com/u v1.0.0"],
    ["a block", "replace (\n e.com/u => ../u\n)", "runtime e.com/u ../u"],
    ["nothing", "replace e.com/u =>", "runtime e.com/u v1.0.0"],
  ])("applies a replacement by %s", (_name, line, expected) => {
    expect(dependencies("go.mod", `module e.com/app\nrequire e.com/u v1.0.0\n${line}\n`)).toEqual([expected]);
  });

  it.each(["", "go 1.24\n", "module\n", "module <script>\n", "// module e.com/a\n"])("is undefined for %j", (text) => {
    expect(readManifest("go.mod", text)).toBeUndefined();
  });

  it("reads Windows' line ends", () => {
    expect(dependencies("go.mod", "module e.com/app\r\nrequire (\r\n\te.com/u v1.0.0\r\n)\r\n")).toEqual([
      "runtime e.com/u v1.0.0",
    ]);
  });
});

describe("pyproject.toml", () => {
  it("gives the facts of PEP 621 with normalised names", () => {
    const text = `[project]
name = "Acme_Units.Core"
version = "1.4.0"
dependencies = ["Acme_Time[tz] >=1.2,<2 ; python_version > '3.8'", "six", "old (==1.0)", "direct @ https://e.com/d.whl", 7]
[project.optional-dependencies]
plot = ["matplot.lib~=3.1"]
`;
    expect(readManifest("pyproject.toml", text)).toEqual({
      ecosystem: "pypi",
      path: "pyproject.toml",
      name: "acme-units-core",
      version: "1.4.0",
      dependencies: [
        { name: "acme-time", range: ">=1.2,<2", kind: "runtime" },
        { name: "six", range: "", kind: "runtime" },
        { name: "old", range: "==1.0", kind: "runtime" },
        { name: "direct", range: "@ https://e.com/d.whl", kind: "runtime" },
        { name: "matplot-lib", range: "~=3.1", kind: "optional" },
      ],
    });
  });

  it("gives the facts of Poetry", () => {
    const text = `[tool.poetry]
name = "app"
version = "0.2.0"
[tool.poetry.dependencies]
python = "^3.12"
units = "^1.2"
time = { version = "1.0", optional = true }
local = { path = "../local" }
[tool.poetry.group.dev.dependencies]
PyTest = "*"
`;
    expect(readManifest("pyproject.toml", text)).toMatchObject({ name: "app", version: "0.2.0" });
    expect(dependencies("pyproject.toml", text)).toEqual([
      "runtime units ^1.2",
      "optional time 1.0",
      "runtime local path: ../local",
      "development pytest *",
    ]);
  });

  it("lists once what both tables name", () => {
    const text = `[project]\nname="a"\ndependencies=["units>=1"]\n[tool.poetry.dependencies]\nunits={source="x"}\n`;
    expect(dependencies("pyproject.toml", text)).toEqual(["runtime units >=1"]);
  });

  it("has no version where it is dynamic", () => {
    expect(readManifest("pyproject.toml", `[project]\nname="a"\ndynamic=["version"]\n`)?.version).toBeUndefined();
  });

  it.each<[string, string]>([
    ["no TOML", "[project"],
    ["no project", "[build-system]\n"],
    ["a project that is a list", "[[project]]\nname='a'\n"],
    ["an unlawful name", "[project]\nname = '../a'\n"],
    ["a name of the prototype", "[__proto__]\nname = 'a'\n[__proto__.project]\nname='a'\n"],
    ["deep nesting", `x = ${"[".repeat(100_000)}`],
  ])("is undefined for %s", (_name, text) => {
    expect(readManifest("pyproject.toml", text)).toBeUndefined();
  });
});

describe("manifest paths", () => {
  it("takes the root and three folders, the nearest first", () => {
    const paths = ["a/b/c/d/go.mod", "a/b/c/go.mod", "src/x.ts", "b/package.json", "a/pyproject.toml", "package.json"];
    expect(manifestPaths(paths)).toEqual(["package.json", "a/pyproject.toml", "b/package.json", "a/b/c/go.mod"]);
  });

  it.each(["node_modules/a/package.json", "x/vendor/go.mod", "test/fixtures/package.json", "Package.json", "a.go.mod"])(
    "leaves out %s",
    (path) => {
      expect(manifestPaths([path])).toEqual([]);
    },
  );

  it("takes at most 50", () => {
    const paths = Array.from({ length: 80 }, (_, index) => `p${index}/package.json`);
    expect(manifestPaths([...paths, "package.json"])).toHaveLength(50);
    expect(manifestPaths([...paths, "package.json"])[0]).toBe("package.json");
  });

  it("reads no other file", () => {
    expect(readManifest("Cargo.toml", "[package]\nname='a'")).toBeUndefined();
  });
});
