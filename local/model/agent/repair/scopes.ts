import { boundNames, child, children, isFunction, walk, word } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";

/** Which names may stand at a place, and what kinds of value they seem to hold. */
export interface Scopes {
  /**
   * Names visible inside the given ancestors: `own` of the nearest function and its blocks, `outer` of what is around.
   * Variables of the own function that are declared at or after offset `before` are left out.
   */
  names(
    ancestors: readonly SyntaxNode[],
    before?: number,
  ): { readonly own: readonly string[]; readonly outer: readonly string[] };
  /** From 0.6 (clearly different kinds of value) to 1 (the same kind), judged by how the file uses both names. */
  compatible(one: string, other: string): number;
}

type Declared = ReadonlyMap<string, number>;

/** Collects a file's declarations by block and function, and guesses kinds of value from use. */
export function collectScopes(root: SyntaxNode): Scopes {
  const declared = new Map<SyntaxNode, Map<string, number>>();
  const kinds = new Map<string, Set<string>>();
  const declare = (owner: SyntaxNode, names: readonly string[], start: number): void => {
    const known = declared.get(owner) ?? new Map<string, number>();
    for (const name of names) known.set(name, Math.min(start, known.get(name) ?? start));
    declared.set(owner, known);
  };
  for (const { node, ancestors } of walk(root)) {
    const parent = ancestors.at(-1);
    if (isFunction(node)) declare(node, children(node, "params").flatMap(boundNames), node.start);
    if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      declare(blockOf(ancestors, root), boundNames(child(node, "id")), 0);
    } else if (node.type === "VariableDeclarator") {
      const owner = word(parent, "kind") === "var" ? functionOf(ancestors, root) : blockOf(ancestors, root);
      declare(owner, boundNames(child(node, "id")), node.start);
    } else if (/^Import\w*Specifier$/u.test(node.type)) declare(root, boundNames(child(node, "local")), 0);
    else if (node.type === "CatchClause") declare(node, boundNames(child(node, "param")), node.start);
    const name = word(node, "name");
    const kind = node.type === "Identifier" && parent ? kindOf(node, parent, ancestors.at(-2)) : "";
    if (kind !== "") kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
  }
  return {
    names(ancestors, before = Number.MAX_SAFE_INTEGER) {
      const inner = ancestors.findLastIndex(isFunction);
      const visible = (part: readonly SyntaxNode[], limit: number): readonly string[] =>
        part.toReversed().flatMap((one) => namesBefore(declared.get(one), limit));
      const own = [...new Set(visible(inner === -1 ? [] : ancestors.slice(inner), before))];
      const around = inner === -1 ? ancestors : ancestors.slice(0, inner);
      const outer = new Set([
        ...visible(around, inner === -1 ? before : Number.MAX_SAFE_INTEGER),
        ...namesBefore(declared.get(root), Number.MAX_SAFE_INTEGER),
      ]);
      return inner === -1
        ? { own: [...outer], outer: [] }
        : { own, outer: [...outer].filter((name) => !own.includes(name)) };
    },
    compatible(one, other) {
      const first = kinds.get(one);
      const second = kinds.get(other);
      if (first === undefined || second === undefined) return 0.8;
      return [...first].some((kind) => second.has(kind)) ? 1 : 0.6;
    },
  };
}

function namesBefore(names: Declared | undefined, before: number): readonly string[] {
  return names === undefined ? [] : [...names].filter(([, start]) => start < before).map(([name]) => name);
}

function functionOf(ancestors: readonly SyntaxNode[], root: SyntaxNode): SyntaxNode {
  return ancestors.findLast(isFunction) ?? root;
}

function blockOf(ancestors: readonly SyntaxNode[], root: SyntaxNode): SyntaxNode {
  const block = ancestors.findLast(
    (one) => isFunction(one) || /^(?:BlockStatement|For\w*Statement|SwitchStatement|StaticBlock)$/u.test(one.type),
  );
  return block ?? root;
}

const textMethods =
  /^(?:charAt|charCodeAt|codePointAt|trim\w*|toLowerCase|toUpperCase|startsWith|endsWith|split|replace|replaceAll|match|substring|substr|padStart|padEnd|repeat)$/u;
const listMethods =
  /^(?:push|pop|shift|unshift|splice|map|forEach|filter|reduce|some|every|join|sort|reverse|find|findIndex|flat|flatMap)$/u;

/** The kind of value that one use of a name implies; "" when it implies none. */
function kindOf(node: SyntaxNode, parent: SyntaxNode, grand: SyntaxNode | undefined): string {
  switch (parent.type) {
    case "UpdateExpression":
      return "number";
    case "BinaryExpression":
      return /^(?:[-*/%<>]|[<>]=|\*\*|<<|>>>?|[&|^])$/u.test(word(parent, "operator")) ? "number" : "";
    case "AssignmentExpression":
    case "VariableDeclarator":
      return child(parent, "left") === node || child(parent, "id") === node
        ? valueKind(child(parent, "right") ?? child(parent, "init"))
        : "";
    case "CallExpression":
      return child(parent, "callee") === node ? "function" : "";
    case "UnaryExpression":
      return word(parent, "operator") === "!" ? "boolean" : "";
    case "IfStatement":
    case "ConditionalExpression":
      return child(parent, "test") === node ? "boolean" : "";
    case "MemberExpression": {
      if (parent["computed"] === true) return child(parent, "property") === node ? "" : "object";
      if (child(parent, "object") !== node) return "";
      const property = word(child(parent, "property"), "name");
      const called = grand?.type === "CallExpression" && child(grand, "callee") === parent;
      if (property === "length") return "list";
      return called && textMethods.test(property) ? "text" : called && listMethods.test(property) ? "list" : "object";
    }
    default:
      return "";
  }
}

function valueKind(value: SyntaxNode | undefined): string {
  if (value === undefined) return "";
  if (
    value.type === "NumericLiteral" ||
    (value.type === "MemberExpression" && word(child(value, "property"), "name") === "length")
  )
    return "number";
  if (value.type === "StringLiteral" || value.type === "TemplateLiteral") return "text";
  if (value.type === "BooleanLiteral") return "boolean";
  if (value.type === "ArrayExpression") return "list";
  if (value.type === "ObjectExpression") return "object";
  return isFunction(value) ? "function" : "";
}
