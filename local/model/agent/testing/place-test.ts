import { isOwnSource, isTestFile } from "../repository.ts";

/** Where a new test goes: a file of its own, or the end of an existing one when only that one is run. */
export type TestPlace =
  | { readonly kind: "new"; readonly path: string }
  | { readonly kind: "append"; readonly path: string };

/**
 * Chooses a place for a test so that the test command runs it. `like`: an existing test file whose folder and naming are
 * followed; `undefined` when there is none.
 */
export function placeTest(
  command: string,
  like: string | undefined,
  subject: string,
  files: readonly string[],
  module: "esm" | "cjs",
): TestPlace {
  if (like === undefined)
    return { kind: "new", path: fresh("test", `${dashed(subject)}.test.${module === "esm" ? "mjs" : "cjs"}`, files) };
  const named = command
    .split(/\s+/u)
    .some(
      (word) =>
        word.replace(/^["']?(?:\.\/)?|["']$/gu, "") === like ||
        word.replace(/^["']?(?:\.\/)?|["']$/gu, "") === like.replace(/\.[cm]?js$/u, ""),
    );
  const folderRun =
    /^node\s+(?:-\S+\s+)*(?:\.\/)?(?:test|tests|spec)\/?$/u.test(command.trim()) ||
    /\bnode (?:\.\/)?tests?(?:\.js)?\s*$/u.test(command);
  if (named || folderRun) return { kind: "append", path: like };
  const slash = like.lastIndexOf("/");
  const folder = slash === -1 ? "" : like.slice(0, slash);
  const suffix = /(?:[._-](?:tests?|spec))?\.[cm]?[jt]sx?$/u.exec(like.slice(slash + 1))?.[0] ?? ".js";
  const prefix = /^test[-_]/u.exec(like.slice(slash + 1))?.[0] ?? "";
  return { kind: "new", path: fresh(folder, `${prefix}${dashed(subject)}-regression${suffix}`, files) };
}

/** The existing test that is most like a test for the subject: one that mentions it, else a small ordinary one. */
export function modelTest(
  files: readonly string[],
  mentioning: readonly string[],
  subject: string,
): string | undefined {
  const tests = files.filter(
    (path) =>
      isTestFile(path) && /(?:tests?|spec)/iu.test(path) && !/(?:fixtures?|helpers?|support|setup)/iu.test(path),
  );
  const mentioned = tests.filter((path) => mentioning.includes(path));
  const byName = (path: string): number => (path.toLowerCase().includes(subject.toLowerCase()) ? 0 : 1);
  return (mentioned.length > 0 ? mentioned : tests)
    .toSorted((a, b) => byName(a) - byName(b) || a.split("/").length - b.split("/").length || (a < b ? -1 : 1))
    .at(0);
}

/** Relative import specifier from one file of the repository to another: "../src/index.js". */
export function relativeImport(from: string, to: string): string {
  const fromParts = from.split("/").slice(0, -1);
  const toParts = to.split("/");
  let shared = 0;
  while (shared < fromParts.length && fromParts[shared] === toParts[shared]) shared += 1;
  const up = fromParts.slice(shared).map(() => "..");
  const path = [...up, ...toParts.slice(shared)].join("/");
  return path.startsWith("..") ? path : `./${path}`;
}

/** The repository's own source files among some paths. */
export function sourcesAmong(paths: readonly string[]): readonly string[] {
  return paths.filter(isOwnSource);
}

function fresh(folder: string, name: string, files: readonly string[]): string {
  const path = folder === "" ? name : `${folder}/${name}`;
  const [stem = path, ...rest] = path.split(".");
  let candidate = path;
  for (let number = 2; files.includes(candidate); number += 1) candidate = [`${stem}-${number}`, ...rest].join(".");
  return candidate;
}

function dashed(name: string): string {
  return (
    name
      .replace(/([a-z0-9])([A-Z])/gu, "$1-$2")
      .toLowerCase()
      .replace(/[^a-z0-9]+/gu, "-")
      .replace(/^-|-$/gu, "") || "behaviour"
  );
}
