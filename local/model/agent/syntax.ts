import { parse } from "@babel/parser";
import type { ParserOptions } from "@babel/parser";

/** A syntax tree node of Babel's AST, read generically: https://github.com/babel/babel/blob/main/packages/babel-parser/ast/spec.md */
export interface SyntaxNode {
  readonly type: string;
  /** Offset of the first character, in UTF-16 units. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A node with its enclosing nodes, the nearest last. */
export interface Visit {
  readonly node: SyntaxNode;
  readonly ancestors: readonly SyntaxNode[];
}

const sourceExtension = /\.(?:[cm]?[jt]s|[jt]sx)$/u;

/** Whether the path names a JavaScript or TypeScript source file (declaration files excluded). */
export function isSourceFile(path: string): boolean {
  return sourceExtension.test(path) && !/\.d\.[cm]?ts$/u.test(path);
}

/** Parses a JavaScript or TypeScript file; `undefined` when its syntax is wrong. */
export function parseFile(path: string, text: string): SyntaxNode | undefined {
  const result = parseOrError(path, text);
  return isNode(result) ? result : undefined;
}

/** Parses a file; the parser's message with line and column when its syntax is wrong. */
export function syntaxError(
  path: string,
  text: string,
): { readonly message: string; readonly line: number } | undefined {
  const result = parseOrError(path, text);
  if (!(result instanceof Error)) return undefined;
  const line = /\((\d+):\d+\)/u.exec(result.message)?.[1];
  return { message: result.message, line: line === undefined ? 1 : Number(line) };
}

/** Parses one expression, such as a call in a request's text; `undefined` when it isn't one. */
export function parseExpressionText(text: string): SyntaxNode | undefined {
  const file = parseFile("expression.js", `(${text}\n)`);
  const statement = file && children(program(file), "body");
  if (statement?.length !== 1 || statement[0]?.type !== "ExpressionStatement") return undefined;
  return child(statement[0], "expression");
}

function parseOrError(path: string, text: string): object {
  const typescript = /\.[cm]?tsx?$/u.test(path);
  const options: ParserOptions = {
    sourceType: /\.(?:mjs|mts)$/u.test(path) ? "module" : /\.(?:cjs|cts)$/u.test(path) ? "script" : "unambiguous",
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    plugins: [
      ...(typescript ? (["typescript"] as const) : []),
      ...(/\.(?:m?ts|cts)$/u.test(path) ? [] : (["jsx"] as const)),
      "decorators",
      "explicitResourceManagement",
    ],
  };
  try {
    return parse(text, options);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The Program node of a parsed file. */
export function program(file: SyntaxNode): SyntaxNode {
  return child(file, "program") ?? file;
}

/** Narrows an unknown value to a syntax node. */
export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "start" in value &&
    typeof value.start === "number" &&
    "end" in value &&
    typeof value.end === "number"
  );
}

/** The node in a field; `undefined` when the field is empty or holds none. */
export function child(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in a list field, empty slots left out. */
export function children(node: SyntaxNode | undefined, field: string): readonly SyntaxNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The string in a field, such as an operator or a name; "" when there is none. */
export function word(node: SyntaxNode | undefined, field: string): string {
  const value = node?.[field];
  return typeof value === "string" ? value : "";
}

/** Every node of a tree with its ancestors, parents before children, in source order of fields. */
export function* walk(root: SyntaxNode, ancestors: readonly SyntaxNode[] = []): Generator<Visit> {
  yield { node: root, ancestors };
  const inner = [...ancestors, root];
  for (const [field, value] of Object.entries(root)) {
    if (skippedFields.has(field)) continue;
    for (const part of Array.isArray(value) ? value : [value]) if (isNode(part)) yield* walk(part, inner);
  }
}

const skippedFields = new Set([
  "loc",
  "extra",
  "leadingComments",
  "trailingComments",
  "innerComments",
  "comments",
  "tokens",
  "errors",
]);

const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);

/** Whether the node is a function of any kind. */
export function isFunction(node: SyntaxNode): boolean {
  return functionTypes.has(node.type);
}

/** Line numbers, counted from 1, of offsets in a text. */
export function lineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Names that a pattern or declaration binds: `{ a, b: [c] }` binds a and c. */
export function boundNames(pattern: SyntaxNode | undefined): readonly string[] {
  if (pattern === undefined) return [];
  switch (pattern.type) {
    case "Identifier":
      return [word(pattern, "name")];
    case "ObjectPattern":
      return children(pattern, "properties").flatMap((property) =>
        boundNames(child(property, "value") ?? child(property, "argument")),
      );
    case "ArrayPattern":
      return children(pattern, "elements").flatMap(boundNames);
    case "AssignmentPattern":
      return boundNames(child(pattern, "left"));
    case "RestElement":
      return boundNames(child(pattern, "argument"));
    case "TSParameterProperty":
      return boundNames(child(pattern, "parameter"));
    default:
      return [];
  }
}
