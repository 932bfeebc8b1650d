import { applyEdits, editCalls, inverse } from "../edits.ts";
import type { TextEdit } from "../repair/types.ts";
import { readFiles } from "../repository.ts";
import { runTests, survey } from "../survey.ts";
import { isSourceFile } from "../syntax.ts";
import { callOne, decline, finish, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { declares, renameInCode, wholeWord } from "./rename-code.ts";
import { isDocument, renameFlag, renameInDocument } from "./rename-text.ts";

export interface Rename {
  readonly from: string;
  readonly to: string;
}

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

/** Renames an identifier or a command line flag over the whole repository, runs the tests, and takes it back if they break. */
export function* renameEverywhere({ from, to }: Rename): Work {
  if (reserved.test(to)) return yield* decline(`Can't rename to ${to}`, `\`${to}\` is a reserved word.`);
  const flag = from.startsWith("--");
  const seen = yield* survey(`I run the tests first, then look for \`${from}\`.`);
  const [hits, taken] = yield {
    text: `Where is \`${from}\`, and is \`${to}\` free?`,
    calls: [from, to].map((name) => tool("grep", { pattern: name.replace(/[$]/gu, "\\$").replace(/^-/u, "[-]") })),
  };
  const found = places(hits?.content ?? "", from);
  const clashes = places(taken?.content ?? "", to);
  if (found.length === 0) return yield* decline(`No ${from} here`, `I found no \`${from}\` in the repository.`);
  const clash = clashes.find((place) => isSourceFile(place.path) || isDocument(place.path));
  if (clash)
    return yield* decline(
      `${to} exists already`,
      `I don't rename \`${from}\` to \`${to}\`, because \`${to}\` exists already (\`${clash.path}:${clash.line}\`) and two things would become one.`,
    );

  const paths = [...new Set(found.map((place) => place.path))].slice(0, 60);
  const texts = yield* readFiles(
    `\`${from}\` occurs in ${paths.length} file${paths.length === 1 ? "" : "s"}. I read ${paths.length === 1 ? "it" : "them"}.`,
    paths,
  );
  const plan = flag ? flagPlan(texts, from, to) : identifierPlan(texts, { from, to }, seen.manifest.name);
  if (plan.edits.size === 0)
    return yield* decline(
      `Nothing to rename`,
      `\`${from}\` only occurs where I don't rename:\n\n${plan.left.map((line) => `- ${line}`).join("\n")}`,
    );
  const applied = yield* applyPlan(
    plan.edits,
    texts,
    `I rename in ${plan.edits.size} file${plan.edits.size === 1 ? "" : "s"}.`,
  );
  const after = yield* runTests("I run the tests again.");
  const before = seen.tests.code;
  if (!applied || (after.code !== 0 && before === 0)) {
    yield* takeBack(plan.edits, texts);
    return yield* decline(
      `Renaming ${from} breaks tests`,
      `After renaming \`${from}\` to \`${to}\` ${applied ? "the tests failed" : "an edit failed"}, so I took it all back. It may be used in a way that I don't see, such as by a string.`,
    );
  }
  yield* callOne("This is the change:", tool("git_diff", {}));
  const count = [...plan.edits].map(([path, edits]) => `- \`${path}\`: ${edits.length}`);
  const summary = [
    `Renamed \`${from}\` to \`${to}\`:`,
    count.join("\n"),
    before === 0
      ? "All tests passed before and pass now."
      : `The tests did not pass before (exit code ${before ?? "none"}); now: ${after.code ?? "none"}.`,
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

interface Plan {
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
  readonly left: readonly string[];
}

function identifierPlan(
  texts: ReadonlyMap<string, string>,
  { from, to }: Rename,
  packageName: string | undefined,
): Plan {
  const edits = new Map<string, readonly TextEdit[]>();
  const left: string[] = [];
  const declared = [...texts].filter(([path]) => isSourceFile(path)).map(([path, text]) => declares(path, text, from));
  const members = !declared.some((one) => one.binding) && declared.some((one) => one.member);
  for (const [path, text] of texts) {
    if (isSourceFile(path) || /\.d\.[cm]?ts$/u.test(path)) {
      const renamed = renameInCode(path, text, { from, to, members, packageName });
      if (renamed === undefined) left.push(`\`${path}\`: does not parse`);
      else {
        if (renamed.edits.length > 0) edits.set(path, renamed.edits);
        left.push(...renamed.left.map(({ line, why }) => `\`${path}:${line}\`: ${why}`));
      }
    } else if (isDocument(path)) {
      const found = renameInDocument(text, from, to);
      if (found.length > 0) edits.set(path, found);
      const others = [...text.matchAll(wholeWord(from))].length - found.length;
      if (others > 0) left.push(`\`${path}\`: ${others} in running text`);
    } else left.push(`\`${path}\`: neither code nor documentation`);
  }
  return { edits, left };
}

function flagPlan(texts: ReadonlyMap<string, string>, from: string, to: string): Plan {
  const edits = new Map<string, readonly TextEdit[]>();
  const left: string[] = [];
  const bare = wholeWord(from.slice(2));
  for (const [path, text] of texts) {
    const found = renameFlag(text, from, to);
    if (found.length > 0) edits.set(path, found);
    const names = [...text.matchAll(bare)].length;
    if (isSourceFile(path) && names > 0)
      left.push(
        `\`${path}\`: ${names} of \`${from.slice(2)}\` without dashes, perhaps the option's name in the parser`,
      );
  }
  return { edits, left };
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
