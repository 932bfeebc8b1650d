import { builtinModules } from "node:module";
import { posix } from "node:path";
import { isIn, layerOf, moduleOwners, packageOwners, type Layer } from "../layers.ts";
import { pathOf, type Rule } from "../rule.ts";

/** Each import stays within what its layer may import. The table is in `tools/lint/layers.ts`. */
export const importLaw: Rule = {
  meta: { type: "problem", docs: { description: "keep every import within the import law" } },
  create(context) {
    const from = pathOf(context);
    if (from === undefined) return {};
    type Reported = Parameters<typeof context.report>[0];
    const check = (source: unknown, node: Extract<Reported, { node: unknown }>["node"]): void => {
      if (typeof source !== "string") return;
      const message = breach(from, source);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source.value, node.source),
      ExportAllDeclaration: (node) => check(node.source.value, node.source),
      ExportNamedDeclaration: (node) => check(node.source?.value, node),
      ImportExpression: (node) => check(literal(node.source), node),
      TSImportType: (node) => check(literal(node.source), node),
    };
  },
};

/**
 * The rule that an import breaks, or undefined when it is lawful.
 *
 * @param from path of the importing file from the root, such as `domain/run/fold.ts`
 * @param source the specifier as written
 */
export function breach(from: string, source: string): string | undefined {
  const own = layerOf(from);
  if (own === undefined) return undefined;
  if (!source.startsWith(".")) return packageBreach(from, own.layer, own.root, source);
  const target = posix.join(posix.dirname(from), source.replace(/\?.*$/, ""));
  const owners = moduleOwners[target];
  if (owners !== undefined && !isIn(from, owners) && !from.startsWith("test/")) {
    return `${target} may be imported by ${owners.join(" and ")} alone`;
  }
  if (isIn(target, [own.root]) || isIn(target, own.layer.imports)) return undefined;
  return `${own.root} may not import ${target}: it may import ${list(own.layer.imports)}`;
}

function packageBreach(from: string, layer: Layer, root: string, source: string): string | undefined {
  const name = packageName(source);
  if (!from.startsWith("test/")) {
    for (const [pattern, owners] of Object.entries(packageOwners)) {
      if (fits(name, pattern) && !isIn(from, owners))
        return `the package ${name} may be imported in ${owners.join(" and ")} alone`;
    }
  }
  if (layer.packages === "any") return undefined;
  if (layer.packages === "edge") {
    const isNode = name.startsWith("node:") || builtinModules.includes(name);
    return isNode ? `${root} may not import ${name}: it runs where there is no Node` : undefined;
  }
  if (layer.packages.some((pattern) => fits(name, pattern))) return undefined;
  return `${root} may not import the package ${name}: it may import ${list(layer.packages)}`;
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function packageName(source: string): string {
  return source
    .split("/")
    .slice(0, source.startsWith("@") ? 2 : 1)
    .join("/");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing but its own" : names.join(", ");
}

function literal(node: object): unknown {
  return "value" in node ? node.value : undefined;
}
