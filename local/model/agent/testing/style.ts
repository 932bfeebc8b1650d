import { boundNames, child, children, parseFile, program, walk, word } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";

export type Framework = "node:test" | "tape" | "expect" | "mocha" | "plain";

/** The style of a repository's tests, read from one of them. */
export interface TestStyle {
  readonly framework: Framework;
  readonly module: "esm" | "cjs";
  readonly quote: '"' | "'";
  readonly semicolons: boolean;
  /** Where `expect` and `it` come from when they are imported, such as "vitest". */
  readonly expectSource: string | undefined;
}

/** The import of a name into a module. */
export interface Binding {
  readonly kind: "named" | "default" | "namespace";
  readonly source: string;
}

/** Reads the style of a test file; node:test in the package's module system when there is no test to go by. */
export function readStyle(text: string | undefined, packageType: string | undefined, path: string): TestStyle {
  const source = text ?? "";
  const esm = /\.m[jt]s$/u.test(path) || (/^\s*(?:import|export)\b/mu.test(source) && !/\brequire\(/u.test(source));
  const cjs = /\.c[jt]s$/u.test(path) || /\brequire\(/u.test(source);
  const statements = source.split("\n").filter((line) => /[\w)\]'"]\s*;?$/u.test(line) && !/[,{([]$/u.test(line));
  return {
    framework: frameworkOf(source, text === undefined),
    module: esm || (!cjs && packageType === "module") ? "esm" : "cjs",
    quote: (source.match(/'/gu)?.length ?? 0) > (source.match(/"/gu)?.length ?? 0) ? "'" : '"',
    semicolons:
      statements.length === 0 ||
      statements.filter((line) => line.trimEnd().endsWith(";")).length * 2 >= statements.length,
    expectSource: /from\s+["'](vitest|@jest\/globals|bun:test)["']/u.exec(source)?.[1],
  };
}

function frameworkOf(source: string, none: boolean): Framework {
  if (none || /["']node:test["']/u.test(source)) return "node:test";
  if (/["'](?:tape|tap|tape-catch)["']/u.test(source)) return "tape";
  if (/\bexpect\(/u.test(source) && !/["']chai["']/u.test(source)) return "expect";
  if (/^\s*(?:describe|it)\(/mu.test(source)) return "mocha";
  return "plain";
}

/** Finds a file's import or require of a name; `undefined` when there is none. */
export function findBinding(path: string, text: string, name: string): Binding | undefined {
  const root = parseFile(path, text);
  if (root === undefined) return undefined;
  for (const { node } of walk(root)) {
    if (node.type === "ImportDeclaration") {
      for (const specifier of children(node, "specifiers")) {
        if (word(child(specifier, "local"), "name") !== name) continue;
        const kind =
          specifier.type === "ImportSpecifier"
            ? "named"
            : specifier.type === "ImportDefaultSpecifier"
              ? "default"
              : "namespace";
        return { kind, source: word(child(node, "source"), "value") };
      }
    }
    if (node.type !== "VariableDeclarator") continue;
    const target = child(node, "id");
    const source = requiredSource(child(node, "init"));
    if (source === undefined || !boundNames(target).includes(name)) continue;
    const viaProperty = word(child(child(node, "init"), "property"), "name");
    return { kind: target?.type === "ObjectPattern" || viaProperty === name ? "named" : "default", source };
  }
  return undefined;
}

function requiredSource(node: SyntaxNode | undefined): string | undefined {
  const call = node?.type === "MemberExpression" ? child(node, "object") : node;
  if (call?.type !== "CallExpression" || word(child(call, "callee"), "name") !== "require") return undefined;
  const source = word(children(call, "arguments").at(0), "value");
  return source === "" ? undefined : source;
}

/** The kind of a source file's export of a name; `undefined` when it exports none. */
export function findExport(path: string, text: string, name: string): "named" | "default" | undefined {
  const root = parseFile(path, text);
  if (root === undefined) return undefined;
  for (const statement of children(program(root), "body")) {
    if (statement.type === "ExportNamedDeclaration") {
      const declaration = child(statement, "declaration");
      const names = [
        ...boundNames(child(declaration, "id")),
        ...children(declaration, "declarations").flatMap((one) => boundNames(child(one, "id"))),
      ];
      const listed = children(statement, "specifiers").map((one) => word(child(one, "exported"), "name"));
      if ([...names, ...listed].includes(name)) return listed.includes("default") ? "default" : "named";
    }
    if (statement.type === "ExportDefaultDeclaration") {
      const declared = child(statement, "declaration");
      if (word(child(declared, "id"), "name") === name || word(declared, "name") === name) return "default";
    }
    const assignment = child(statement, "expression");
    const left = child(assignment, "left");
    const right = child(assignment, "right");
    if (assignment?.type !== "AssignmentExpression" || left?.type !== "MemberExpression") continue;
    const target = text.slice(left.start, left.end);
    if (target === `exports.${name}` || target === `module.exports.${name}`) return "named";
    if (target !== "module.exports") continue;
    if (word(right, "name") === name || word(child(right, "id"), "name") === name) return "default";
    if (children(right, "properties").some((property) => word(child(property, "key"), "name") === name)) return "named";
  }
  return undefined;
}
