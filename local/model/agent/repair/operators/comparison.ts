import { child, isFunction, word } from "../../syntax.ts";
import type { SyntaxNode } from "../../syntax.ts";
import { ownerOf } from "../pools.ts";
import { between, replace, textOf } from "../types.ts";
import type { FileContext, Operator } from "../types.ts";

const swaps: Readonly<Record<string, readonly (readonly [sign: string, prior: number])[]>> = {
  "<": [
    ["<=", 1],
    [">", 0.7],
    [">=", 0.6],
    ["!==", 0.25],
  ],
  "<=": [
    ["<", 1],
    [">=", 0.7],
    [">", 0.6],
    ["===", 0.25],
  ],
  ">": [
    [">=", 1],
    ["<", 0.7],
    ["<=", 0.6],
    ["!==", 0.25],
  ],
  ">=": [
    [">", 1],
    ["<=", 0.7],
    ["<", 0.6],
    ["===", 0.25],
  ],
  "===": [
    ["!==", 0.95],
    ["==", 0.25],
    [">=", 0.3],
    ["<=", 0.3],
    [">", 0.2],
    ["<", 0.2],
  ],
  "!==": [
    ["===", 0.95],
    ["!=", 0.25],
    [">", 0.25],
    ["<", 0.25],
  ],
  "==": [
    ["!=", 0.95],
    ["===", 0.35],
    [">=", 0.25],
    ["<=", 0.25],
  ],
  "!=": [
    ["==", 0.95],
    ["!==", 0.35],
    [">", 0.2],
    ["<", 0.2],
  ],
  "&&": [["||", 0.9]],
  "||": [
    ["&&", 0.9],
    ["??", 0.3],
  ],
  "??": [
    ["||", 0.4],
    ["&&", 0.4],
  ],
  in: [["instanceof", 0.1]],
};

/** Another comparison or logical sign; one operand of a logical expression left out. */
export const comparisons: Operator = function* ({ node }, context) {
  if (node.type !== "BinaryExpression" && node.type !== "LogicalExpression") return;
  const left = child(node, "left");
  const right = child(node, "right");
  const sign = word(node, "operator");
  if (!left || !right) return;
  const place = between(context, left, right, sign);
  for (const [other, prior] of swaps[sign] ?? []) if (place) yield { ...place, text: other, prior };
  if (node.type !== "LogicalExpression") return;
  yield replace(node, textOf(context, left), 0.5);
  yield replace(node, textOf(context, right), 0.5);
};

/** Conditions negated, `!` taken away, branches of `?:` exchanged. */
export const negations: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  if (node.type === "UnaryExpression" && word(node, "operator") === "!") {
    const inner = child(node, "argument");
    if (inner) yield replace(node, context.text.slice(node.start + 1, node.end), 0.8);
  }
  if (node.type === "ConditionalExpression") {
    const yes = child(node, "consequent");
    const no = child(node, "alternate");
    if (yes && no) {
      const middle = context.text.slice(yes.end, no.start);
      yield { start: yes.start, end: no.end, text: textOf(context, no) + middle + textOf(context, yes), prior: 0.6 };
      yield replace(node, textOf(context, yes), 0.25);
      yield replace(node, textOf(context, no), 0.25);
    }
  }
  if (!parent || !isConditionOf(node, parent)) return;
  const plain = /^(?:Identifier|MemberExpression|CallExpression|UnaryExpression|ThisExpression)$/u.test(node.type);
  const negated = plain ? `!${textOf(context, node)}` : `!(${textOf(context, node)})`;
  if (word(node, "operator") !== "!")
    yield replace(
      node,
      negated,
      parent.type === "LogicalExpression" || parent.type === "ReturnStatement" ? 0.45 : 0.75,
    );
};

/** A part of a condition that went missing, taken from the conditions of the same function or made from its names. */
export const conditionParts: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  const whole = parent !== undefined && child(parent, "test") === node;
  if (!whole && parent?.type !== "LogicalExpression") return;
  const own = textOf(context, node);
  const names = [...new Set(own.match(/\b[A-Za-z_$][\w$]*\b/gu) ?? [])];
  const scope = context.pools.names(ancestors, node.start);
  const owner = ownerOf(ancestors, context.root);
  const known = new Set([...scope.own, ...scope.outer, ...keywords]);
  const parts: (readonly [text: string, prior: number])[] = context.pools.conditions
    .filter((part) => part.node.start >= node.end || part.node.end <= node.start)
    .filter((part) => part.owner === owner || usesOnly(textOf(context, part.node), known))
    .flatMap((part) => {
      const shown = grouped(context, part.node);
      const near = (part.owner === owner ? 1 : 0.5) * (whole ? 1 : 0.5);
      return [[shown, 0.24 * near] as const, [negate(shown), 0.2 * near] as const];
    });
  if (whole) parts.push(...simpleParts(names, scope));
  for (const [part, prior] of new Map(parts)) {
    if (own.includes(part)) continue;
    yield replace(node, `${grouped(context, node)} && ${part}`, prior);
    yield replace(node, `${grouped(context, node)} || ${part}`, prior);
  }
};

/** Conditions made from the names of a condition and of its function. */
function simpleParts(
  names: readonly string[],
  scope: { readonly own: readonly string[]; readonly outer: readonly string[] },
): (readonly [text: string, prior: number])[] {
  const chosen = [
    ...names.filter((one) => scope.own.includes(one) || scope.outer.includes(one)),
    ...scope.own.slice(0, 8),
  ];
  return chosen.flatMap((name): (readonly [string, number])[] => [
    [name, 0.16],
    [`!${name}`, 0.16],
    [`${name} != null`, 0.12],
    [`${name}.length > 0`, 0.1],
    [`typeof ${name} === 'string'`, 0.06],
  ]);
}

const keywords = [
  "typeof",
  "instanceof",
  "null",
  "undefined",
  "true",
  "false",
  "in",
  "Object",
  "Array",
  "Number",
  "this",
];

function usesOnly(text: string, known: ReadonlySet<string>): boolean {
  return (text.match(/(?<![\w$.'"])[A-Za-z_$][\w$]*/gu) ?? []).every((name) => known.has(name));
}

function isConditionOf(node: SyntaxNode, parent: SyntaxNode): boolean {
  if (child(parent, "test") === node || parent.type === "LogicalExpression") return true;
  return (
    (parent.type === "ReturnStatement" || (isFunction(parent) && child(parent, "body") === node)) &&
    node.type !== "ObjectExpression" &&
    node.type !== "BlockStatement"
  );
}

function grouped(context: FileContext, node: SyntaxNode): string {
  const shown = textOf(context, node);
  return /^(?:LogicalExpression|ConditionalExpression|AssignmentExpression|SequenceExpression)$/u.test(node.type)
    ? `(${shown})`
    : shown;
}

function negate(text: string): string {
  if (/^![\w$.]+$/u.test(text)) return text.slice(1);
  return /^[\w$.]+(?:\([^()]*\))?$/u.test(text) ? `!${text}` : `!(${text})`;
}
