import { boundNames, child, children, isFunction, walk, word } from "../../syntax.ts";
import type { SyntaxNode } from "../../syntax.ts";
import { replace, textOf } from "../types.ts";
import type { FileContext, Operator } from "../types.ts";

/** A statement that is too much, in the wrong order, or lacks its `return`, `await` or `break`. */
export const statementOrder: Operator = function* ({ node, ancestors }, context) {
  const list = node.type === "SwitchCase" ? children(node, "consequent") : children(node, "body");
  for (const [index, statement] of list.entries()) {
    if (/^(?:ExpressionStatement|IfStatement|ReturnStatement|BreakStatement|ContinueStatement|ThrowStatement|ForStatement)$/u.test(statement.type)) {
      yield replace(statement, "", statement.type === "ReturnStatement" ? 0.3 : 0.4);
    }
    const next = list[index + 1];
    if (next && /^(?:Expression|If|Return|Variable)/u.test(statement.type) && /^(?:Expression|If|Return|Variable)/u.test(next.type)) {
      const middle = context.text.slice(statement.end, next.start);
      yield { start: statement.start, end: next.end, text: textOf(context, next) + middle + textOf(context, statement), prior: 0.3 };
    }
  }
  if (node.type === "SwitchCase" && list.length > 0 && !/^(?:Break|Return|Throw|Continue)/u.test(list.at(-1)?.type ?? "")) {
    yield { start: node.end, end: node.end, text: " break;", prior: 0.7 };
  }
  if (node.type === "BreakStatement") yield replace(node, "continue;", 0.3);
  if (node.type === "ContinueStatement") yield replace(node, "break;", 0.4);
  if (node.type === "ExpressionStatement") {
    const owner = ancestors.findLast(isFunction);
    const expression = child(node, "expression");
    if (owner && expression && expression.type !== "AssignmentExpression") yield { start: node.start, end: node.start, text: "return ", prior: isLast(node, ancestors) ? 0.6 : 0.3 };
  }
  const owner = ancestors.findLast(isFunction);
  if (node.type === "CallExpression" && owner?.["async"] === true && ancestors.at(-1)?.type !== "AwaitExpression") {
    const bare = /^(?:ExpressionStatement|VariableDeclarator|ReturnStatement|AssignmentExpression)$/u.test(ancestors.at(-1)?.type ?? "");
    yield replace(node, bare ? `await ${textOf(context, node)}` : `(await ${textOf(context, node)})`, 0.55);
  }
  if (node.type === "ReturnStatement" && !child(node, "argument")) for (const name of context.pools.names(ancestors).own.slice(0, 8)) yield replace(node, `return ${name};`, 0.3);
};

function isLast(node: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  return children(ancestors.at(-1), "body").at(-1) === node;
}

/** An early way out at the start of a function, for the values that functions forget: null, empty, zero, wrong type. */
export const guards: Operator = function* ({ node, ancestors }, context) {
  const body = child(node, "body");
  if (!isFunction(node) || body?.type !== "BlockStatement") return;
  const at = body.start + 1;
  const about = children(body, "body").at(0)?.start ?? at;
  const params = children(node, "params").flatMap(boundNames);
  for (const name of params.slice(0, 4)) {
    if (context.exceptionMissing) {
      for (const condition of [`typeof ${name} !== 'string'`, `typeof ${name} !== 'number'`, `typeof ${name} !== 'function'`, `${name} == null`, `!${name}`, `!Array.isArray(${name})`, `${name} < 0`, `Number.isNaN(${name})`, `typeof ${name} !== 'object'`]) {
        for (const kind of ["TypeError", "RangeError", "Error"]) {
          yield { start: at, end: at, about, text: `\n  if (${condition}) throw new ${kind}(\`unexpected ${name}: \${${name}}\`);`, prior: kind === "TypeError" ? 0.4 : 0.32 };
        }
      }
    }
    for (const condition of [`!${name}`, `${name} == null`, `${name}.length === 0`, `typeof ${name} !== 'string'`]) {
      for (const value of returnValues(context, params)) yield { start: at, end: at, about, text: `\n  if (${condition}) return ${value};`, prior: condition.startsWith("!") ? 0.22 : 0.15 };
    }
  }
  for (const statement of context.pools.statements) {
    if (statement.type !== "IfStatement" || (statement.start >= node.start && statement.end <= node.end)) continue;
    if (usesOnly(statement, [...context.pools.names([...ancestors, node]).own, ...context.pools.names([...ancestors, node]).outer])) {
      yield { start: at, end: at, about, text: `\n  ${textOf(context, statement)}`, prior: 0.25 };
    }
  }
};

function returnValues(context: FileContext, params: readonly string[]): readonly string[] {
  const wanted = context.mismatches.slice(0, 4).flatMap(({ expected }) => (/^(?:-?\d+(?:\.\d+)?|true|false|null|undefined|\[\]|\{\}|NaN)$/u.test(expected) ? [expected] : expected === "" ? ["''"] : []));
  return [...new Set([...wanted, "''", "0", "false", "null", "[]", "undefined", "true", ...params.slice(0, 2)])];
}

/** A statement that stands elsewhere in the file, put in before or after this one (what was deleted here may survive there). */
export const donors: Operator = function* ({ node, ancestors }, context) {
  const parent = ancestors.at(-1);
  const inBlock = parent && (children(parent, "body").includes(node) || children(parent, "consequent").includes(node));
  if (!inBlock || !/(?:Statement|VariableDeclaration)$/u.test(node.type) || !ancestors.some(isFunction)) return;
  const scope = context.pools.names(ancestors);
  const visible = [...scope.own, ...scope.outer];
  for (const statement of context.pools.statements) {
    const text = textOf(context, statement);
    if (text === textOf(context, node) || !usesOnly(statement, visible)) continue;
    const shared = scope.own.some((name) => new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`, "u").test(text));
    yield { start: node.start, end: node.start, text: `${text}\n`, prior: shared ? 0.14 : 0.05 };
    if (!/^(?:Return|Throw|Break)/u.test(node.type)) yield { start: node.end, end: node.end, text: `\n${text}`, prior: shared ? 0.12 : 0.04 };
  }
  for (const name of scope.own.slice(0, 10)) {
    yield { start: node.start, end: node.start, text: `${name}++;\n`, prior: 0.09 };
    if (!/^(?:Return|Throw|Break)/u.test(node.type)) {
      yield { start: node.end, end: node.end, text: `\n${name}++;`, prior: 0.09 };
      if (isLast(node, ancestors)) yield { start: node.end, end: node.end, text: `\nreturn ${name};`, prior: 0.3 };
    }
  }
};

function usesOnly(statement: SyntaxNode, names: readonly string[]): boolean {
  for (const { node, ancestors } of walk(statement)) {
    if (node.type !== "Identifier") continue;
    const parent = ancestors.at(-1);
    if (parent && /MemberExpression$/u.test(parent.type) && child(parent, "property") === node && parent["computed"] !== true) continue;
    if (parent?.type === "ObjectProperty" && child(parent, "key") === node) continue;
    const name = word(node, "name");
    if (!names.includes(name) && !globals.has(name)) return false;
  }
  return true;
}

const globals = new Set(["undefined", "NaN", "Infinity", "Math", "Number", "String", "Array", "Object", "Error", "TypeError", "RangeError", "JSON", "Boolean", "isNaN", "parseInt", "parseFloat", "Date", "Map", "Set", "RegExp", "arguments", "Buffer", "Symbol", "Promise"]);
