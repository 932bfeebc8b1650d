import { child, word } from "../../syntax.ts";
import type { SyntaxNode } from "../../syntax.ts";
import { looksLikeTypo } from "../similar.ts";
import { replace, textOf } from "../types.ts";
import type { FileContext, Operator, Proposal } from "../types.ts";

/** Other numbers: neighbours, 0 and 1, tenfold, those of the same file, and those that the failing test's values suggest. */
export const numbers: Operator = function* ({ node, ancestors }, context) {
  if (node.type !== "NumericLiteral" || typeof node["value"] !== "number") return;
  const value = node["value"];
  const near: (readonly [number, number])[] = [
    [value + 1, 0.7],
    [value - 1, 0.7],
    [0, 0.45],
    [1, 0.45],
    [value * 10, 0.3],
    [value / 10, 0.3],
    [value * 2, 0.22],
    [value / 2, 0.22],
    [value * 100, 0.12],
    [value / 100, 0.12],
    [value * 1000, 0.14],
    [value / 1000, 0.14],
    [value + 2, 0.15],
    [value - 2, 0.15],
  ];
  const priors = new Map<number, number>();
  const suggest = (number: number, prior: number): void => {
    if (number !== value && Number.isFinite(number)) priors.set(number, Math.max(prior, priors.get(number) ?? 0));
  };
  for (const [number, prior] of near) suggest(number, prior);
  for (const [number, prior] of numbersByMismatch(value, context)) suggest(number, prior);
  for (const [number, prior] of priors) yield literal(context, node, ancestors.at(-1), number, prior);
  for (const other of context.pools.numbers.slice(0, 25)) {
    const number = Number(other.replaceAll("_", ""));
    if (number !== value && !priors.has(number)) yield replace(node, other, 0.2);
  }
  yield replace(node, `-${textOf(context, node)}`, 0.3);
};

function literal(
  context: FileContext,
  node: SyntaxNode,
  parent: SyntaxNode | undefined,
  number: number,
  prior: number,
): Proposal {
  const hex = /^0x/iu.test(textOf(context, node)) && Number.isInteger(number) && number >= 0;
  const shown = hex ? `0x${number.toString(16)}` : String(number);
  return replace(node, number < 0 && parent?.type === "BinaryExpression" ? `(${shown})` : shown, prior);
}

/**
 * If a test got 60 and wanted 3600, a literal may be sixty times too small, or 3540 too small. Such numbers always fit the
 * one test that they come from, so they only count much when they fit two, and when 0 and 1 are not turned into them.
 */
function numbersByMismatch(value: number, context: FileContext): readonly (readonly [number: number, prior: number])[] {
  const votes = new Map<number, number>();
  for (const { actual, expected } of context.mismatches.slice(0, 12)) {
    const got = numberIn(actual);
    const wanted = numberIn(expected);
    if (got === undefined || wanted === undefined || got === wanted) continue;
    const fitting = new Set([value + wanted - got]);
    if (got !== 0 && wanted !== 0)
      for (const number of [tidy((value * wanted) / got), tidy((value * got) / wanted)]) fitting.add(number);
    for (const number of fitting) votes.set(number, (votes.get(number) ?? 0) + 1);
  }
  return [...votes].map(([number, count]) => [number, Math.abs(value) <= 1 ? 0.2 : count > 1 ? 0.9 : 0.4]);
}

function tidy(number: number): number {
  return Math.abs(number - Math.round(number)) < 1e-9 ? Math.round(number) : Number(number.toPrecision(12));
}

function numberIn(text: string): number | undefined {
  const found = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.exec(text.replaceAll("_", "").trim())?.[0];
  return found === undefined ? undefined : Number(found);
}

/** `true` and `false`, and `null` and `undefined`, exchanged. */
export const constants: Operator = function* ({ node, ancestors }, context) {
  if (node.type === "BooleanLiteral") yield replace(node, node["value"] === true ? "false" : "true", 0.85);
  if (node.type === "NullLiteral") yield replace(node, "undefined", 0.3);
  const parent = ancestors.at(-1);
  if (node.type === "Identifier" && textOf(context, node) === "undefined" && parent?.type !== "MemberExpression") {
    yield replace(node, "null", 0.3);
  }
  if (node.type === "ArrayExpression" && node.end - node.start <= 2) yield replace(node, "null", 0.1);
};

/** Other strings: empty, those of the same file, and this one with the difference that the failing test shows. */
export const strings: Operator = function* ({ node, ancestors }, context) {
  const template = node.type === "TemplateElement";
  if (node.type !== "StringLiteral" && !template) return;
  const parent = ancestors.at(-1);
  if (parent && /^(?:Import|Export)/u.test(parent.type)) return;
  const shown = textOf(context, node);
  const quote = template ? "" : shown.slice(0, 1);
  const inner = template ? shown : shown.slice(1, -1);
  const seen = new Set([inner]);
  for (const text of stringsByMismatch(inner, context)) {
    if (seen.has(text)) continue;
    seen.add(text);
    yield replace(node, quote + text + quote, 0.95);
  }
  const simple: (readonly [string, number])[] = [
    ["", 0.25],
    [" ", 0.2],
    [`${inner} `, 0.12],
    [` ${inner}`, 0.12],
    [inner.trim(), 0.3],
    [inner.toLowerCase(), 0.2],
    [inner.toUpperCase(), 0.2],
    [`${inner}s`, 0.08],
    [inner.slice(0, -1), 0.15],
    [inner.slice(1), 0.12],
  ];
  for (const [text, prior] of simple) {
    if (seen.has(text)) continue;
    seen.add(text);
    yield replace(node, quote + text + quote, prior);
  }
  if (template) return;
  const sides = parent?.type === "BinaryExpression" ? [child(parent, "left"), child(parent, "right")] : [];
  if (sides.some((side) => word(side, "operator") === "typeof")) {
    for (const type of typeNames.filter((one) => !seen.has(one))) {
      yield replace(node, quote + type + quote, looksLikeTypo(inner, type) ? 0.95 : 0.5);
    }
  }
  for (const other of context.pools.strings.slice(0, 60)) {
    if (other === shown || seen.has(other.slice(1, -1))) continue;
    yield replace(node, other, looksLikeTypo(inner, other.slice(1, -1)) ? 0.85 : 0.22);
  }
};

const typeNames = ["string", "number", "object", "function", "undefined", "boolean", "symbol", "bigint"];

/** The literal with each place replaced where what the test got differs from what it wanted. */
function stringsByMismatch(inner: string, context: FileContext): readonly string[] {
  const found: string[] = [];
  for (const { actual, expected } of context.mismatches.slice(0, 12)) {
    if (actual.length > 400 || expected.length > 400) continue;
    const { got, wanted, before, after } = difference(actual, expected);
    if (got !== "" && inner.includes(got))
      found.push(
        inner.replace(got, () => wanted),
        inner.replaceAll(got, () => wanted),
      );
    if (got === "" && wanted !== "") {
      for (const width of [1, 2, 3]) {
        const left = before.slice(-width);
        const right = after.slice(0, width);
        if (left.length === width && inner.includes(left)) found.push(inner.replace(left, () => left + wanted));
        if (right.length === width && inner.includes(right)) found.push(inner.replace(right, () => wanted + right));
      }
      if (inner === "") found.push(wanted);
    }
    for (const size of [1, 2]) {
      const wide = {
        got: before.slice(-size) + got + after.slice(0, size),
        wanted: before.slice(-size) + wanted + after.slice(0, size),
      };
      if (wide.got !== "" && inner.includes(wide.got)) found.push(inner.replace(wide.got, () => wide.wanted));
    }
    if (inner === actual) found.push(expected);
  }
  return [...new Set(found)].filter((text) => !/[\n\r`'"\\$]/u.test(text) || text === inner);
}

function difference(actual: string, expected: string): { got: string; wanted: string; before: string; after: string } {
  let start = 0;
  while (start < actual.length && start < expected.length && actual[start] === expected[start]) start += 1;
  let end = 0;
  while (end < actual.length - start && end < expected.length - start && actual.at(-1 - end) === expected.at(-1 - end))
    end += 1;
  return {
    got: actual.slice(start, actual.length - end),
    wanted: expected.slice(start, expected.length - end),
    before: actual.slice(0, start),
    after: actual.slice(actual.length - end),
  };
}

/** Values that a parameter or an operand falls back to. */
export const defaults: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  if (!parent) return;
  const isParameter = Array.isArray(parent["params"]) && parent["params"].includes(node);
  if (isParameter && node.type === "Identifier") {
    for (const value of ["{}", "[]", "''", "0", "1", "true", "false"])
      yield { start: node.end, end: node.end, text: ` = ${value}`, prior: 0.16 };
  }
  const isValue =
    (parent.type === "VariableDeclarator" && child(parent, "init") === node) ||
    (parent.type === "AssignmentExpression" && child(parent, "right") === node) ||
    parent.type === "ReturnStatement";
  if (!isValue || !/^(?:Identifier|MemberExpression|OptionalMemberExpression|CallExpression)$/u.test(node.type)) return;
  for (const value of [
    "{}",
    "[]",
    "''",
    "0",
    "1",
    "false",
    "true",
    ...context.pools.names(ancestors).own.slice(0, 6),
  ]) {
    yield { start: node.end, end: node.end, text: ` || ${value}`, prior: 0.12 };
  }
  for (const value of ["{}", "[]", "''", "0"])
    yield { start: node.end, end: node.end, text: ` ?? ${value}`, prior: 0.06 };
};
