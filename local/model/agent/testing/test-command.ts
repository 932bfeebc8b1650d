import { testScriptOf } from "../../../../domain/run/test-command.ts";

/** The commands with which tests are run inside the trial copies. */
export interface TestCommands {
  /** The whole suite. */
  readonly full: string;
  /** Only the given files, stopping early where the runner can; equals `full` when it can't be narrowed. */
  readonly quick: string;
  /** Only the failing tests of the given files, where the runner can choose by name (node:test). */
  readonly failing?: string;
  /** Tests that pass: all others of the given files, else those of other files. */
  readonly passing?: string;
}

const linters =
  /^(?:npx )?(?:eslint|standard|xo|prettier|tsd|tslint|jshint|jscs|biome|oxlint|oxfmt|dtslint|publint|attw|echo|ls-lint|markdownlint|lockfile-lint|tstyche|tsc --noEmit|aud|npm run (?:lint|format)\S*)\b/u;

/**
 * Commands for a package's test script, without its linters and coverage wrappers.
 * `command`: the test command that the caller named, else package.json's `scripts.test` is taken; `files`: the failing test
 * files, may be empty; `names`: the failing tests' names; `passingFiles`: test files in which nothing fails.
 */
export function testCommands(
  command: string | undefined,
  scripts: Readonly<Record<string, string>>,
  files: readonly string[],
  names: readonly string[],
  passingFiles: readonly string[] = [],
): TestCommands {
  const script = command ?? testScriptOf(scripts) ?? "node --test";
  const segments = expand(script, scripts, 4);
  const tests = segments.filter((segment) => !linters.test(segment));
  const full = tests.length > 0 ? tests.join(" && ") : script;
  const narrowed = tests.map((segment) => narrow(segment, files));
  const quick =
    files.length > 0 && narrowed.some((segment) => segment !== undefined)
      ? tests
          .map((segment, index) => narrowed[index] ?? (isRunner(segment) ? "" : segment))
          .filter((segment) => segment !== "")
          .join(" && ")
      : full;
  if (quick === full) return { full, quick };
  if (names.length === 0 || !/\bnode\b.*--test\b/u.test(full)) {
    const others = passingFiles.length === 0 ? [] : tests.flatMap((segment) => narrow(segment, passingFiles) ?? []);
    return others.length === 0 ? { full, quick } : { full, quick, passing: others.join(" && ") };
  }
  const pattern = (flag: string): string =>
    names
      .slice(0, 12)
      .map((name) => ` ${flag}=${quote(literal(name))}`)
      .join("");
  const withFlag = (flag: string): string => quick.replaceAll(/\bnode /gu, () => `node${pattern(flag)} `);
  return { full, quick, failing: withFlag("--test-name-pattern"), passing: withFlag("--test-skip-pattern") };
}

/** The commands of a script one by one, with the package's other scripts in place of `npm run ...`. */
function expand(script: string, scripts: Readonly<Record<string, string>>, depth: number): readonly string[] {
  return script.split("&&").flatMap((part) => {
    const segment = unwrapped(part.trim());
    const name =
      /^(?:npm|pnpm|yarn) (?:(?:run|run-script)(?: -\S+)* (\S+)|(test|t))(?: --silent| -s)*$/u.exec(segment) ??
      /^yarn ()(\S+)$/u.exec(segment);
    const other = scripts[name?.[1] || (name?.[2] === "t" ? "test" : (name?.[2] ?? ""))];
    return other !== undefined && depth > 0 ? expand(other, scripts, depth - 1) : [segment];
  });
}

function unwrapped(segment: string): string {
  return segment.replace(/^(?:npx )?(?:nyc|c8|istanbul cover)(?: -\S+)*(?: --)? /u, "").replace(/^(?:cross-env )/u, "");
}

const runners = /^((?:[A-Z_]+=\S+ )*)(?:npx )?(tape|mocha|_mocha|ava|uvu|jest|vitest(?: run)?|brittle|tap)\b(.*)$/u;

function isRunner(segment: string): boolean {
  return runners.test(segment) || /\bnode\b.*--test\b/u.test(segment);
}

function narrow(segment: string, files: readonly string[]): string | undefined {
  const node = /^((?:[A-Z_]+=\S+ )*)node\b(.*)$/u.exec(segment);
  if (node && /\s--test\b/u.test(node[2] ?? "")) {
    const flags = flagsOf(node[2] ?? "").filter((flag) => !/^--(?:test|experimental-test|watch)/u.test(flag));
    return files.map((file) => [`${node[1] ?? ""}node`, ...flags, quote(file)].join(" ")).join(" && ");
  }
  const runner = runners.exec(segment);
  if (!runner) return undefined;
  const flags = flagsOf(runner[3] ?? "");
  const name = runner[2] === "vitest" ? "vitest run" : (runner[2] ?? "");
  const early = name === "mocha" || name === "jest" ? ["--bail"] : [];
  return [(runner[1] ?? "") + name, ...early, ...flags, ...files.map(quote)].join(" ");
}

/** Flags of a command line, with the values of those that take one; its other words are test files and dropped. */
function flagsOf(text: string): readonly string[] {
  const words = text.match(/"[^"]*"|'[^']*'|\S+/gu) ?? [];
  const flags: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) continue;
    flags.push(word);
    const value = words[index + 1];
    if (
      /^(?:-r|--require|--import|-R|--reporter|-g|--grep|-s|--slow|-O|--reporter-option|-c|--project|--test-concurrency|--loader|--conditions|-C|--ui|-u|--timeout|-t|--config|--tsconfig)$/u.test(
        word,
      ) &&
      value !== undefined
    ) {
      flags.push(value);
      index += 1;
    }
  }
  return flags;
}

function literal(name: string): string {
  return `^(?:.* )?${name.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&")}$`;
}

/** Quotes a word for `sh`. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
