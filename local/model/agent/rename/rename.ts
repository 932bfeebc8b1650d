import { applyEdits, editCalls, inverse } from "../edits.ts";
import { pathIn } from "../folders.ts";
import { readFiles } from "../repository.ts";
import { runAllTests, surveyWorkspace } from "../survey.ts";
import { isSourceFile } from "../syntax.ts";
import { decline, finish, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { flagPlan, identifierPlan } from "./plan.ts";
import type { Plan, Rename } from "./plan.ts";
import { wholeWord } from "./rename-code.ts";
import { isDocument } from "./rename-text.ts";
import { changelogsOf, versionPlan } from "./versions.ts";

/** Reads "rename X to Y" from a request; `undefined` when it asks for something else. */
export function readRename(prompt: string): Rename | undefined {
  const kind =
    "(?:function|variable|const|constant|class|method|flag|option|identifier|symbol|component|type|interface|property|field|export|parameter|helper)";
  const name = "[`'\"“]?(--[a-z][\\w-]*|[A-Za-z_$][\\w$]*)(?:\\(\\))?[`'\"”]?";
  const found = new RegExp(
    `\\brename(?:s|d)?\\s+(?:the\\s+|all\\s+|every\\s+)*(?:${kind}\\s+)?${name}(?:\\s+${kind})?\\s+(?:everywhere\\s+)?(?:to|into|as|->|→|=>)\\s+${name}`,
    "iu",
  ).exec(prompt);
  const [from, to] = [found?.[1], found?.[2]];
  if (
    from === undefined ||
    to === undefined ||
    from === to ||
    /^(?:it|this|that|them|these|the|all|file|files)$/iu.test(from)
  )
    return undefined;
  return from.startsWith("--") === to.startsWith("--") ? { from, to } : undefined;
}

const reserved =
  /^(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|let|static|await|async|of|undefined|arguments|eval)$/u;

/**
 * Renames an identifier or a command line flag over all repositories, runs their tests, and takes it back if they break. `folders`: where
 * the repositories are under the workspace's root; "" is the root itself. Over several, versions and ranges follow.
 */
export function* renameEverywhere(rename: Rename, folders: readonly string[]): Work {
  const { from, to } = rename;
  if (reserved.test(to)) return yield* decline(`Can't rename to ${to}`, `\`${to}\` is a reserved word.`);
  const isSeveral = !folders.includes("");
  const seen = yield* surveyWorkspace(`I run the tests first, then look for \`${from}\`.`, folders);
  const paths = yield* findPaths(rename, isSeveral ? "repositories" : "repository");
  if (paths === undefined) return;
  const texts = yield* readFiles(
    `\`${from}\` occurs in ${paths.length} file${paths.length === 1 ? "" : "s"}. I read ${paths.length === 1 ? "it" : "them"}.`,
    [...new Set([...paths, ...(isSeveral ? changelogsOf(seen) : [])])],
  );
  const names = [...seen.repositories.values()].flatMap(({ manifest }) => manifest.name ?? []);
  const plan = from.startsWith("--") ? flagPlan(texts, from, to) : identifierPlan(texts, rename, new Set(names));
  if (plan.edits.size === 0)
    return yield* decline(
      `Nothing to rename`,
      `\`${from}\` only occurs where I don't rename:\n\n${plan.left.map((line) => `- ${line}`).join("\n")}`,
    );
  const versions = isSeveral ? versionPlan(seen, texts, rename) : { edits: new Map(), notes: [] };
  for (const [folder, { manifestText }] of seen.repositories)
    if (manifestText !== undefined) texts.set(pathIn(folder, "package.json"), manifestText);
  const edits = merged(plan.edits, versions.edits);
  const applied = yield* applyPlan(edits, texts, `I rename in ${edits.size} file${edits.size === 1 ? "" : "s"}.`);
  const after = yield* runAllTests("I run the tests again.", folders);
  const runs = folders.map((folder, index) => ({
    folder,
    before: seen.repositories.get(folder)?.tests.code,
    after: after[index]?.code,
  }));
  if (!applied || runs.some((run) => run.after !== 0 && run.before === 0)) {
    yield* takeBack(edits, texts);
    return yield* decline(
      `Renaming ${from} breaks tests`,
      `After renaming \`${from}\` to \`${to}\` ${applied ? "the tests failed" : "an edit failed"}, so I took it all back. It may be used in a way that I don't see, such as by a string.`,
    );
  }
  const changed = folders.filter((folder) => [...edits.keys()].some((path) => path.startsWith(pathIn(folder, ""))));
  yield {
    text: "This is the change:",
    calls: changed.map((folder) => tool("git_diff", folder === "" ? {} : { path: folder })),
  };
  const summary = [
    `Renamed \`${from}\` to \`${to}\`:`,
    [...plan.edits].map(([path, list]) => `- \`${path}\`: ${list.length}`).join("\n"),
    ...(versions.notes.length > 0 ? [`Versions:\n\n${versions.notes.join("\n")}`] : []),
    runs.map(testsSentence).join("\n"),
    ...(plan.left.length > 0
      ? [
          `Left alone, please look:\n\n${plan.left
            .slice(0, 40)
            .map((line) => `- ${line}`)
            .join("\n")}`,
        ]
      : []),
    signature,
  ].join("\n\n");
  yield* finish("Done.", { title: `Rename ${from} to ${to}`, summary, outcome: "done" });
}

/** The files in which the name occurs, at most 60; `undefined` after the work was declined. `where`: the searched places, for a person. */
function* findPaths({ from, to }: Rename, where: string): Work<readonly string[] | undefined> {
  const [hits, taken] = yield {
    text: `Where is \`${from}\`, and is \`${to}\` free?`,
    calls: [from, to].map((name) => tool("grep", { pattern: name.replace(/[$]/gu, "\\$").replace(/^-/u, "[-]") })),
  };
  const found = places(hits?.content ?? "", from);
  if (found.length === 0) {
    yield* decline(`No ${from} here`, `I found no \`${from}\` in the ${where}.`);
    return undefined;
  }
  const clash = places(taken?.content ?? "", to).find((place) => isSourceFile(place.path) || isDocument(place.path));
  if (clash === undefined) return [...new Set(found.map((place) => place.path))].slice(0, 60);
  yield* decline(
    `${to} exists already`,
    `I don't rename \`${from}\` to \`${to}\`, because \`${to}\` exists already (\`${clash.path}:${clash.line}\`) and two things would become one.`,
  );
  return undefined;
}

interface TestRuns {
  readonly folder: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

function testsSentence({ folder, before, after }: TestRuns): string {
  const of = folder === "" ? "" : ` of \`${folder}\``;
  return before === 0
    ? `All tests${of} passed before and pass now.`
    : `The tests${of} did not pass before (exit code ${before ?? "none"}); now: ${after ?? "none"}.`;
}

/** The edits of both plans; where both change one file, their edits don't overlap. */
function merged(one: Plan["edits"], other: Plan["edits"]): Plan["edits"] {
  const all = new Map(one);
  for (const [path, edits] of other) all.set(path, [...(all.get(path) ?? []), ...edits]);
  return all;
}

function* applyPlan(edits: Plan["edits"], texts: ReadonlyMap<string, string>, text: string): Work<boolean> {
  const calls = [...edits].flatMap(([path, list]) => editCalls(path, texts.get(path) ?? "", list));
  let worked = true;
  for (let at = 0; at < calls.length; at += 30) {
    const results = yield { text: at === 0 ? text : "More of it.", calls: calls.slice(at, at + 30) };
    worked &&= results.every((result) => !result.isError);
  }
  return worked;
}

function* takeBack(edits: Plan["edits"], texts: ReadonlyMap<string, string>): Work {
  const changed = new Map([...edits].map(([path, list]) => [path, applyEdits(texts.get(path) ?? "", list)]));
  const back = new Map([...edits].map(([path, list]) => [path, inverse(texts.get(path) ?? "", list)]));
  yield* applyPlan(back, changed, "That did not work out. I take it back.");
}

function places(grepOutput: string, name: string): readonly { readonly path: string; readonly line: number }[] {
  const whole = name.startsWith("--") ? new RegExp(`(?<![\\w-])${name}(?![\\w-])`, "u") : wholeWord(name);
  return grepOutput.split("\n").flatMap((row) => {
    const match = /^(?:\.\/)?([^:]+):(\d+):(.*)$/u.exec(row);
    if (!match || !new RegExp(whole.source, "u").test(match[3] ?? "")) return [];
    const path = match[1] ?? "";
    return /(?:^|\/)(?:node_modules|\.git|dist|coverage)\//u.test(path) || /(?:^|\/)package-lock\.json$/u.test(path)
      ? []
      : [{ path, line: Number(match[2]) }];
  });
}
