import { boundNames, child, children, isFunction, word } from "../../syntax.ts";
import type { SyntaxNode } from "../../syntax.ts";
import { looksLikeTypo } from "../similar.ts";
import { replace, textOf } from "../types.ts";
import type { Operator } from "../types.ts";

/** Another variable of the same scope in place of the one that is read or written. */
export const variables: Operator = function* ({ node, ancestors }, context) {
  if (node.type !== "Identifier" || !isReference(node, ancestors)) return;
  const name = word(node, "name");
  const parent = ancestors.at(-1);
  const { own, outer } = context.pools.names(ancestors, node.start);
  const called = parent?.type === "CallExpression" && child(parent, "callee") === node;
  const near = context.text.slice(Math.max(0, node.start - 160), node.end + 160);
  const weight = (other: string): number => {
    if (looksLikeTypo(name, other)) return 2;
    const mentioned = new RegExp(`(?<![\\w$.])${other.replaceAll("$", "\\$")}(?![\\w$])`, "u").test(near) ? 1.25 : 0.8;
    return context.pools.compatible(name, other) * mentioned * alike(name, other);
  };
  for (const other of own) if (other !== name) yield replace(node, other, (called ? 0.12 : 0.5) * weight(other));
  for (const other of outer) {
    const sameKind = /^[A-Z]/u.test(name) === /^[A-Z]/u.test(other);
    if (other !== name) yield replace(node, other, (called ? 0.3 : sameKind ? 0.16 : 0.08) * weight(other));
  }
};

const methodSwaps: readonly (readonly string[])[] = [
  ["slice", "substring", "substr", "splice"],
  ["push", "unshift"],
  ["pop", "shift"],
  ["indexOf", "lastIndexOf"],
  ["find", "findLast", "filter"],
  ["findIndex", "findLastIndex"],
  ["some", "every"],
  ["map", "forEach", "flatMap", "filter"],
  ["reduce", "reduceRight"],
  ["trim", "trimStart", "trimEnd"],
  ["padStart", "padEnd"],
  ["toUpperCase", "toLowerCase"],
  ["startsWith", "endsWith", "includes"],
  ["floor", "ceil", "round", "trunc"],
  ["min", "max"],
  ["keys", "values", "entries"],
  ["replace", "replaceAll"],
  ["match", "matchAll", "search"],
  ["apply", "call", "bind"],
  ["add", "delete", "has"],
  ["get", "has", "set"],
  ["charAt", "charCodeAt", "codePointAt"],
  ["concat", "push"],
  ["parseInt", "parseFloat", "Number"],
  ["isNaN", "isFinite"],
  ["test", "exec"],
  ["all", "allSettled", "race", "any"],
  ["sin", "cos"],
  ["getFullYear", "getUTCFullYear"],
  ["encodeURIComponent", "encodeURI"],
  ["decodeURIComponent", "decodeURI"],
  ["on", "once"],
  ["setTimeout", "setImmediate"],
  ["log", "log2", "log10"],
];
const swapsOf = new Map<string, Set<string>>();
for (const family of methodSwaps) {
  for (const one of family)
    swapsOf.set(one, new Set([...(swapsOf.get(one) ?? []), ...family.filter((other) => other !== one)]));
}

/** Another method or property: of the same family, or one that the file uses elsewhere. */
export const properties: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  const globalCall =
    node.type === "Identifier" && parent?.type === "CallExpression" && child(parent, "callee") === node;
  if (globalCall) for (const other of swapsOf.get(word(node, "name")) ?? []) yield replace(node, other, 0.6);
  if (
    !parent ||
    !/^(?:Optional)?MemberExpression$/u.test(parent.type) ||
    parent["computed"] === true ||
    child(parent, "property") !== node
  )
    return;
  const name = word(node, "name");
  const family = swapsOf.get(name);
  for (const other of family ?? []) yield replace(node, other, 0.8);
  for (const other of context.pools.properties.slice(0, 40)) {
    if (other !== name && !family?.has(other))
      yield replace(node, other, looksLikeTypo(name, other) ? 0.85 : 0.3 * alike(name, other));
  }
};

/** Property access guarded with `?.`, or a property left out of a chain. */
export const chains: Operator = function* ({ node }, context) {
  const object = child(node, "object");
  const property = child(node, "property");
  if (node.type === "MemberExpression" && object && property) {
    const gap = context.text.slice(object.end, property.start);
    if (node["computed"] !== true && gap.trim() === ".")
      yield { start: object.end, end: property.start, text: "?.", prior: 0.2 };
    yield replace(node, textOf(context, object), word(property, "name") === "length" ? 0.25 : 0.12);
  }
  if (node.type !== "CallExpression") return;
  const callee = child(node, "callee");
  const receiver = child(callee, "object");
  if (callee?.type === "MemberExpression" && receiver && receiver.type !== "Super")
    yield replace(node, textOf(context, receiver), 0.4);
  const only = children(node, "arguments");
  if (only.length >= 1 && only[0] && !isFunction(only[0])) yield replace(node, textOf(context, only[0]), 0.35);
};

/** Whether an identifier is read or written, not declared, and not a mere property name. */
function isReference(node: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  const parent = ancestors.at(-1);
  if (!parent) return false;
  if (/MemberExpression$/u.test(parent.type) && child(parent, "property") === node) return parent["computed"] === true;
  if (
    /^(?:ObjectProperty|ObjectMethod|ClassMethod|ClassProperty|LabeledStatement|BreakStatement|ContinueStatement|MetaProperty)$/u.test(
      parent.type,
    )
  ) {
    return (
      parent.type === "ObjectProperty" &&
      child(parent, "value") === node &&
      parent["shorthand"] !== true &&
      ancestors.at(-2)?.type === "ObjectExpression"
    );
  }
  if (/^(?:Import|Export)\w*Specifier$/u.test(parent.type) || /^TS/u.test(parent.type)) return false;
  if (parent.type === "VariableDeclarator") return child(parent, "id") !== node;
  if (isFunction(parent)) return child(parent, "body") === node;
  return (
    !boundNames(parent).includes(word(node, "name")) &&
    parent.type !== "CatchClause" &&
    parent.type !== "ClassDeclaration"
  );
}

/** From 0.6 to 1: how alike two names are in length and letters; typos and pairs like `start` and `end` both occur. */
function alike(one: string, other: string): number {
  const shared = [...new Set(one.toLowerCase())].filter((letter) => other.toLowerCase().includes(letter)).length;
  return 0.6 + 0.4 * (shared / Math.max(one.length, other.length, 1));
}
