import { boundNames, child, children, isFunction, parseFile, walk, word } from "../syntax.ts";
import type { SyntaxNode, Visit } from "../syntax.ts";
import type { TextEdit } from "../repair/types.ts";

/** The edits of a rename in one file. */
export interface FileRename {
  readonly edits: readonly TextEdit[];
  /** Places with the same word that were left alone, and why. */
  readonly left: readonly { readonly line: number; readonly why: string }[];
}

export interface RenameNames {
  readonly from: string;
  readonly to: string;
  /** The name belongs to methods or properties, not to variables: every `.name` is meant. */
  readonly members: boolean;
  /** Names of the packages that are renamed in: imports from them are imports of this code. */
  readonly packages: ReadonlySet<string>;
}

/** Whether a file declares the name as a variable, function, class or import, or as a method or property. */
export function declares(
  path: string,
  text: string,
  name: string,
): { readonly binding: boolean; readonly member: boolean } {
  const root = parseFile(path, text);
  let binding = false;
  let member = false;
  if (root === undefined) return { binding, member };
  for (const { node } of walk(root)) {
    if (
      /^(?:FunctionDeclaration|ClassDeclaration|VariableDeclarator|TSTypeAliasDeclaration|TSInterfaceDeclaration|TSEnumDeclaration)$/u.test(
        node.type,
      )
    )
      binding ||= boundNames(child(node, "id")).includes(name);
    if (isFunction(node)) binding ||= children(node, "params").flatMap(boundNames).includes(name);
    if (
      /^(?:ObjectMethod|ClassMethod|ClassProperty|ClassAccessorProperty|TSPropertySignature|TSMethodSignature)$/u.test(
        node.type,
      )
    )
      member ||= word(child(node, "key"), "name") === name;
    if (node.type === "ObjectProperty" && node["shorthand"] !== true)
      member ||= word(child(node, "key"), "name") === name;
  }
  return { binding, member };
}

/** Whether a file exports the name: in an export statement, or as a property of `exports` or `module.exports`. */
export function exportsName(path: string, text: string, name: string): boolean {
  const root = parseFile(path, text);
  if (root === undefined) return false;
  for (const { node, ancestors } of walk(root)) {
    if (node.type === "ExportNamedDeclaration") {
      const declaration = child(node, "declaration");
      const bound = [child(declaration, "id"), ...children(declaration, "declarations").map((one) => child(one, "id"))];
      if (bound.flatMap(boundNames).includes(name)) return true;
      if (children(node, "specifiers").some((one) => word(child(one, "exported"), "name") === name)) return true;
    }
    if (node.type === "ObjectProperty" && word(child(node, "key"), "name") === name && isExported(ancestors))
      return true;
    if (node.type === "AssignmentExpression") {
      const left = child(node, "left");
      if (word(child(left, "property"), "name") === name && isOwnModule(child(left, "object"), new Set(["exports"])))
        return true;
    }
  }
  return false;
}

/** The edits that rename an identifier in a JavaScript or TypeScript file; `undefined` when the file does not parse. */
export function renameInCode(path: string, text: string, names: RenameNames): FileRename | undefined {
  const root = parseFile(path, text);
  if (root === undefined) return undefined;
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const edits = new Map<number, TextEdit>();
  const left: { line: number; why: string }[] = [];
  const modules = ownModules(root, names.packages);
  for (const visit of walk(root)) {
    const { node } = visit;
    if (/^(?:Identifier|JSXIdentifier)$/u.test(node.type) && word(node, "name") === names.from) {
      const change = decide(visit, names, modules);
      const end = node.start + names.from.length;
      if (change.startsWith("!")) left.push({ line: lineOf(node.start), why: change.slice(1) });
      else if (change !== "") edits.set(node.start, { start: node.start, end, text: change });
    }
    if (!/^(?:StringLiteral|TemplateElement)$/u.test(node.type)) continue;
    const shown = text.slice(node.start, node.end);
    const matches = [...shown.matchAll(wholeWord(names.from))];
    if (matches.length === 0) continue;
    // A sentence, such as an error message, names the function; a lone word may be a key that someone else uses.
    if (!isTestTitle(visit) && !(unmistakable(names.from) && /\s/u.test(shown))) {
      left.push({ line: lineOf(node.start), why: "in a string" });
      continue;
    }
    for (const match of matches) {
      const start = node.start + match.index;
      edits.set(start, { start, end: start + names.from.length, text: names.to });
    }
  }
  for (const comment of children(root, "comments")) {
    for (const match of text.slice(comment.start, comment.end).matchAll(wholeWord(names.from))) {
      const start = comment.start + match.index;
      edits.set(start, { start, end: start + names.from.length, text: names.to });
    }
  }
  return { edits: [...edits.values()].sort((a, b) => a.start - b.start), left };
}

/** Matches a name where it isn't part of a longer one. */
export function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w$-])${name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")}(?![\\w$-])`, "gu");
}

/** Whether a name can't be a common word: it has a capital inside, a digit, `_`, `$` or a leading dash. */
export function unmistakable(name: string): boolean {
  return /[a-z][A-Z]|[\d_$]|^--/u.test(name);
}

/** New text for an identifier, "" to leave it silently, or "!" and why it is left. */
function decide(
  { node, ancestors }: Visit,
  { from, to, members, packages }: RenameNames,
  modules: ReadonlySet<string>,
): string {
  const parent = ancestors.at(-1);
  if (!parent) return to;
  switch (parent.type) {
    case "MemberExpression":
    case "OptionalMemberExpression": {
      if (child(parent, "property") !== node || parent["computed"] === true) return to;
      const object = child(parent, "object");
      return members || isOwnModule(object, modules) ? to : "!a property of another object";
    }
    case "ObjectProperty": {
      const pattern = ancestors.at(-2)?.type === "ObjectPattern";
      const open = pattern ? fromOwnModule(ancestors, modules, packages) : isExported(ancestors);
      if (parent["shorthand"] === true) return open || members ? to : `${from}: ${to}`;
      if (child(parent, "key") !== node) return to;
      return open || members ? to : "!a property name";
    }
    case "AssignmentPattern": {
      const property = ancestors.at(-2);
      if (property?.type !== "ObjectProperty" || property["shorthand"] !== true || child(parent, "left") !== node)
        return to;
      return fromOwnModule(ancestors.slice(0, -1), modules, packages) || members ? to : `${from}: ${to}`;
    }
    case "ObjectMethod":
      return child(parent, "key") !== node || members || isExported([...ancestors]) ? to : "!a method name";
    case "ClassMethod":
    case "ClassProperty":
    case "ClassAccessorProperty":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return child(parent, "key") !== node || members ? to : "!a method or property name";
    case "ImportSpecifier": {
      const source = word(child(ancestors.at(-2), "source"), "value");
      const own = source.startsWith(".") || packages.has(source);
      const aliased = child(parent, "imported")?.start !== child(parent, "local")?.start;
      if (own) return to;
      return aliased ? (child(parent, "local") === node ? to : "") : `${from} as ${to}`;
    }
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return "";
    case "JSXAttribute":
      return members ? to : "!a JSX attribute";
    default:
      return to;
  }
}

/** Names that stand for modules of the packages that are renamed in: `import * as lib`, `const lib = require("..")`. */
function ownModules(root: SyntaxNode, packages: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(["exports"]);
  for (const { node } of walk(root)) {
    if (node.type === "ImportDeclaration" && isOwnSource(child(node, "source"), packages)) {
      for (const specifier of children(node, "specifiers"))
        if (specifier.type !== "ImportSpecifier") names.add(word(child(specifier, "local"), "name"));
    }
    if (node.type === "VariableDeclarator" && isOwnRequire(child(node, "init"), packages))
      names.add(word(child(node, "id"), "name"));
  }
  names.delete("");
  return names;
}

function isOwnSource(source: SyntaxNode | undefined, packages: ReadonlySet<string>): boolean {
  const value = word(source, "value");
  return value.startsWith(".") || packages.has(value);
}

function isOwnRequire(node: SyntaxNode | undefined, packages: ReadonlySet<string>): boolean {
  const call = node?.type === "AwaitExpression" ? child(node, "argument") : node;
  if (call?.type === "ImportExpression") return isOwnSource(child(call, "source"), packages);
  if (call?.type !== "CallExpression") return false;
  const callee = child(call, "callee");
  return (
    (word(callee, "name") === "require" || callee?.type === "Import") &&
    isOwnSource(children(call, "arguments").at(0), packages)
  );
}

function isOwnModule(object: SyntaxNode | undefined, modules: ReadonlySet<string>): boolean {
  if (object?.type === "Identifier") return modules.has(word(object, "name"));
  if (object?.type === "CallExpression") return isOwnRequire(object, new Set());
  return (
    object?.type === "MemberExpression" &&
    word(child(object, "object"), "name") === "module" &&
    word(child(object, "property"), "name") === "exports"
  );
}

/** Whether an object literal is what the module exports. */
function isExported(ancestors: readonly SyntaxNode[]): boolean {
  const object = ancestors.findLastIndex((one) => one.type === "ObjectExpression");
  const outer = ancestors[object - 1];
  if (outer?.type === "ExportDefaultDeclaration") return true;
  return outer?.type === "AssignmentExpression" && isOwnModule(child(outer, "left"), new Set(["exports"]));
}

function fromOwnModule(
  ancestors: readonly SyntaxNode[],
  modules: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): boolean {
  const declarator = ancestors.findLast((one) => one.type === "VariableDeclarator");
  const init = child(declarator, "init");
  return isOwnRequire(init, packages) || isOwnModule(init, modules);
}

function isTestTitle({ node, ancestors }: Visit): boolean {
  const call = ancestors.at(-1);
  if (call?.type !== "CallExpression" || children(call, "arguments").at(0) !== node) return false;
  const callee = child(call, "callee");
  const name = word(callee, "name") || word(child(callee, "object"), "name");
  return /^(?:test|it|describe|suite|context|bench)$/u.test(name);
}
