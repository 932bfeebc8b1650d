import { isNode, list } from "./bug-syntax.ts";
import type { Node } from "./bug-syntax.ts";

/** The replacement that makes a bug: start, end, new text. */
type Found = readonly [start: number, end: number, text: string];

/** Makes a bug at a node; `undefined` where it does not fit. `names`: variables of the function around. */
export type Kind = (
  node: Node,
  parent: Node | undefined,
  text: string,
  random: () => number,
  names: readonly string[],
) => Found | undefined;

/** The kinds of bug, by name. */
export const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [
    "comparison boundary moved",
    (node, _parent, text) => sign(node, text, { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }),
  ],
  [
    "equality inverted",
    (node, _parent, text) => sign(node, text, { "===": "!==", "!==": "===", "==": "!=", "!=": "==" }),
  ],
  [
    "wrong arithmetic sign",
    (node, _parent, text) =>
      sign(node, text, { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", "<<": ">>" }),
  ],
  ["and/or mixed up", (node, _parent, text) => sign(node, text, { "&&": "||", "||": "&&" })],
  [
    "condition inverted",
    (node, _parent, text) => {
      const test = node["test"];
      if (node.type !== "IfStatement" || !isNode(test)) return undefined;
      const shown = text.slice(test.start, test.end);
      return shown.startsWith("!") && test.type === "UnaryExpression"
        ? [test.start, test.end, shown.slice(1)]
        : [test.start, test.end, `!(${shown})`];
    },
  ],
  [
    "number off by one",
    (node, _parent, _text, random) => {
      if (node.type !== "NumericLiteral" || typeof node["value"] !== "number") return undefined;
      return [node.start, node.end, String(Math.max(0, node["value"] + (random() < 0.5 ? 1 : -1)))];
    },
  ],
  [
    "wrong number",
    (node, _parent, _text, random) => {
      if (node.type !== "NumericLiteral" || typeof node["value"] !== "number") return undefined;
      return [node.start, node.end, String(Math.floor(node["value"] * 3 + 4 + random() * 20))];
    },
  ],
  [
    "boolean flipped",
    (node) => (node.type === "BooleanLiteral" ? [node.start, node.end, String(node["value"] !== true)] : undefined),
  ],
  [
    "string altered",
    (node, parent, text, random) => {
      if (
        node.type !== "StringLiteral" ||
        /Import|Export|Directive/u.test(parent?.type ?? "") ||
        /\brequire\($/u.test(text.slice(0, node.start))
      )
        return undefined;
      const inner = text.slice(node.start + 1, node.end - 1);
      if (inner.includes("\\")) return undefined;
      const at = Math.floor(random() * inner.length);
      const changed = inner === "" ? "x" : inner.slice(0, at) + (random() < 0.5 ? "" : "q") + inner.slice(at + 1);
      return [node.start + 1, node.end - 1, changed];
    },
  ],
  [
    "wrong variable",
    (node, parent, _text, random, names) => {
      if (
        node.type !== "Identifier" ||
        !parent ||
        /Declarator|Function|Property|Member|Label|Catch|Method|Class/u.test(parent.type)
      )
        return undefined;
      const others = names.filter((name) => name !== node["name"]);
      const other = others[Math.floor(random() * others.length)];
      return other === undefined || !names.includes(String(node["name"])) ? undefined : [node.start, node.end, other];
    },
  ],
  [
    "arguments swapped",
    (node, _parent, text) => {
      const args = list(node["arguments"]);
      const [first, second] = args;
      if (node.type !== "CallExpression" || !first || !second) return undefined;
      return [
        first.start,
        second.end,
        text.slice(second.start, second.end) + text.slice(first.end, second.start) + text.slice(first.start, first.end),
      ];
    },
  ],
  [
    "wrong method",
    (node, parent) => {
      if (
        node.type !== "Identifier" ||
        !parent ||
        parent.type !== "MemberExpression" ||
        parent["property"] !== node ||
        parent["computed"] === true
      )
        return undefined;
      const wrong = wrongMethods[String(node["name"])];
      return wrong === undefined ? undefined : [node.start, node.end, wrong];
    },
  ],
  [
    "guard removed",
    (node, parent, text) => {
      const body = node["consequent"];
      if (node.type !== "IfStatement" || node["alternate"] || !isNode(body)) return undefined;
      return /^\{?\s*(?:return|throw|continue|break)\b/u.test(text.slice(body.start, body.end))
        ? [node.start, node.end, emptied(parent)]
        : undefined;
    },
  ],
  [
    "return lost",
    (node, _parent, text) =>
      node.type === "ReturnStatement" && isNode(node["argument"])
        ? [node.start, node["argument"].start, text.slice(node.start + 6, node["argument"].start).trimStart()]
        : undefined,
  ],
  [
    "statement lost",
    (node, parent) =>
      node.type === "ExpressionStatement" && parent?.type === "BlockStatement" ? [node.start, node.end, ""] : undefined,
  ],
  [
    "part of condition lost",
    (node, _parent, text, random) => {
      const [left, right] = [node["left"], node["right"]];
      if (node.type !== "LogicalExpression" || !isNode(left) || !isNode(right)) return undefined;
      const kept = random() < 0.5 ? left : right;
      return [node.start, node.end, text.slice(kept.start, kept.end)];
    },
  ],
  [
    "regular expression altered",
    (node, _parent, text, random) => {
      if (node.type !== "RegExpLiteral") return undefined;
      const shown = text.slice(node.start, node.end);
      const variants = [
        shown.replace(/g([a-z]*)$/u, "$1"),
        shown.replace(/i([a-z]*)$/u, "$1"),
        shown.replace("/^", "/"),
        shown.replace(/\$\/(\w*)$/u, "/$1"),
        shown.replace("+", "*"),
        shown.replace("*", "+"),
        shown.replace("\\d", "\\w"),
        shown.replace("[^", "["),
      ].filter((variant) => variant !== shown);
      const chosen = variants[Math.floor(random() * variants.length)];
      return chosen === undefined ? undefined : [node.start, node.end, chosen];
    },
  ],
  [
    "ternary branches swapped",
    (node, _parent, text) => {
      const [yes, no] = [node["consequent"], node["alternate"]];
      if (node.type !== "ConditionalExpression" || !isNode(yes) || !isNode(no)) return undefined;
      return [
        yes.start,
        no.end,
        text.slice(no.start, no.end) + text.slice(yes.end, no.start) + text.slice(yes.start, yes.end),
      ];
    },
  ],
  [
    "wrong step",
    (node, _parent, text) => {
      if (node.type !== "UpdateExpression") return undefined;
      const shown = text.slice(node.start, node.end);
      return [node.start, node.end, shown.includes("++") ? shown.replace("++", "--") : shown.replace("--", "++")];
    },
  ],
  [
    "jump lost",
    (node, parent) =>
      /^(?:Break|Continue)Statement$/u.test(node.type) ? [node.start, node.end, emptied(parent)] : undefined,
  ],
  [
    "index off by one",
    (node, _parent, text, random) => {
      const property = node["property"];
      if (
        node.type !== "MemberExpression" ||
        node["computed"] !== true ||
        !isNode(property) ||
        !/^(?:Identifier|BinaryExpression)$/u.test(property.type)
      )
        return undefined;
      return [
        property.start,
        property.end,
        `${text.slice(property.start, property.end)} ${random() < 0.5 ? "+" : "-"} 1`,
      ];
    },
  ],
]);

const wrongMethods: Readonly<Record<string, string>> = {
  slice: "substr",
  substring: "substr",
  push: "unshift",
  unshift: "push",
  pop: "shift",
  shift: "pop",
  indexOf: "lastIndexOf",
  lastIndexOf: "indexOf",
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  toLowerCase: "toUpperCase",
  toUpperCase: "toLowerCase",
  startsWith: "endsWith",
  endsWith: "startsWith",
  map: "forEach",
  filter: "map",
  trim: "trimStart",
  keys: "values",
  concat: "push",
  charCodeAt: "charAt",
};

/** The text that replaces a removed statement: empty inside a list of statements, else `;`. */
function emptied(parent: Node | undefined): string {
  return parent !== undefined && /^(?:BlockStatement|SwitchCase|Program)$/u.test(parent.type) ? "" : ";";
}

function sign(node: Node, text: string, swap: Readonly<Record<string, string>>): Found | undefined {
  const [left, right] = [node["left"], node["right"]];
  if (!/^(?:Binary|Logical)Expression$/u.test(node.type) || !isNode(left) || !isNode(right)) return undefined;
  const old = String(node["operator"]);
  const other = swap[old];
  const at = text.indexOf(old, left.end);
  return other === undefined || at === -1 || at >= right.start ? undefined : [at, at + old.length, other];
}
