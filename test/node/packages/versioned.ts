import { readManifest } from "../../../domain/packages/manifests.ts";
import type { ChangedText } from "../../../domain/packages/package-change.ts";
import type { Manifest } from "../../../domain/packages/types.ts";
import { versionBumps, type VersionBumps, type VersionedRepository } from "../../../domain/packages/version-bumps.ts";

/** The changed files of a repository: before and after, null where the file is absent or binary. */
export type Files = Readonly<Record<string, readonly [before: string | null, after: string | null]>>;

/** A repository whose manifests are among its files; one that is the same on both sides is no change. */
export function repository(name: string, files: Files): VersionedRepository {
  const side = (index: 0 | 1): readonly Manifest[] =>
    Object.entries(files).flatMap(([path, texts]) => readManifest(path, texts[index] ?? "") ?? []);
  const changes = Object.entries(files)
    .filter(([, [before, after]]) => before !== after || before === null)
    .map(([path, [before, after]]): ChangedText => ({ path, before: before ?? undefined, after: after ?? undefined }));
  return { repositoryId: `id-${name}`, name, manifestsBefore: side(0), manifestsAfter: side(1), changes };
}

export const npm = (name: string, version: string | undefined, more: object = {}): string =>
  JSON.stringify({ name, version, ...more });
export const same = (text: string): readonly [string, string] => [text, text];
export const asking = (range: string, before = range): VersionedRepository =>
  repository("app", {
    "package.json": [
      npm("app", "1.0.0", { dependencies: { units: before } }),
      npm("app", "1.0.0", { dependencies: { units: range } }),
    ],
  });

/** The matrix of a library and a consumer that takes any version of it, pre-releases too. */
export const units = (
  from: string,
  to: string,
  files: Files,
  more: readonly [object, object] = [{}, {}],
): VersionBumps =>
  versionBumps([
    repository("units", { "package.json": [npm("units", from, more[0]), npm("units", to, more[1])], ...files }),
    asking(`>=${from} || <${from}`),
  ]);
export const messages = ({ warnings }: VersionBumps): readonly string[] =>
  warnings.map(({ message, rule }) => `${rule}: ${message}`);

export const gone: Files = {
  "src/index.ts": ["export const toMetres = 1;\nexport const a = 1;", "export const a = 1;"],
};
export const added: Files = {
  "src/index.ts": ["export const a = 1;", "export const a = 1;\nexport const toFeet = 1;"],
};
export const repaired: Files = { "src/index.ts": ["export const a = 1;", "export const a = 2;"] };
