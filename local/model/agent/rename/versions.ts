import * as z from "zod";
import { folderOf, pathIn } from "../folders.ts";
import type { TextEdit } from "../repair/types.ts";
import { isOwnSource } from "../repository.ts";
import type { WorkspaceSurvey } from "../survey.ts";
import { entryEdit, isChangelog, raised, versionEdits } from "../tasks/version.ts";
import type { Plan, Rename } from "./plan.ts";
import { exportsName } from "./rename-code.ts";

/** Versions and ranges that follow a rename over several repositories. */
export interface VersionPlan {
  readonly edits: Plan["edits"];
  /** Lines for a person: the raised versions, and the places to check. */
  readonly notes: readonly string[];
}

/** Paths of the repositories' changelogs, from the workspace's root. */
export function changelogsOf({ files, repositories }: WorkspaceSurvey): readonly string[] {
  return files.filter((path) => repositories.has(folderOf(path)) && isChangelog(path.slice(folderOf(path).length + 1)));
}

/**
 * A renamed export breaks the users of its package. So each published package whose sources export the name gets its next breaking
 * version (https://semver.org: the major part, for 0.x the minor part) with an entry in its changelog, and packages of the other
 * repositories that ask for it ask for the new version.
 */
export function versionPlan(
  seen: WorkspaceSurvey,
  texts: ReadonlyMap<string, string>,
  { from, to }: Rename,
): VersionPlan {
  const edits = new Map<string, readonly TextEdit[]>();
  const notes: string[] = [];
  const add = (path: string, more: readonly TextEdit[]): void => {
    if (more.length > 0) edits.set(path, [...(edits.get(path) ?? []), ...more]);
  };
  for (const [folder, { manifest, manifestText = "" }] of seen.repositories) {
    const { name, version } = manifest;
    const exports = [...texts].some(
      ([path, text]) => folderOf(path) === folder && isOwnSource(path) && exportsName(path, text, from),
    );
    if (!exports || name === undefined || version === undefined || manifest["private"] === true) continue;
    const next = raised(version, version.startsWith("0.") ? "minor" : "major");
    if (next === undefined || /[-+]/u.test(version)) {
      notes.push(`- \`${name}\` breaks its users, but I can't raise the version \`${version}\`.`);
      continue;
    }
    notes.push(`- \`${name}\` goes from ${version} to ${next}: a renamed export breaks its users.`);
    add(pathIn(folder, "package.json"), versionEdits(manifestText, version, next, 1));
    for (const path of changelogsOf(seen).filter((one) => folderOf(one) === folder)) {
      const entry = `Breaking: \`${from}\` is now called \`${to}\``;
      add(path, [entryEdit(texts.get(path) ?? "", next, entry)]);
    }
    for (const [consumer, other] of seen.repositories) {
      for (const range of rangesOf(other.manifestText, name)) {
        const wanted = following(range, next);
        const path = pathIn(consumer, "package.json");
        if (wanted === undefined) notes.push(`- \`${path}\` asks for \`${name}\` \`${range}\`: please look.`);
        else add(path, rangeEdits(other.manifestText ?? "", name, range, wanted));
        if (wanted !== undefined)
          notes.push(`- \`${consumer}\` asks for \`${name}\` \`${wanted}\` instead of \`${range}\`.`);
      }
    }
  }
  return { edits, notes };
}

const dependencySchema = z.record(z.string(), z.string()).optional().catch(undefined);
const dependentSchema = z.looseObject({
  dependencies: dependencySchema,
  devDependencies: dependencySchema,
  peerDependencies: dependencySchema,
  optionalDependencies: dependencySchema,
});

/** The distinct ranges in which a package.json asks for a package. */
function rangesOf(manifestText: string | undefined, name: string): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(manifestText ?? "{}");
  } catch {
    return [];
  }
  const manifest = dependentSchema.safeParse(json).data ?? {};
  const groups = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;
  return [...new Set(groups.flatMap((group) => manifest[group]?.[name] ?? []))];
}

/** The same kind of range from the new version on; `undefined` for a range that isn't a single version with or without an operator. */
function following(range: string, next: string): string | undefined {
  const operator = /^(\^|~|>=|)\s*v?\d+(?:\.\d+){0,2}$/u.exec(range)?.[1];
  return operator === undefined ? undefined : `${operator}${next}`;
}

function rangeEdits(text: string, name: string, range: string, wanted: string): readonly TextEdit[] {
  const escaped = [name, range].map((part) => part.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&"));
  return [...text.matchAll(new RegExp(`("${escaped[0]}"\\s*:\\s*")${escaped[1]}(?=")`, "gu"))].map((match) => {
    const start = match.index + (match[1] ?? "").length;
    return { start, end: start + range.length, text: wanted };
  });
}
