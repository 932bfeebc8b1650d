import { editCalls } from "../edits.ts";
import type { ToolCall } from "../../wire/conversation.ts";
import { readFiles } from "../repository.ts";
import { survey } from "../survey.ts";
import { callOne, decline, finish, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { entryEdit, isChangelog, raised, versionEdits } from "./version.ts";

export interface Release {
  /** The new version, or which part of the present one goes up; `undefined` when only the changelog is meant. */
  readonly version: string | undefined;
  /** Text of a changelog entry; `undefined` when none is wanted. */
  readonly entry: string | undefined;
}

/** Reads "bump the version to 1.2.3" and "add a CHANGELOG entry: ..." from a request. */
export function readRelease(prompt: string): Release | undefined {
  const version =
    /\b(?:bump|set|change|update|raise)\b[^.\n]{0,40}?\bversion\b[^.\n]{0,30}?\bto\s+[`"']?v?(\d+\.\d+\.\d+(?:-[\w.]+)?)/iu.exec(
      prompt,
    )?.[1] ??
    /\bbump\b[^.\n]{0,40}?\bto\s+[`"']?v?(\d+\.\d+\.\d+(?:-[\w.]+)?)/iu.exec(prompt)?.[1] ??
    /\b(?:bump|raise)\b[^.\n]{0,30}?\b(major|minor|patch)\b/iu.exec(prompt)?.[1]?.toLowerCase();
  const asked = /\bchange-?log\b[^\n:]{0,60}?(?::|\bsaying\b|\bthat says\b|\bfor\b)\s*[`"'“]?([^\n`"”]+)/iu
    .exec(prompt)?.[1]
    ?.trim();
  if (version === undefined && asked === undefined) return undefined;
  return { version, entry: asked };
}

/** Sets the version in package.json and its lockfile, and adds a changelog entry in the changelog's own form. */
export function* release({ version, entry }: Release): Work {
  const seen = yield* survey("I run the tests first and look around.");
  const present = seen.manifest.version;
  if (present === undefined || seen.manifestText === undefined)
    return yield* decline("No version", "There is no package.json with a version.");
  const next = version === undefined ? present : /^\d/u.test(version) ? version : raised(present, version);
  if (next === undefined)
    return yield* decline("Unclear version", `I can't raise \`${present}\` by \`${version ?? ""}\`.`);
  const changelog = seen.files.find(isChangelog);
  if (entry !== undefined && changelog === undefined)
    return yield* decline("No changelog", "There is no CHANGELOG.md to add an entry to.");
  const texts = yield* readFiles("I read what has to change.", [
    ...(changelog !== undefined && entry !== undefined ? [changelog] : []),
    ...seen.files.filter((path) => path === "package-lock.json"),
  ]);
  const calls = [];
  if (next !== present) {
    calls.push(...versionCalls("package.json", seen.manifestText, present, next, 1));
    calls.push(...versionCalls("package-lock.json", texts.get("package-lock.json") ?? "", present, next, 2));
  }
  if (changelog !== undefined && entry !== undefined) {
    const text = texts.get(changelog) ?? "";
    calls.push(...editCalls(changelog, text, [entryEdit(text, next, entry)]));
  }
  if (calls.length === 0) return yield* decline("Nothing to change", `The version is \`${present}\` already.`);
  const results = yield { text: `I set the version to ${next}.`, calls };
  if (results.some((result) => result.isError))
    return yield* decline("An edit failed", results.map((result) => result.content).join("\n"));
  yield* callOne("This is the change:", tool("git_diff", {}));
  const what =
    next === present
      ? `Added a changelog entry for ${next}.`
      : `Set the version from ${present} to ${next}${entry === undefined ? "" : " and added a changelog entry"}.`;
  yield* finish("Done.", {
    title: next === present ? "Add a changelog entry" : `Bump version to ${next}`,
    summary: `${what}\n\n${signature}`,
    outcome: "done",
  });
}

function versionCalls(path: string, text: string, present: string, next: string, times: number): readonly ToolCall[] {
  const edits = versionEdits(text, present, next, times);
  return edits.length === 0 ? [] : editCalls(path, text, edits);
}
