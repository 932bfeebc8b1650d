import { child, children, word } from "../../syntax.ts";
import { between, replace, textOf } from "../types.ts";
import type { Operator } from "../types.ts";

const signs: Readonly<Record<string, readonly (readonly [sign: string, prior: number])[]>> = {
  "+": [
    ["-", 0.9],
    ["*", 0.3],
  ],
  "-": [
    ["+", 0.9],
    ["*", 0.2],
    ["/", 0.2],
  ],
  "*": [
    ["/", 0.7],
    ["+", 0.4],
    ["-", 0.2],
    ["**", 0.2],
    ["%", 0.2],
  ],
  "/": [
    ["*", 0.7],
    ["%", 0.5],
    ["-", 0.2],
  ],
  "%": [
    ["/", 0.6],
    ["*", 0.4],
    ["-", 0.2],
  ],
  "**": [["*", 0.5]],
  "&": [
    ["|", 0.7],
    ["^", 0.3],
    ["&&", 0.2],
  ],
  "|": [
    ["&", 0.7],
    ["^", 0.3],
    ["||", 0.2],
  ],
  "^": [
    ["|", 0.5],
    ["&", 0.5],
  ],
  "<<": [
    [">>", 0.7],
    [">>>", 0.4],
  ],
  ">>": [
    ["<<", 0.6],
    [">>>", 0.6],
  ],
  ">>>": [
    [">>", 0.7],
    ["<<", 0.5],
  ],
};

const assignments: Readonly<Record<string, readonly (readonly [sign: string, prior: number])[]>> = {
  "=": [
    ["+=", 0.35],
    ["-=", 0.15],
    ["||=", 0.1],
  ],
  "+=": [
    ["-=", 0.8],
    ["=", 0.5],
    ["*=", 0.3],
  ],
  "-=": [
    ["+=", 0.8],
    ["=", 0.4],
    ["/=", 0.2],
  ],
  "*=": [
    ["/=", 0.7],
    ["+=", 0.4],
    ["=", 0.3],
  ],
  "/=": [
    ["*=", 0.7],
    ["-=", 0.3],
    ["=", 0.3],
  ],
  "%=": [
    ["/=", 0.5],
    ["=", 0.3],
  ],
  "|=": [
    ["&=", 0.5],
    ["=", 0.4],
    ["^=", 0.3],
  ],
  "&=": [
    ["|=", 0.5],
    ["=", 0.4],
  ],
  "<<=": [
    [">>=", 0.6],
    [">>>=", 0.4],
  ],
  ">>=": [
    ["<<=", 0.6],
    [">>>=", 0.5],
  ],
  ">>>=": [
    [">>=", 0.6],
    ["<<=", 0.5],
  ],
  "||=": [
    ["??=", 0.3],
    ["&&=", 0.3],
    ["=", 0.3],
  ],
  "??=": [
    ["||=", 0.3],
    ["=", 0.3],
  ],
};

/** Another arithmetic, bit or assignment sign; operands exchanged; one operand left out. */
export const arithmetic: Operator = function* ({ node }, context) {
  const left = child(node, "left");
  const right = child(node, "right");
  if (!left || !right) return;
  const sign = word(node, "operator");
  if (node.type === "AssignmentExpression") {
    const place = between(context, left, right, sign);
    for (const [other, prior] of assignments[sign] ?? []) if (place) yield { ...place, text: other, prior };
    return;
  }
  if (node.type !== "BinaryExpression") return;
  const place = between(context, left, right, sign);
  for (const [other, prior] of signs[sign] ?? []) if (place) yield { ...place, text: other, prior };
  const middle = context.text.slice(left.end, right.start);
  const symmetric = /^(?:[*&|^]|[!=]==?)$/u.test(sign);
  if (!symmetric)
    yield replace(node, textOf(context, right) + middle + textOf(context, left), sign === "+" ? 0.3 : 0.5);
  if (signs[sign]) {
    yield replace(node, textOf(context, left), right.type === "NumericLiteral" ? 0.65 : 0.3);
    yield replace(node, textOf(context, right), left.type === "NumericLiteral" ? 0.4 : 0.3);
  }
};

/** `++` and `--` exchanged, before and after exchanged; unary minus and plus taken away or added. */
export const unarySigns: Operator = function* ({ node, ancestors }, context) {
  const inner = child(node, "argument");
  if (node.type === "UpdateExpression" && inner) {
    const sign = word(node, "operator");
    const other = sign === "++" ? "--" : "++";
    const prefix = node["prefix"] === true;
    const name = textOf(context, inner);
    yield replace(node, prefix ? other + name : name + other, 0.8);
    if (ancestors.at(-1)?.type !== "ExpressionStatement") yield replace(node, prefix ? name + sign : sign + name, 0.7);
  }
  if (node.type === "UnaryExpression" && inner && /^[-+~]$/u.test(word(node, "operator"))) {
    yield replace(node, textOf(context, inner), 0.6);
    if (word(node, "operator") === "+") yield replace(node, `-${textOf(context, inner)}`, 0.4);
  }
  const parent = ancestors.at(-1);
  const valuePlace =
    parent !== undefined &&
    /^(?:ReturnStatement|VariableDeclarator|AssignmentExpression|BinaryExpression|ConditionalExpression|ArrowFunctionExpression)$/u.test(
      parent.type,
    );
  if (!valuePlace && !(parent && children(parent, "arguments").includes(node))) return;
  if (node === child(parent, "left") || node === child(parent, "id")) return;
  if (/^(?:Identifier|MemberExpression|CallExpression)$/u.test(node.type)) {
    yield replace(node, ` -${textOf(context, node)}`, 0.2);
    yield replace(node, ` +${textOf(context, node)}`, 0.14);
  }
};

/** One more or one less where positions and lengths are meant: indexes, bounds, arguments, loop starts. */
export const offByOne: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  if (!parent || !/^(?:Identifier|MemberExpression|BinaryExpression|CallExpression|UpdateExpression)$/u.test(node.type))
    return;
  const isLength = node.type === "MemberExpression" && word(child(node, "property"), "name") === "length";
  const prior = isLength ? 0.55 : priorOf(parent, node);
  if (prior === 0) return;
  const shown =
    node.type === "BinaryExpression" && !/^[-+*/%]$/u.test(word(node, "operator"))
      ? `(${textOf(context, node)})`
      : textOf(context, node);
  if (node.type === "BinaryExpression" && child(node, "right")?.type === "NumericLiteral") return;
  const atRisk = parent.type === "BinaryExpression" && /^[-*/%]|\*\*$/u.test(word(parent, "operator"));
  for (const sign of ["-", "+"]) {
    yield replace(node, atRisk ? `(${shown} ${sign} 1)` : `${shown} ${sign} 1`, sign === "-" ? prior : prior * 0.9);
  }
};

function priorOf(
  parent: { readonly type: string; readonly start: number; readonly end: number; readonly [field: string]: unknown },
  node: object,
): number {
  if (/MemberExpression$/u.test(parent.type))
    return parent["computed"] === true && parent["property"] === node ? 0.5 : 0;
  if (parent.type === "CallExpression") {
    if (parent["callee"] === node) return 0;
    const method = word(child(child(parent, "callee"), "property"), "name");
    return /^(?:slice|substring|substr|splice|charAt|charCodeAt|codePointAt|at|repeat|padStart|padEnd|fill|min|max|lastIndexOf|indexOf)$/u.test(
      method,
    )
      ? 0.5
      : 0.16;
  }
  if (parent.type === "BinaryExpression") return /^[<>]=?$/u.test(word(parent, "operator")) ? 0.35 : 0.14;
  if (parent.type === "ReturnStatement") return 0.22;
  if (parent.type === "VariableDeclarator" && parent["init"] === node) return 0.2;
  if (parent.type === "AssignmentExpression" && parent["right"] === node) return 0.2;
  return 0;
}
