import { pathProblem, symlinkEscapes } from "../patch-set/paths.ts";
import { addedLines } from "../patch-set/text.ts";
import { globMatcher } from "./glob.ts";
import { secretsInLine } from "./secrets.ts";
import type { Policy, PolicyInput, PolicyViolation } from "./types.ts";
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
    const lines = input.afterText === undefined ? [] : addedLines(input.beforeText ?? "", input.afterText);
    totalAdded += lines.length;
    violations.push(...capped(lineRules(input.change.path, lines)));
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
  const problem = pathProblem(change.path);
  if (problem !== undefined) add("path-escape", "BLOCK", `This path can't be written: ${problem}.`);
  if (unicodeFindings(change.path).length > 0)
    add("hidden-unicode", "BLOCK", "The file's name has hidden or look-alike characters.");
  if (matchers.frozen(change.path)) add("frozen-file", "BLOCK", "This file is frozen by policy.");
  if (matchers.ciFiles(change.path)) add("ci-file", "WARN", "This changes what runs in CI.");
  if (matchers.owners(change.path)) add("code-owners", "WARN", "This changes who must review.");
  if (matchers.dependencies(change.path)) add("dependency", "WARN", "This may change what is installed.");
  return violations;
}

function contentRules({ afterText, change }: PolicyInput, policy: Policy): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  const add = (rule: string, severity: "WARN" | "BLOCK", message: string): void =>
    void violations.push({ rule, severity, path: change.path, line: null, message });
  if (change.bytes === undefined) return violations;
  if (change.afterMode === "120000") {
    const target = afterText ?? "";
    if (symlinkEscapes(change.path, target))
      add("symlink", "BLOCK", `The symlink points outside the repository: ${JSON.stringify(target)}.`);
    else add("symlink", "WARN", `This is a symlink to ${JSON.stringify(target)}.`);
    return violations;
  }
  if (afterText === undefined) add("binary", "WARN", "This is a binary file: its content can't be reviewed as text.");
  if (change.afterMode === "100755" && change.beforeMode !== "100755")
    add("executable", "WARN", "This file becomes executable.");
  const size = change.bytes.length;
  if (size > policy.maxFileBytes.block)
    add("size", "BLOCK", `The file has ${size} bytes; at most ${policy.maxFileBytes.block} are allowed.`);
  else if (size > policy.maxFileBytes.warn) add("size", "WARN", `The file has ${size} bytes.`);
  return violations;
}

function lineRules(
  path: string,
  lines: readonly { readonly line: number; readonly text: string }[],
): readonly PolicyViolation[] {
  const violations: PolicyViolation[] = [];
  for (const { line, text } of lines) {
    for (const name of secretsInLine(text)) {
      violations.push({
        rule: "secret",
        severity: "BLOCK",
        path,
        line,
        message: `This looks like a credential (${name}).`,
      });
    }
    for (const finding of unicodeFindings(text)) {
      violations.push({
        rule: "hidden-unicode",
        severity: finding === "homoglyph" ? "WARN" : "BLOCK",
        path,
        line,
        message: unicodeMessage[finding],
      });
    }
  }
  return violations;
}

const unicodeMessage = {
  bidi: "A bidirectional control character shows this line in another order than it runs.",
  invisible: "This line has invisible characters.",
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
