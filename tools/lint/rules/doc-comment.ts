import { isIn } from "../layers.ts";
import { pathOf, type NodeOf, type Rule } from "../rule.ts";

const documented = [
  "contracts/",
  "domain/",
  "worker/",
  "durable-objects/",
  "sandbox-host/",
  "local/",
  "tools/",
  "bench/",
];
const exempt = ["local/sample/", "local/sample-app/"];
type Statement = NodeOf<"Program">["body"][number];

/** Requires a doc comment on each exported function. */
export const docComment: Rule = {
  meta: { type: "suggestion", docs: { description: "give each exported function a doc comment" } },
  create(context) {
    const path = pathOf(context);
    if (path === undefined || !isIn(path, documented) || isIn(path, exempt)) return {};
    return {
      Program(program) {
        const exported = exportedNames(program.body);
        const told = new Set<string>();
        for (const statement of program.body) {
          for (const name of functionNames(statement)) {
            if (told.has(name) || (!isExport(statement) && !exported.has(name))) continue;
            // Of several signatures the first carries the comment.
            told.add(name);
            const comments = context.sourceCode.getCommentsBefore(statement);
            if (comments.some((comment) => comment.type === "Block" && comment.value.startsWith("*"))) continue;
            context.report({ node: statement, message: `the exported function ${name} needs a doc comment` });
          }
        }
      },
    };
  },
};

function isExport(statement: Statement): boolean {
  return statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
}

function exportedNames(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration" || statement.source !== null) continue;
    for (const { local } of statement.specifiers) if ("name" in local) names.add(local.name);
  }
  return names;
}

function functionNames(statement: Statement): readonly string[] {
  const declaration =
    statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
      ? statement.declaration
      : statement;
  if (declaration === null) return [];
  if (declaration.type === "FunctionDeclaration" || declaration.type === "TSDeclareFunction")
    return [declaration.id?.name ?? "default"];
  if (declaration.type !== "VariableDeclaration") return [];
  return declaration.declarations.flatMap(({ id, init }) => {
    const isFunction = init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression";
    return isFunction && id.type === "Identifier" ? [id.name] : [];
  });
}
