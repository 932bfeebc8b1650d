import { boundNames, child, children, isFunction, walk, word } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";

/** Material of a file that repairs are made from: what is right somewhere in a file is often what is missing elsewhere. */
export interface Pools {
  readonly numbers: readonly string[];
  readonly strings: readonly string[];
  /** Property names by how often they are used, the most used first. */
  readonly properties: readonly string[];
  /** Conditions and operands of logical expressions, by the function that they stand in (the program when in none). */
  conditions(owner: SyntaxNode): readonly SyntaxNode[];
  /** Short statements without declarations, anywhere in the file. */
  readonly statements: readonly SyntaxNode[];
  /** Names in scope of a node's ancestors, nearest function first. */
  names(ancestors: readonly SyntaxNode[]): { readonly own: readonly string[]; readonly outer: readonly string[] };
}

/** Collects a file's material. */
export function collectPools(root: SyntaxNode, text: string): Pools {
  const numbers = new Map<string, number>();
  const strings = new Map<string, number>();
  const properties = new Map<string, number>();
  const conditions = new Map<SyntaxNode, Map<string, SyntaxNode>>();
  const declared = new Map<SyntaxNode, Set<string>>();
  const statements = new Map<string, SyntaxNode>();
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const declare = (owner: SyntaxNode, names: readonly string[]): void => {
    const known = declared.get(owner) ?? new Set();
    for (const name of names) known.add(name);
    declared.set(owner, known);
  };

  for (const { node, ancestors } of walk(root)) {
    const owner = ownerOf(ancestors, root);
    if (isFunction(node)) {
      declare(node, children(node, "params").flatMap(boundNames));
      if (node.type === "FunctionDeclaration") declare(owner, boundNames(child(node, "id")));
    }
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
      case "VariableDeclarator":
        declare(owner, boundNames(child(node, "id")));
        break;
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        declare(root, boundNames(child(node, "local")));
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
      const shown = text.slice(condition.start, condition.end);
      if (shown.length > 80) continue;
      const known = conditions.get(owner) ?? new Map<string, SyntaxNode>();
      known.set(shown, condition);
      conditions.set(owner, known);
    }
  }

  return {
    numbers: byCount(numbers),
    strings: byCount(strings),
    properties: byCount(properties).filter((name) => name !== ""),
    statements: [...statements.values()],
    conditions: (owner) => [...(conditions.get(owner)?.values() ?? [])],
    names(ancestors) {
      const functions = ancestors.filter(isFunction).reverse();
      const own = [...(functions[0] ? (declared.get(functions[0]) ?? []) : (declared.get(root) ?? []))];
      const outer = functions.slice(1).flatMap((one) => [...(declared.get(one) ?? [])]);
      if (functions.length > 0) outer.push(...(declared.get(root) ?? []));
      return { own, outer: [...new Set(outer)].filter((name) => !own.includes(name)) };
    },
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
