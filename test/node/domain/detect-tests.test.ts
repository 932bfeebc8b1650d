import { describe, expect, it } from "vitest";
import { detectTests } from "../../../domain/run/detect-tests.ts";
import { isTestPath } from "../../../domain/run/test-paths.ts";

/** The detected command of a repository with these files, and the file that named it. */
function detected(files: Readonly<Record<string, string>>): readonly string[] | undefined {
  const paths = Object.keys(files);
  const found = detectTests({ paths, text: (name) => files[name] });
  return found === undefined ? undefined : [found.command, found.from];
}

const script = '{"scripts":{"test":"node --test"}}';

describe("the test command of a repository", () => {
  it.each([
    ["npm", { "package.json": script }, ["npm test --", "package.json"]],
    ["npm's lockfile", { "package.json": script, "package-lock.json": "{}" }, ["npm test --", "package-lock.json"]],
    ["pnpm", { "package.json": script, "pnpm-lock.yaml": "" }, ["pnpm test", "pnpm-lock.yaml"]],
    ["Yarn", { "package.json": script, "yarn.lock": "" }, ["yarn test", "yarn.lock"]],
    ["Bun", { "package.json": script, "bun.lock": "" }, ["bun run test", "bun.lock"]],
    [
      "packageManager before a lockfile",
      { "package.json": '{"packageManager":"yarn@4.9.1","scripts":{"test":"jest"}}', "package-lock.json": "{}" },
      ["yarn test", "package.json"],
    ],
    ["Go", { "go.mod": "module a\n", "a_test.go": "" }, ["go test -v ./...", "go.mod"]],
    ["Cargo", { "Cargo.toml": "" }, ["cargo test", "Cargo.toml"]],
    ["pytest's settings", { "pytest.ini": "" }, ["python3 -m pytest -v", "pytest.ini"]],
    [
      "pytest in pyproject.toml",
      { "pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": "" },
      ["python3 -m pytest -v", "pyproject.toml"],
    ],
    [
      "pytest as a requirement",
      { "requirements-dev.txt": "pytest==8\n", "test_a.py": "" },
      ["python3 -m pytest -v", "requirements-dev.txt"],
    ],
    ["unittest", { "a.py": "", "test_a.py": "" }, ["python3 -m unittest discover -v", "test_a.py"]],
    ["Maven", { "pom.xml": "" }, ["mvn -B test", "pom.xml"]],
    ["Maven's wrapper", { "pom.xml": "", mvnw: "" }, ["./mvnw -B test", "mvnw"]],
    ["Gradle's wrapper", { "build.gradle.kts": "", gradlew: "" }, ["./gradlew test", "gradlew"]],
    ["RSpec", { Gemfile: "", ".rspec": "" }, ["bundle exec rspec", ".rspec"]],
    ["PHPUnit", { "phpunit.xml.dist": "" }, ["vendor/bin/phpunit", "phpunit.xml.dist"]],
    [".NET", { "src/A.csproj": "" }, ["dotnet test", "src/A.csproj"]],
    ["Elixir", { "mix.exs": "" }, ["mix test", "mix.exs"]],
    ["Deno", { "deno.json": '{"tasks":{"test":"deno test"}}' }, ["deno task test", "deno.json"]],
    ["a Makefile's target", { Makefile: "all:\n\ntest: all\n\t./run\n" }, ["make test", "Makefile"]],
    [
      "another language beside a package.json without tests",
      { "package.json": "{}", "go.mod": "" },
      ["go test -v ./...", "go.mod"],
    ],
  ])("is read from %s", (_what, files, expected) => {
    expect(detected(files)).toEqual(expected);
  });

  it.each([
    ["no file", {}],
    ["documents", { "README.md": "make test" }],
    ["a package.json that is no JSON", { "package.json": "{" }],
    ["npm's placeholder", { "package.json": '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }],
    ["Python without tests", { "pyproject.toml": "[project]\n", "a.py": "" }],
    ["a Makefile without tests", { Makefile: "TEST := 1\ntests: all\n" }],
  ])("is not there for %s", (_what, files) => {
    expect(detected(files)).toBeUndefined();
  });
});

describe("a test file", () => {
  it.each([
    "test/a.js",
    "src/a.test.ts",
    "a/__tests__/b.js",
    "specs/a.ts",
    "x_spec.js",
    "test.js",
    "tests.js",
    "test-a.mjs",
    "test_add.py",
    "pkg/add_test.py",
    "app/tests.py",
    "a_test.go",
    "pkg/testdata/in.txt",
    "src/main/ATest.java",
    "src/AddTests.java",
    "TestAdd.java",
    "AddIT.java",
    "AddSpec.scala",
    "AddTest.kt",
    "Lib.Tests/Add.cs",
    "AddTests.cs",
    "Tests/AddTests.swift",
    "AddTest.php",
    "add_spec.rb",
    "test_add.rb",
    "add_test.rb",
    "tests/add.rs",
    "add_test.exs",
    "add_test.dart",
    "add_test.cc",
    "test_add.cpp",
    "AddSpec.hs",
    "t/add.t",
    "a.bats",
    "src/__snapshots__/a.snap",
  ])("is %s", (path) => {
    expect(isTestPath(path)).toBe(true);
  });

  it.each([
    "src/contest.js",
    "latest/a.js",
    "src/tester.ts",
    "attest.py",
    "src/latest_version.py",
    "contest.go",
    "Contest.java",
    "EDIT.java",
    "Greatest.cs",
    "inspect.rb",
    "protest/a.rs",
    "src/add.rs",
  ])("is not %s", (path) => {
    expect(isTestPath(path)).toBe(false);
  });
});
