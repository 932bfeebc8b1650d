import { isIn } from "../layers.ts";
import { pathOf, type Rule } from "../rule.ts";

const compose = "worker/compose.ts";
const guarded = ["worker/", "durable-objects/"];

/** Settings and bindings are read in `worker/compose.ts` and nowhere else; other code gets what compose built. */
export const envInCompose: Rule = {
  meta: { type: "problem", docs: { description: "read the environment in worker/compose.ts alone" } },
  create(context) {
    const path = pathOf(context);
    if (path === undefined || path === compose || !isIn(path, guarded)) return {};
    const message = `only ${compose} reads the environment: take what is needed from what it builds`;
    return {
      ImportDeclaration(node) {
        if (node.source.value !== "cloudflare:workers") return;
        for (const specifier of node.specifiers) {
          if (
            specifier.type === "ImportSpecifier" &&
            "name" in specifier.imported &&
            specifier.imported.name === "env"
          ) {
            context.report({ node: specifier, message });
          }
        }
      },
      MemberExpression(node) {
        const name = settingName(node.property);
        const isSetting = name !== undefined && /^[A-Z][A-Z0-9_]*$/.test(name);
        const isProcessEnv = name === "env" && node.object.type === "Identifier" && node.object.name === "process";
        if (isProcessEnv || (isSetting && isEnvironment(node.object))) context.report({ node, message });
      },
      VariableDeclarator(node) {
        if (node.id.type !== "ObjectPattern" || node.init === null || !isEnvironment(node.init)) return;
        context.report({ node, message });
      },
    };
  },
};

/** `env`, `this.env`, `c.env`, `context.env`. */
function isEnvironment(node: { readonly type: string; readonly name?: unknown; readonly property?: unknown }): boolean {
  if (node.type === "Identifier") return node.name === "env";
  return node.type === "MemberExpression" && settingName(node.property) === "env";
}

function settingName(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if ("name" in node && typeof node.name === "string") return node.name;
  return "value" in node && typeof node.value === "string" ? node.value : undefined;
}
