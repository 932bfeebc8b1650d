import { isAbsolute, relative, sep } from "node:path";
import type { RuleTester } from "oxlint/plugins-dev";

/** A rule in the form that oxlint loads. https://oxc.rs/docs/guide/usage/linter/js-plugins */
export type Rule = Extract<Parameters<RuleTester["run"]>[1], { create: unknown }>;
export type RuleContext = Parameters<Rule["create"]>[0];
type Visitor = ReturnType<Rule["create"]>;
/** The syntax node that a visitor of this name gets. */
export type NodeOf<Name extends keyof Visitor> = Parameters<NonNullable<Visitor[Name]>>[0];

/** The linted file's path from the folder that the linter runs in, with `/`; undefined outside of it. */
export function pathOf(context: RuleContext): string | undefined {
  const path = relative(context.cwd, context.filename);
  if (path === "" || isAbsolute(path) || path.startsWith("..")) return undefined;
  return path.split(sep).join("/");
}
