import { testScript } from "./test-command.ts";
import { isTestPath } from "./test-paths.ts";

/** A repository as far as its test command shows: the paths of its files, and the text of those at its root. */
export interface TestedFiles {
  readonly paths: readonly string[];
  /** The text of a file at the root; undefined when there is none, or no text. */
  readonly text: (name: string) => string | undefined;
}

/** A test command with the file that asks for it, and the program that must be there to run it. */
export interface DetectedTests {
  readonly command: string;
  readonly from: string;
  readonly program: string;
  /** The command that runs the same tests where the program is missing. */
  readonly otherwise?: string;
}

/** Files at the root whose texts tell how tests are run. */
export const testManifests = [
  "package.json",
  "deno.json",
  "pyproject.toml",
  "setup.cfg",
  "tox.ini",
  "requirements.txt",
  "requirements-dev.txt",
  "dev-requirements.txt",
  "test-requirements.txt",
  "composer.json",
  "Makefile",
] as const;

type Detector = (files: TestedFiles) => DetectedTests | undefined;

const has = ({ paths }: TestedFiles, pattern: RegExp): string | undefined => paths.find((path) => pattern.test(path));

/** One row a build tool: a file by which it is known, and its command. */
const byFile: readonly (readonly [file: RegExp, command: string, program: string])[] = [
  [/^go\.mod$/u, "go test -v ./...", "go"],
  [/^Cargo\.toml$/u, "cargo test", "cargo"],
  [/^mvnw$/u, "./mvnw -B test", "./mvnw"],
  [/^pom\.xml$/u, "mvn -B test", "mvn"],
  [/^gradlew$/u, "./gradlew test", "./gradlew"],
  [/^build\.gradle(?:\.kts)?$/u, "gradle test", "gradle"],
  [/^mix\.exs$/u, "mix test", "mix"],
  [/^Package\.swift$/u, "swift test", "swift"],
  [/^[^/]+\.sln$/u, "dotnet test", "dotnet"],
  [/^(?:[^/]+\/)?[^/]+\.(?:cs|fs)proj$/u, "dotnet test", "dotnet"],
  [/^\.rspec$/u, "bundle exec rspec", "bundle"],
  [/^spec\/.*_spec\.rb$/u, "bundle exec rspec", "bundle"],
  [/^phpunit\.xml(?:\.dist)?$/u, "vendor/bin/phpunit", "php"],
];

const detectors: readonly Detector[] = [
  (files) => {
    const script = testScript(files.text("package.json") ?? "");
    return script === undefined ? undefined : packageManager(files);
  },
  (files) =>
    fieldOf(files.text("deno.json"), "tasks", "test") === undefined
      ? undefined
      : { command: "deno task test", from: "deno.json", program: "deno" },
  detectPython,
  ...byFile.map(([file, command, program]): Detector => (files) => {
    const from = has(files, file);
    return from === undefined ? undefined : { command, from, program };
  }),
  (files) =>
    fieldOf(files.text("composer.json"), "scripts", "test") === undefined
      ? undefined
      : { command: "composer test", from: "composer.json", program: "composer" },
  (files) =>
    has(files, /^Rakefile$/u) !== undefined && has(files, /^test\/.*\.rb$/u) !== undefined
      ? { command: "bundle exec rake test", from: "Rakefile", program: "bundle" }
      : undefined,
  (files) =>
    /^(?:test|check)\s*:(?!=)/mu.test(files.text("Makefile") ?? "")
      ? {
          command: /^test\s*:(?!=)/mu.test(files.text("Makefile") ?? "") ? "make test" : "make check",
          from: "Makefile",
          program: "make",
        }
      : undefined,
];

/**
 * The command that runs a repository's tests, by the habits of its language and build tool: the test script of package.json through its own
 * package manager first, a Makefile's target last. Undefined when nothing names one.
 */
export function detectTests(files: TestedFiles): DetectedTests | undefined {
  for (const detect of detectors) {
    const found = detect(files);
    if (found !== undefined) return found;
  }
  return undefined;
}

const lockfiles = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
] as const;
/** Only npm wants `--` before the arguments of a script; the others hand it on. */
const scriptCommand = { npm: "npm test --", pnpm: "pnpm test", yarn: "yarn test", bun: "bun run test" } as const;

/** The package manager that a repository names in package.json, else the one whose lockfile it has, else npm. */
function packageManager(files: TestedFiles): DetectedTests {
  const named = fieldOf(files.text("package.json"), "packageManager");
  const word = typeof named === "string" ? /^(npm|pnpm|yarn|bun)(?:@|$)/u.exec(named)?.[1] : undefined;
  const [lockfile, byLock] = lockfiles.find(([name]) => files.paths.includes(name)) ?? ["package.json", "npm"];
  const manager = (word ?? byLock) as keyof typeof scriptCommand;
  const detected = {
    command: scriptCommand[manager],
    from: word === undefined ? lockfile : "package.json",
    program: manager,
  };
  return manager === "npm" ? detected : { ...detected, otherwise: scriptCommand.npm };
}

function detectPython(files: TestedFiles): DetectedTests | undefined {
  const tests = files.paths.find((path) => path.endsWith(".py") && isTestPath(path));
  const settings = ["pytest.ini", ".pytest.ini", "conftest.py"].find((name) => files.paths.includes(name));
  const naming = testManifests.find((name) =>
    /\bpytest\b/u.test(/\.(?:toml|cfg|ini|txt)$/u.test(name) ? (files.text(name) ?? "") : ""),
  );
  const from = settings ?? naming ?? has(files, /(?:^|\/)conftest\.py$/u);
  if (from !== undefined && (tests !== undefined || settings !== undefined))
    return { command: "python3 -m pytest -v", from, program: "python3" };
  return tests === undefined
    ? undefined
    : { command: "python3 -m unittest discover -v", from: tests, program: "python3" };
}

/** A field of a JSON object, by its path; undefined when the text is no JSON, or has no such field. */
function fieldOf(json: string | undefined, ...path: readonly string[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json ?? "");
  } catch {
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
