import { exportedNames } from "./exported-names.ts";
import { reexport } from "./names-javascript.ts";
import { readEntries } from "./package-json.ts";
import { isShipped } from "./package-files.ts";
import { nameList } from "./text.ts";
import type { Ecosystem, Manifest } from "./types.ts";
import type { Need } from "./versions.ts";

/** A changed file with both sides' text; a side is undefined where the file is absent or binary. */
export interface ChangedText {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface PackageChange {
  /** The bump that semver asks of a version of 1.0.0 or later for it. */
  readonly need: Need;
  /**
   * The reason as the end of a sentence whose subject is the package: "changes its exported names (`toMetres` is
   * gone)".
   */
  readonly because: string;
}

/**
 * The need of a package's change from 1.0.0 on. "major": an exported name or an entry of package.json is gone, and a
 * renamed one is. "minor": there are new ones. "patch": shipped files or the dependencies that users get have
 * changed. Names are compared over all changed files of the package, so that one that moves from file to file is not
 * gone; a name that the package exports between its own files counts like one for its users.
 */
export function packageChange(before: Manifest, after: Manifest, changes: readonly ChangedText[]): PackageChange {
  const shipped = changes.filter(({ path }) => path !== before.path && path !== after.path && isShipped(path));
  const names = compared(
    namesIn(before.ecosystem, shipped, ({ before: text }) => text),
    namesIn(before.ecosystem, shipped, ({ after: text }) => text),
  );
  const entries = entryChange(before, after, changes);
  if (names.gone.length > 0) return { need: "major", because: `changes its exported names (${areGone(names.gone)})` };
  if (entries.gone.length > 0) return { need: "major", because: `changes its entries (${areGone(entries.gone)})` };
  if (names.added.length > 0) return { need: "minor", because: `has new exported names (${nameList(names.added)})` };
  if (entries.added.length > 0) return { need: "minor", because: `has new entries (${nameList(entries.added)})` };
  if (shipped.length > 0)
    return { need: "patch", because: `changes what it ships (${nameList(shipped.map(({ path }) => path))})` };
  if (usedFacts(before) !== usedFacts(after)) return { need: "patch", because: "changes what it depends on" };
  return { need: "none", because: "changes nothing that it ships" };
}

interface Difference {
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

function compared(before: ReadonlySet<string>, after: ReadonlySet<string>): Difference {
  return {
    gone: [...before].filter((name) => !after.has(name)),
    added: [...after].filter((name) => !before.has(name)),
  };
}

function namesIn(
  ecosystem: Ecosystem,
  changes: readonly ChangedText[],
  side: (change: ChangedText) => string | undefined,
): ReadonlySet<string> {
  const names = new Set<string>();
  let reexports = 0;
  for (const change of changes) {
    for (const name of exportedNames(ecosystem, change.path, side(change) ?? "")) {
      if (!name.startsWith(reexport)) names.add(name);
      else {
        // Counted over all files: the file that is named may be renamed, and its names stay the same.
        reexports += 1;
        names.add(`${reexport} (${reexports})`);
      }
    }
  }
  return names;
}

function entryChange(before: Manifest, after: Manifest, changes: readonly ChangedText[]): Difference {
  const none: Difference = { gone: [], added: [] };
  if (before.ecosystem !== "npm") return none;
  const old = changes.find(({ path }) => path === before.path)?.before;
  const now = changes.find(({ path }) => path === after.path)?.after;
  const entriesBefore = old === undefined ? undefined : readEntries(old);
  const entriesAfter = now === undefined ? undefined : readEntries(now);
  return entriesBefore === undefined || entriesAfter === undefined ? none : compared(entriesBefore, entriesAfter);
}

/** The dependencies that a user of the package gets with it, as one text to compare. */
function usedFacts({ dependencies }: Manifest): string {
  const used = dependencies.filter(({ kind }) => kind !== "development" && kind !== "indirect");
  return JSON.stringify(used.map(({ kind, name, range }) => `${name} ${kind} ${range}`).sort());
}

function areGone(names: readonly string[]): string {
  return `${nameList(names)} ${names.length === 1 ? "is" : "are"} gone`;
}
