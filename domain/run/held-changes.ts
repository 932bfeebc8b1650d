import { isSymlinkMode } from "../../contracts/file-mode.ts";
import type { TreeChange } from "../patch-set/types.ts";
import { changedTestFields, withBaseTestFields } from "./npm-tests.ts";
import { isEnvironmentPath, isRunnerPath, isTestPath } from "./test-paths.ts";

/** A path of the patch with the content of both sides; undefined where a side has none. */
export interface FileSides {
  readonly change: TreeChange;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** A patch without its changes to the base's own tests and to how they are run. */
export interface HeldChanges {
  readonly changes: readonly TreeChange[];
  /** Paths that were left out, or kept in part, in the order of the patch. */
  readonly leftOut: readonly string[];
}

/** Both sides of each change. `baseBlob` answers the base's content by its git blob id. */
export function sidesOf(
  changes: readonly TreeChange[],
  baseBlob: (blob: string) => Uint8Array | undefined,
): readonly FileSides[] {
  return changes.map((change) => ({
    change,
    before: change.beforeBlob === undefined ? undefined : baseBlob(change.beforeBlob),
    after: change.bytes,
  }));
}

/**
 * The part of a patch that is laid on the base to see the base's own tests against the patch's code. Left out are test files, the
 * settings of test runners and whatever reaches into every command; of package.json only the fields by which tests are run.
 */
export function heldChanges(sides: readonly FileSides[]): HeldChanges {
  const own = sides.filter((side) => isOfTests(side)).map(({ change }) => change.path);
  const changes: TreeChange[] = [];
  const leftOut: string[] = [];
  for (const side of sides) {
    const { path } = side.change;
    const held = own.includes(path) || own.some((kept) => kept.startsWith(`${path}/`)) ? undefined : heldOf(side);
    if (held !== undefined) changes.push(held);
    if (held !== side.change) leftOut.push(path);
  }
  return { changes, leftOut };
}

function isOfTests({ change, before, after }: FileSides): boolean {
  const { path } = change;
  // A link in the place of a folder of tests stands for all that is below.
  const isLink = isSymlinkMode(change.afterMode) && isTestPath(`${path}/`);
  return (
    isLink || isTestPath(path) || isRunnerPath(path) || isEnvironmentPath(path) || configuresRunner(path, before, after)
  );
}

/** True when a file that configures other things too changes in what it says about tests. */
export function configuresRunner(path: string, before: Uint8Array | undefined, after: Uint8Array | undefined): boolean {
  const about = aboutTests.find(({ file }) => file.test(path));
  return about !== undefined && about.part(textOf(before)) !== about.part(textOf(after));
}

const lines = (text: string, pattern: RegExp): string =>
  text
    .split("\n")
    .filter((line) => pattern.test(line))
    .join("\n");
/** The sections of a TOML file whose names begin like this. */
const tomlSections = (text: string, name: RegExp): string => {
  let isIn = false;
  return text
    .split("\n")
    .filter((line) => {
      if (line.startsWith("[")) isIn = name.test(line);
      return isIn;
    })
    .join("\n");
};
const aboutTests: readonly { readonly file: RegExp; readonly part: (text: string) => string }[] = [
  { file: /(?:^|\/)vite\.config\.[cm]?[jt]s$/u, part: (text) => (/\btest\s*:/u.test(text) ? text : "") },
  {
    file: /(?:^|\/)pyproject\.toml$/u,
    part: (text) => tomlSections(text, /^\[tool\.(?:pytest|tox|nox|coverage|hatch\.envs)/u),
  },
  { file: /(?:^|\/)Cargo\.toml$/u, part: (text) => tomlSections(text, /^\[\[?(?:test|lib|bin|profile\.test)\b/u) },
  { file: /(?:^|\/)deno\.jsonc?$/u, part: (text) => lines(text, /test/u) },
  {
    file: /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?|gradle\.properties|.*\.(?:cs|fs)proj|composer\.json|mix\.exs|Package\.swift)$/u,
    part: (text) => lines(text, /tests?\b|surefire|failsafe|junit|ignoreFailures|filter/iu),
  },
];

/** A change as the held run lays it; the same object where nothing of it is left out. */
function heldOf({ after, before, change }: FileSides): TreeChange | undefined {
  if (!/(?:^|\/)package\.json$/u.test(change.path) || before === undefined) return change;
  if (after === undefined) return undefined;
  if (changedTestFields(textOf(before), textOf(after)).length === 0) return change;
  return { ...change, bytes: new TextEncoder().encode(withBaseTestFields(textOf(before), textOf(after))) };
}

/** The content as text, whatever its encoding. */
export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}
