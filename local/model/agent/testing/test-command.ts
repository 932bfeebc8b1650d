/** The commands with which tests are run inside the trial copies. */
export interface TestCommands {
  /** The whole suite. */
  readonly full: string;
  /** Only the given files, stopping early where the runner can; equals `full` when it can't be narrowed. */
  readonly quick: string;
  /** Only these tests of these files and all but these, where the runner can choose by name (node:test). */
  readonly failing?: string;
  readonly passing?: string;
}

const linters = /^(?:npx )?(?:eslint|standard|xo|prettier|tsd|tslint|jshint|jscs|biome|oxlint|oxfmt|dtslint|publint|attw|echo|ls-lint|markdownlint|lockfile-lint|npm run (?:lint|format)\S*)\b/u;

/**
 * Commands for a package's test script, without its linters and coverage wrappers.
 * `script`: package.json's `scripts.test` (or the command the caller named); `files`: the failing test files, may be empty;
 * `names`: the failing tests' names.
 */
export function testCommands(script: string | undefined, files: readonly string[], names: readonly string[]): TestCommands {
  const segments = (script ?? "node --test").split("&&").map((segment) => unwrapped(segment.trim()));
  const tests = segments.filter((segment) => !linters.test(segment));
  const full = tests.length > 0 ? tests.join(" && ") : (script ?? "node --test");
  const narrowed = tests.map((segment) => narrow(segment, files));
  const quick = files.length > 0 && narrowed.some((segment) => segment !== undefined)
    ? tests.map((segment, index) => narrowed[index] ?? (isRunner(segment) ? "" : segment)).filter((segment) => segment !== "").join(" && ")
    : full;
  if (quick === full || names.length === 0 || !/\bnode\b.*--test\b/u.test(full)) return { full, quick };
  const pattern = (flag: string): string => names.slice(0, 12).map((name) => ` ${flag}=${quote(literal(name))}`).join("");
  const withFlag = (flag: string): string => quick.replaceAll(/\bnode /gu, `node${pattern(flag)} `);
  return { full, quick, failing: withFlag("--test-name-pattern"), passing: withFlag("--test-skip-pattern") };
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
    if (/^(?:-r|--require|--import|--loader|--conditions|-C|--ui|-u|--timeout|-t|--config|--tsconfig)$/u.test(word) && value !== undefined) {
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
