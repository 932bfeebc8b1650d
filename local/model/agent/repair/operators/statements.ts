import { boundNames, child, children, isFunction, walk, word } from "../../syntax.ts";
import type { SyntaxNode } from "../../syntax.ts";
import { replace, textOf } from "../types.ts";
import type { FileContext, Operator } from "../types.ts";

/** A statement that is too much, in the wrong order, or lacks its `return`, `await` or `break`. */
export const statementOrder: Operator = function* ({ node, ancestors }, context) {
  const list = node.type === "SwitchCase" ? children(node, "consequent") : children(node, "body");
  for (const [index, statement] of list.entries()) {
    if (
      /^(?:ExpressionStatement|IfStatement|ReturnStatement|BreakStatement|ContinueStatement|ThrowStatement|ForStatement)$/u.test(
        statement.type,
      )
    ) {
      yield replace(statement, "", statement.type === "ReturnStatement" ? 0.3 : 0.4);
    }
    const next = list[index + 1];
    if (
      next &&
      /^(?:Expression|If|Return|Variable)/u.test(statement.type) &&
      /^(?:Expression|If|Return|Variable)/u.test(next.type)
    ) {
      const middle = context.text.slice(statement.end, next.start);
      yield {
        start: statement.start,
        end: next.end,
        text: textOf(context, next) + middle + textOf(context, statement),
        prior: 0.3,
      };
    }
  }
  if (
    node.type === "SwitchCase" &&
    list.length > 0 &&
    !/^(?:Break|Return|Throw|Continue)/u.test(list.at(-1)?.type ?? "")
  ) {
    yield { start: node.end, end: node.end, text: " break;", prior: 0.7 };
  }
  if (node.type === "BreakStatement") yield replace(node, "continue;", 0.3);
  if (node.type === "ContinueStatement") yield replace(node, "break;", 0.4);
  if (node.type === "ExpressionStatement") {
    const owner = ancestors.findLast(isFunction);
    const expression = child(node, "expression");
    if (owner && expression && expression.type !== "AssignmentExpression")
      yield { start: node.start, end: node.start, text: "return ", prior: isLast(node, ancestors) ? 0.6 : 0.3 };
  }
  const owner = ancestors.findLast(isFunction);
  if (node.type === "CallExpression" && owner?.["async"] === true && ancestors.at(-1)?.type !== "AwaitExpression") {
    const bare = /^(?:ExpressionStatement|VariableDeclarator|ReturnStatement|AssignmentExpression)$/u.test(
      ancestors.at(-1)?.type ?? "",
    );
    yield replace(node, bare ? `await ${textOf(context, node)}` : `(await ${textOf(context, node)})`, 0.55);
  }
  if (node.type === "ReturnStatement" && !child(node, "argument"))
    for (const name of context.pools.names(ancestors).own.slice(0, 8)) yield replace(node, `return ${name};`, 0.3);
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
      for (const condition of [
        `typeof ${name} !== 'string'`,
        `typeof ${name} !== 'number'`,
        `typeof ${name} !== 'function'`,
        `${name} == null`,
        `!${name}`,
        `!Array.isArray(${name})`,
        `${name} < 0`,
        `Number.isNaN(${name})`,
        `typeof ${name} !== 'object'`,
      ]) {
        for (const kind of ["TypeError", "RangeError", "Error"]) {
          yield {
            start: at,
            end: at,
            about,
            text: `\n  if (${condition}) throw new ${kind}(\`unexpected ${name}: \${${name}}\`);`,
            prior: kind === "TypeError" ? 0.4 : 0.32,
          };
        }
      }
    }
    for (const condition of [`!${name}`, `${name} == null`, `${name}.length === 0`, `typeof ${name} !== 'string'`]) {
      for (const value of returnValues(context, params))
        yield {
          start: at,
          end: at,
          about,
          text: `\n  if (${condition}) return ${value};`,
          prior: condition.startsWith("!") ? 0.22 : 0.15,
        };
    }
  }
  for (const statement of context.pools.statements) {
    if (statement.type !== "IfStatement" || (statement.start >= node.start && statement.end <= node.end)) continue;
    if (
      usesOnly(statement, [
        ...context.pools.names([...ancestors, node]).own,
        ...context.pools.names([...ancestors, node]).outer,
      ])
    ) {
      yield { start: at, end: at, about, text: `\n  ${textOf(context, statement)}`, prior: 0.25 };
    }
  }
};

function returnValues(context: FileContext, params: readonly string[]): readonly string[] {
  const wanted = context.mismatches
    .slice(0, 4)
    .flatMap(({ expected }) =>
      /^(?:-?\d+(?:\.\d+)?|true|false|null|undefined|\[\]|\{\}|NaN)$/u.test(expected)
        ? [expected]
        : expected === ""
          ? ["''"]
          : [],
    );
  return [...new Set([...wanted, "''", "0", "false", "null", "[]", "undefined", "true", ...params.slice(0, 2)])];
}

/** Inserts a statement from elsewhere in the file: a statement lost in one place often survives in another. */
export const donors: Operator = function* ({ node, ancestors }, context) {
  const list =
    node.type === "BlockStatement"
      ? children(node, "body")
      : node.type === "SwitchCase"
        ? children(node, "consequent")
        : undefined;
  if (list === undefined || !(isFunction(node) || ancestors.some(isFunction))) return;
  const scope = context.pools.names([...ancestors, node]);
  const visible = [...scope.own, ...scope.outer];
  const usable = context.pools.statements.filter((statement) => usesOnly(statement, visible));
  for (const place of insertionPoints(node, list)) {
    for (const statement of usable) {
      const text = textOf(context, statement);
      if (list.some((sibling) => textOf(context, sibling) === text)) continue;
      const shared = scope.own.some((name) =>
        new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "u").test(text),
      );
      const prior = (shared ? 0.16 : 0.05) * nearness(context, statement, place.at) * (list.length === 0 ? 3 : 1);
      yield {
        start: place.at,
        end: place.at,
        text: place.before ? `${text}\n` : `\n${text}`,
        prior,
        about: place.about,
      };
    }
    for (const name of scope.own.slice(0, 10)) {
      yield {
        start: place.at,
        end: place.at,
        text: place.before ? `${name}++;\n` : `\n${name}++;`,
        prior: 0.09,
        about: place.about,
      };
      if (place.last)
        yield { start: place.at, end: place.at, text: `\nreturn ${name};`, prior: 0.3, about: place.about };
    }
  }
};

/** An early return right after a variable got its value, where the code does not check it. */
export const lateGuards: Operator = function* ({ node, ancestors }, context) {
  const list = node.type === "BlockStatement" ? children(node, "body") : [];
  const owner = [...ancestors, node].findLast(isFunction);
  if (list.length === 0 || owner === undefined) return;
  const inLoop = ancestors.slice(ancestors.lastIndexOf(owner)).some((one) => /^(?:For|While|DoWhile)/u.test(one.type));
  const returns = returnsOf(owner, context);
  for (const [index, statement] of list.entries()) {
    const names = assignedNames(statement);
    const at = statement.end;
    for (const name of names) {
      const exits = [...(inLoop ? ["continue", "break"] : []), ...returns];
      for (const exit of exits.slice(0, 6)) {
        for (const condition of [`!${name}`, `${name} == null`, name]) {
          yield {
            start: at,
            end: at,
            text: `\nif (${condition}) ${exit};`,
            prior: condition === name ? 0.12 : 0.24,
            about: at,
          };
        }
      }
    }
    // `const start = index; while (...) index += 1;`: did it move at all?
    const alias = aliasOf(statement);
    const next = list[index + 1];
    if (alias === undefined || next === undefined) continue;
    for (const exit of returns)
      yield { start: next.end, end: next.end, text: `\nif (${alias}) ${exit};`, prior: 0.3, about: next.start };
  }
};

function assignedNames(statement: SyntaxNode): readonly string[] {
  if (statement.type === "VariableDeclaration")
    return children(statement, "declarations").flatMap((one) => boundNames(child(one, "id")));
  const expression = child(statement, "expression");
  return expression?.type === "AssignmentExpression" ? boundNames(child(expression, "left")) : [];
}

function aliasOf(statement: SyntaxNode): string | undefined {
  const declarator = statement.type === "VariableDeclaration" ? children(statement, "declarations").at(0) : undefined;
  const [name] = boundNames(child(declarator, "id"));
  const init = child(declarator, "init");
  return name === undefined || init?.type !== "Identifier" ? undefined : `${word(init, "name")} === ${name}`;
}

/** The function's own return and throw statements as text, the most frequent first, then common values. */
function returnsOf(owner: SyntaxNode, context: FileContext): readonly string[] {
  const counts = new Map<string, number>();
  for (const { node } of walk(owner)) {
    if (node.type !== "ReturnStatement" && node.type !== "ThrowStatement") continue;
    const text = textOf(context, node).replace(/;$/u, "");
    if (text.length <= 60 && !text.includes("\n")) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const own = [...counts].sort(([, a], [, b]) => b - a).map(([text]) => text);
  return [...new Set([...own.slice(0, 4), "return", "return null", "return false"])];
}

interface InsertionPoint {
  readonly at: number;
  readonly about: number;
  /** The insertion stands before another statement. */
  readonly before: boolean;
  readonly last: boolean;
}

function* insertionPoints(block: SyntaxNode, list: readonly SyntaxNode[]): Generator<InsertionPoint> {
  for (const statement of list)
    if (/(?:Statement|Declaration)$/u.test(statement.type))
      yield { at: statement.start, about: statement.start, before: true, last: false };
  const last = list.at(-1);
  if (last === undefined && block.type === "BlockStatement")
    yield { at: block.start + 1, about: block.start, before: false, last: true };
  if (last !== undefined && !/^(?:Return|Throw|Break|Continue)/u.test(last.type))
    yield { at: last.end, about: last.start, before: false, last: true };
}

/** From 0.6 to 1.6: code that was lost is more like its neighbours than like what is far away. */
function nearness(context: FileContext, statement: SyntaxNode, at: number): number {
  const between = context.text.slice(Math.min(statement.start, at), Math.max(statement.start, at)).split("\n").length;
  return between <= 12 ? 1.6 : between <= 40 ? 1 : 0.6;
}

function usesOnly(statement: SyntaxNode, names: readonly string[]): boolean {
  for (const { node, ancestors } of walk(statement)) {
    if (node.type !== "Identifier") continue;
    const parent = ancestors.at(-1);
    if (
      parent &&
      /MemberExpression$/u.test(parent.type) &&
      child(parent, "property") === node &&
      parent["computed"] !== true
    )
      continue;
    if (parent?.type === "ObjectProperty" && child(parent, "key") === node) continue;
    const name = word(node, "name");
    if (!names.includes(name) && !globals.has(name)) return false;
  }
  return true;
}

const globals = new Set([
  "undefined",
  "NaN",
  "Infinity",
  "Math",
  "Number",
  "String",
  "Array",
  "Object",
  "Error",
  "TypeError",
  "RangeError",
  "JSON",
  "Boolean",
  "isNaN",
  "parseInt",
  "parseFloat",
  "Date",
  "Map",
  "Set",
  "RegExp",
  "arguments",
  "Buffer",
  "Symbol",
  "Promise",
]);
