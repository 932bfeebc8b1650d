import { isTestPath } from "./test-paths.ts";
import { failingTests } from "./test-results.ts";

const maxNames = 50;

/** A value that a test got and the one that it wanted, as the output shows them. */
export interface Mismatch {
  readonly actual: string;
  readonly expected: string;
}

export interface Failures {
  /** Names of failing tests, as far as the runner prints them. */
  readonly names: readonly string[];
  /** Test files that appear in the failures' stacks, else in the output. */
  readonly testFiles: readonly string[];
  /** Lines of source files in stacks: where an exception came through. */
  readonly places: readonly { readonly path: string; readonly line: number }[];
  /** Lines of test files in stacks: the failing assertions. */
  readonly testPlaces: readonly { readonly path: string; readonly line: number }[];
  readonly mismatches: readonly Mismatch[];
}

/**
 * Reads the output of a test run: node:test (spec and TAP), tape, mocha, vitest, jest, uvu and plain assertions.
 * `files`: the repository's files, against which the paths in the output are matched by their longest suffix.
 */
export function readFailures(output: string, files: readonly string[]): Failures {
  const known = new Set(files);
  const frames = [
    ...plain(output).matchAll(/(?:file:\/\/)?((?:[\w@.+-]*\/)*[\w@.+-]+\.(?:[cm]?[jt]s|[jt]sx)):(\d+)(?::\d+)?/gu),
  ].flatMap(([, path, line]) => {
    const match = matchPath(path ?? "", known);
    return match === undefined ? [] : [{ path: match, line: Number(line) }];
  });
  const testPlaces = unique(frames.filter((frame) => isTestPath(frame.path)));
  const named = [...plain(output).matchAll(/[\w@./+-]+\.(?:[cm]?[jt]s|[jt]sx)/gu)].flatMap(
    ([path]) => matchPath(path, known) ?? [],
  );
  const testFiles = testPlaces.length > 0 ? testPlaces.map((place) => place.path) : named.filter(isTestPath);
  return {
    // A file that is named is no test of it.
    names: failingTests(output)
      .filter((name) => !/\.(?:[cm]?[jt]s|[jt]sx)$/u.test(name))
      .slice(0, maxNames),
    testFiles: [...new Set(testFiles)],
    places: unique(frames.filter((frame) => !isTestPath(frame.path))),
    testPlaces,
    mismatches: readMismatches(plain(output)),
  };
}

/** The output without terminal colours. */
function plain(output: string): string {
  return output.replace(/\u001b\[[0-9;]*m/gu, "");
}

function matchPath(path: string, known: ReadonlySet<string>): string | undefined {
  const parts = path.split("/").filter((part) => part !== "." && part !== "");
  if (parts.includes("node_modules")) return undefined;
  for (let from = 0; from < parts.length; from += 1) {
    const suffix = parts.slice(from).join("/");
    if (known.has(suffix)) return suffix;
  }
  return undefined;
}

function readMismatches(output: string): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const add = (actual: string | undefined, expected: string | undefined): void => {
    if (actual === undefined || expected === undefined) return;
    const pair = { actual: unquote(actual), expected: unquote(expected) };
    if (pair.actual !== pair.expected) found.push(pair);
  };
  // node:assert: "'a' !== 'b'" or, longer, "+ actual - expected" with marked lines.
  for (const [, actual, expected] of output.matchAll(/^\s*(\S.*?) !==? (\S.*?)$/gmu)) add(actual, expected);
  for (const [, actual, expected] of output.matchAll(/^\s*\+ ?(\S.*)\n\s*- ?(\S.*)$/gmu)) add(actual, expected);
  for (const [, expected, actual] of output.matchAll(
    /expected: *(?:\|-?\n\s*)?(\S.*)\n\s*actual: *(?:\|-?\n\s*)?(\S.*)$/gmu,
  ))
    add(actual, expected);
  for (const [, actual, expected] of output.matchAll(/actual: *(\S.*?),?\n\s*expected: *(\S.*?),?$/gmu))
    add(actual, expected);
  for (const [, actual, expected] of output.matchAll(
    /expected (.+?) to (?:deeply |strictly )?(?:equal|be) (.+?)(?: \/\/.*)?$/gmu,
  ))
    add(actual, expected);
  for (const [, expected, actual] of output.matchAll(/^\s*-\s+(\S.*)\n\s*\+\s+(\S.*)$/gmu)) add(actual, expected);
  return found.slice(0, 60);
}

function unquote(text: string): string {
  const trimmed = text.trim().replace(/[,;]$/u, "");
  return /^(['"`])(.*)\1$/su.exec(trimmed)?.[2] ?? trimmed;
}

function unique<Place extends { readonly path: string; readonly line: number }>(
  places: readonly Place[],
): readonly Place[] {
  const seen = new Map(places.map((place) => [`${place.path}:${place.line}`, place]));
  return [...seen.values()];
}
