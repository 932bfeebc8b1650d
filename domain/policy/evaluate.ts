import { isExecutableMode, isSymlinkMode } from "../../contracts/file-mode.ts";
import type { Encoding } from "../../contracts/patch-set.ts";
import { newPathProblem, pathProblem, symlinkEscapes } from "../patch-set/paths.ts";
import { isReadable } from "../patch-set/content.ts";
import { addedLines, newLines, type AddedLine } from "../patch-set/text.ts";
import { globMatcher } from "./glob.ts";
import { secretsIn, secretsInLine, type FoundSecret } from "./secrets.ts";
import { unseenRule, type Policy, type PolicyInput, type PolicyViolation } from "./types.ts";
import { unicodeFindings } from "./unicode.ts";

/** At most this many violations of one rule are listed for one path; the last one says how many more there are. */
const maxPerRuleAndPath = 5;

/** Every breach of the policy by the changes, ordered BLOCK first, then by path. Pure: the same input, the same list. */
export function evaluatePolicy(policy: Policy, inputs: readonly PolicyInput[]): readonly PolicyViolation[] {
  const matchers = matchersOf(policy);
  const violations: PolicyViolation[] = [];
  let totalAdded = 0;
  for (const input of inputs) {
    violations.push(...pathRules(input, matchers), ...contentRules(input, policy));
    const { hidden, lines } = linesOf(input);
    totalAdded += lines.length;
    violations.push(...capped([...lineRules(input.change.path, lines), ...secretRules(input.change.path, hidden)]));
  }
  violations.push(...sizeRules(policy, inputs.length, totalAdded));
  return violations.sort(
    (a, b) =>
      severityRank(a) - severityRank(b) ||
      compare(a.path ?? "", b.path ?? "") ||
      (a.line ?? 0) - (b.line ?? 0) ||
      compare(a.rule, b.rule),
  );
}

/** True when a violation keeps the patch set from being approved. */
export function isBlocked(violations: readonly PolicyViolation[]): boolean {
  return violations.some((violation) => violation.severity === "BLOCK");
}

/** The lines that a change adds as a reader sees them, and those that only a program may see: of a binary, or of other readings. */
function linesOf({ after, before }: PolicyInput): {
  readonly lines: readonly AddedLine[];
  readonly hidden: readonly AddedLine[];
} {
  if (after === undefined) return { lines: [], hidden: [] };
  if (!isReadable(after)) return { lines: [], hidden: newLines(before?.text ?? "", after.text) };
  const lines = addedLines(before?.text ?? "", after.text);
  const { byteText } = after;
  return { lines, hidden: byteText === undefined ? [] : newLines(before?.byteText ?? before?.text ?? "", byteText) };
}

type Matchers = Readonly<Record<"frozen" | "ciFiles" | "owners" | "dependencies", (path: string) => boolean>>;

const compiled = new WeakMap<Policy, Matchers>();

/** A policy's globs as functions, made once for each policy. */
function matchersOf(policy: Policy): Matchers {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const { ciFiles, dependencies, frozen, owners } = policy;
  const matcher = (globs: readonly string[]) => globMatcher(globs, { ignoreCase: true });
  const matchers = {
    frozen: matcher(frozen),
    ciFiles: matcher(ciFiles),
    owners: matcher(owners),
    dependencies: matcher(dependencies),
  };
  compiled.set(policy, matchers);
  return matchers;
}

function pathRules({ change }: PolicyInput, matchers: Matchers): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  const add = (rule: string, severity: "WARN" | "BLOCK", message: string): void =>
    void violations.push({ rule, severity, path: change.path, line: null, message });
  const problem = change.status === "added" ? newPathProblem(change.path) : pathProblem(change.path);
  if (problem !== undefined) add("path-escape", "BLOCK", `This path can't be written: ${problem}.`);
  if (unicodeFindings(change.path).length > 0)
    add("hidden-unicode", "BLOCK", "The file's name has hidden or look-alike characters.");
  for (const name of secretsInLine(change.path))
    add("secret", "BLOCK", `The file's name looks like a credential (${name}).`);
  if (matchers.frozen(change.path)) add("frozen-file", "BLOCK", "This file is frozen by policy.");
  if (matchers.ciFiles(change.path)) add("ci-file", "WARN", "This changes what runs in CI.");
  if (matchers.owners(change.path)) add("code-owners", "WARN", "This changes who must review.");
  if (matchers.dependencies(change.path)) add("dependency", "WARN", "This may change what is installed.");
  return violations;
}

function contentRules({ after, change }: PolicyInput, policy: Policy): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  const add = (rule: string, severity: "WARN" | "BLOCK", message: string): void =>
    void violations.push({ rule, severity, path: change.path, line: null, message });
  if (change.bytes === undefined) return violations;
  if (isSymlinkMode(change.afterMode)) {
    const target = after?.text ?? "";
    if (symlinkEscapes(change.path, target))
      add("symlink", "BLOCK", `The symlink points outside the repository: ${JSON.stringify(target)}.`);
    else add("symlink", "WARN", `This is a symlink to ${JSON.stringify(target)}.`);
    return violations;
  }
  const encoding = after?.encoding ?? "utf-8";
  if (encoding === "binary")
    add(unseenRule, "WARN", "The content can't be shown as text: an approval covers bytes that nobody has read.");
  else if (encoding !== "utf-8") add("encoding", "WARN", encodingMessage[encoding]);
  if (isExecutableMode(change.afterMode) && !isExecutableMode(change.beforeMode))
    add("executable", "WARN", "This file becomes executable.");
  const size = change.bytes.length;
  if (size > policy.maxFileBytes.block)
    add("size", "BLOCK", `The file has ${size} bytes; at most ${policy.maxFileBytes.block} are allowed.`);
  else if (size > policy.maxFileBytes.warn) add("size", "WARN", `The file has ${size} bytes.`);
  return violations;
}

const encodingMessage: Readonly<Record<Exclude<Encoding, "utf-8" | "binary">, string>> = {
  "utf-16le": "The file is in UTF-16: it is shown decoded, and programs that expect UTF-8 read it otherwise.",
  "utf-16be": "The file is in UTF-16: it is shown decoded, and programs that expect UTF-8 read it otherwise.",
  mixed: "The file has bytes that are not UTF-8, or NULs: they are written out where it is shown.",
};

function lineRules(path: string, lines: readonly AddedLine[]): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [...secretRules(path, lines)];
  for (const { line, text } of lines)
    for (const finding of unicodeFindings(text)) {
      violations.push({
        rule: "hidden-unicode",
        severity: finding === "homoglyph" || finding === "control" ? "WARN" : "BLOCK",
        path,
        line,
        message: unicodeMessage[finding],
      });
    }
  return violations;
}

/** All lines are looked through as one text: a key has many, and most texts have no credential. */
function secretRules(path: string, lines: readonly AddedLine[]): readonly PolicyViolation[] {
  const texts = [lines.map(({ text }) => text)];
  // Without its NULs, wide text reads as text wherever it begins.
  if (lines.some(({ text }) => text.includes("\0"))) texts.push(lines.map(({ text }) => text.replaceAll("\0", "")));
  const violations = new Map<string, PolicyViolation>();
  for (const text of texts)
    for (const { at, isCertain, name } of placedSecrets(text)) {
      const line = lines[at]?.line ?? null;
      const message = `This looks like a credential (${name}).`;
      const found = isCertain
        ? ({ rule: "secret", severity: "BLOCK", path, line, message } as const)
        : ({ rule: "possible-secret", severity: "WARN", path, line, message } as const);
      violations.set(`${line} ${name}`, found);
    }
  return [...violations.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** The credentials in lines, each with the index of its line. */
function placedSecrets(lines: readonly string[]): readonly (FoundSecret & { readonly at: number })[] {
  const found = secretsIn(lines.join("\n")).toSorted((a, b) => a.index - b.index);
  let at = 0;
  let end = lines[0]?.length ?? 0;
  return found.map((secret) => {
    while (secret.index > end && at < lines.length - 1) {
      at += 1;
      end += 1 + (lines[at]?.length ?? 0);
    }
    return { ...secret, at };
  });
}

const unicodeMessage = {
  bidi: "A bidirectional control character shows this line in another order than it runs.",
  invisible: "This line has invisible characters.",
  control: "This line has control characters: a terminal obeys them, and shows another text.",
  homoglyph: "A word mixes Latin with look-alike letters of another script.",
} as const;

function sizeRules(policy: Policy, files: number, addedLineCount: number): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  const check = (value: number, limit: { readonly warn: number; readonly block: number }, what: string): void => {
    if (value > limit.block)
      violations.push({
        rule: "size",
        severity: "BLOCK",
        path: null,
        line: null,
        message: `${value} ${what}; at most ${limit.block} are allowed.`,
      });
    else if (value > limit.warn)
      violations.push({
        rule: "size",
        severity: "WARN",
        path: null,
        line: null,
        message: `${value} ${what}: large to review.`,
      });
  };
  check(files, policy.maxFiles, "files change");
  check(addedLineCount, policy.maxAddedLines, "lines are added");
  return violations;
}

function capped(violations: readonly PolicyViolation[]): readonly PolicyViolation[] {
  const counts = new Map<string, number>();
  const kept: PolicyViolation[] = [];
  for (const violation of violations) {
    const count = (counts.get(violation.rule) ?? 0) + 1;
    counts.set(violation.rule, count);
    if (count <= maxPerRuleAndPath) kept.push(violation);
  }
  for (const [rule, count] of counts) {
    const last = kept.findLastIndex((violation) => violation.rule === rule);
    const violation = kept[last];
    if (count > maxPerRuleAndPath && violation !== undefined) {
      kept[last] = {
        ...violation,
        message: `${violation.message} (and ${count - maxPerRuleAndPath} more like it in this file)`,
      };
    }
  }
  return kept;
}

function severityRank(violation: PolicyViolation): number {
  return violation.severity === "BLOCK" ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
