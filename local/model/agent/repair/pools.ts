import { child, isFunction, walk, word } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { collectScopes } from "./scopes.ts";
import type { Scopes } from "./scopes.ts";

/** Code of a file from which repairs are made: correct code in one place of a file is often missing in another. */
export interface Pools extends Scopes {
  readonly numbers: readonly string[];
  readonly strings: readonly string[];
  /** Property names by how often they are used, the most used first. */
  readonly properties: readonly string[];
  /** Conditions and operands of logical expressions with the function that they stand in (the program when in none). */
  readonly conditions: readonly { readonly node: SyntaxNode; readonly owner: SyntaxNode }[];
  /** Short statements without declarations, anywhere in the file. */
  readonly statements: readonly SyntaxNode[];
}

/** Collects a file's material. */
export function collectPools(root: SyntaxNode, text: string): Pools {
  const numbers = new Map<string, number>();
  const strings = new Map<string, number>();
  const properties = new Map<string, number>();
  const conditions: { node: SyntaxNode; owner: SyntaxNode }[] = [];
  const statements = new Map<string, SyntaxNode>();
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

  for (const { node, ancestors } of walk(root)) {
    const owner = ownerOf(ancestors, root);
    switch (node.type) {
      case "NumericLiteral":
        count(numbers, text.slice(node.start, node.end));
        break;
      case "StringLiteral":
        if (node.end - node.start <= 60) count(strings, text.slice(node.start, node.end));
        break;
      case "MemberExpression":
      case "OptionalMemberExpression":
        if (node["computed"] !== true) count(properties, word(child(node, "property"), "name"));
        break;
      case "ExpressionStatement":
      case "IfStatement":
      case "ReturnStatement":
      case "ThrowStatement": {
        const shown = text.slice(node.start, node.end);
        if (shown.length <= 160 && !shown.includes("=>") && !shown.includes("require(")) statements.set(shown, node);
        break;
      }
    }
    for (const condition of conditionsIn(node)) {
      if (condition.end - condition.start <= 80) conditions.push({ node: condition, owner });
    }
  }

  return {
    numbers: byCount(numbers),
    strings: byCount(strings),
    properties: byCount(properties).filter((name) => name !== ""),
    statements: [...statements.values()],
    conditions,
    ...collectScopes(root),
  };
}

/** The nearest enclosing function, else the root. */
export function ownerOf(ancestors: readonly SyntaxNode[], root: SyntaxNode): SyntaxNode {
  return ancestors.findLast(isFunction) ?? root;
}

function conditionsIn(node: SyntaxNode): readonly SyntaxNode[] {
  const test = child(node, "test");
  if (test && /^(?:If|While|DoWhile|For)Statement$|^ConditionalExpression$/u.test(node.type)) return [test];
  if (node.type !== "LogicalExpression") return [];
  return [child(node, "left"), child(node, "right")].filter((part) => part !== undefined);
}

function byCount(map: ReadonlyMap<string, number>): readonly string[] {
  return [...map].sort(([, a], [, b]) => b - a).map(([key]) => key);
}
