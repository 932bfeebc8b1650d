import { child, children, isFunction, word } from "../../syntax.ts";
import { replace, textOf } from "../types.ts";
import type { Operator } from "../types.ts";

/** Arguments exchanged, left out, or added; items of arrays and parameters exchanged. */
export const argumentLists: Operator = function* ({ node, ancestors }, context) {
  const list =
    node.type === "ArrayExpression"
      ? children(node, "elements")
      : isFunction(node)
        ? children(node, "params")
        : children(node, "arguments");
  const prior = isFunction(node) ? 0.4 : node.type === "ArrayExpression" ? 0.25 : 0.7;
  if (list.length <= 6) {
    for (const [index, one] of list.entries()) {
      for (const other of list.slice(index + 1)) {
        const middle = context.text.slice(one.end, other.start);
        yield { start: one.start, end: other.end, text: textOf(context, other) + middle + textOf(context, one), prior };
      }
    }
  }
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return;
  const last = list.at(-1);
  const beforeLast = list.at(-2);
  if (last) yield beforeLast ? { start: beforeLast.end, end: last.end, text: "", prior: 0.3 } : replace(last, "", 0.15);
  const method = word(child(child(node, "callee"), "property"), "name") || word(child(node, "callee"), "name");
  const extra = last
    ? { start: last.end, end: last.end, lead: ", " }
    : { start: node.end - 1, end: node.end - 1, lead: "" };
  for (const [text, weight] of extraArguments(method, list.length, context.pools.names(ancestors).own)) {
    yield { start: extra.start, end: extra.end, text: extra.lead + text, prior: weight };
  }
};

function* extraArguments(
  method: string,
  count: number,
  names: readonly string[],
): Generator<readonly [string, number]> {
  if (method === "parseInt" && count === 1) yield ["10", 0.4];
  if (method === "sort" && count === 0) {
    yield ["(a, b) => a - b", 0.4];
    yield ["(a, b) => b - a", 0.3];
  }
  if (method === "reduce" && count === 1) for (const start of ["0", "1", "''", "[]", "{}"]) yield [start, 0.4];
  if (/^(?:slice|substring|substr)$/u.test(method) && count <= 1) for (const end of ["0", "1", "-1"]) yield [end, 0.3];
  if (/^(?:split|join)$/u.test(method) && count === 0) for (const text of ["''", "' '", "','"]) yield [text, 0.3];
  if (/^(?:indexOf|lastIndexOf|includes|startsWith)$/u.test(method) && count === 1) yield ["1", 0.15];
  for (const name of names.slice(0, 12)) yield [name, 0.16];
}

const wraps: readonly (readonly [string, number])[] = [
  ["Math.floor", 0.14],
  ["Math.round", 0.12],
  ["Math.ceil", 0.12],
  ["Math.abs", 0.14],
  ["Number", 0.14],
  ["String", 0.14],
  ["Boolean", 0.06],
];
const suffixes: readonly (readonly [string, number])[] = [
  [".trim()", 0.14],
  [".toLowerCase()", 0.14],
  [".toUpperCase()", 0.1],
  [".slice()", 0.1],
  [".reverse()", 0.12],
  [".length", 0.12],
  [".toString()", 0.1],
  [".slice(1)", 0.12],
  [".slice(0, -1)", 0.08],
  [".sort()", 0.06],
];

/** A value put through a conversion that is missing. */
export const conversions: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  if (!parent || !/^(?:Identifier|MemberExpression|CallExpression|BinaryExpression)$/u.test(node.type)) return;
  const isValue =
    parent.type === "ReturnStatement" ||
    child(parent, "init") === node ||
    (parent.type === "AssignmentExpression" && child(parent, "right") === node) ||
    children(parent, "arguments").includes(node) ||
    (isFunction(parent) && child(parent, "body") === node) ||
    parent.type === "TemplateLiteral" ||
    (/MemberExpression$/u.test(parent.type) &&
      child(parent, "object") === node &&
      ancestors.at(-2)?.type === "CallExpression");
  if (!isValue) return;
  const shown = textOf(context, node);
  for (const [wrap, prior] of wraps) yield replace(node, `${wrap}(${shown})`, prior);
  if (node.type === "BinaryExpression") return;
  for (const [suffix, prior] of suffixes) yield { start: node.end, end: node.end, text: suffix, prior };
};
