import * as z from "zod";
import type { Stage } from "../../../../contracts/run.ts";
import type { LlmTool } from "../../../ports/llm.ts";
import { InvalidToolInput, type ToolContext } from "./context.ts";

/** A stage that has a tool. `author` stands for the stage that makes the mode's product, whichever that is. */
export type ToolStage = Stage | "author";

/** The ways in which a tool call ends its stage. Each has a handler in `engine/steps/endings`. */
export type StageEnding = "finish" | "review" | "plan" | "triage" | "architecture";

/** The rules of one tool, besides its input and its work. */
export interface ToolRules {
  /** The name in the model's request, in the journal and in a run's list of allowed tools. */
  readonly name: string;
  readonly description: string;
  /** The stages that have the tool. A call from any other stage is refused. */
  readonly stages: readonly ToolStage[];
  /** Whether a call may change the work tree, which is then saved after it. */
  readonly mutates: boolean;
  /** Whether a call that was under way when the process stopped is simply run again. */
  readonly repeatable: boolean;
  /** True for a call that writes one file in one piece: after a crash a changed work tree shows that the call was done. */
  readonly atomic?: true;
  /** Whether a run's list of allowed tools can leave it out. */
  readonly constrainable: boolean;
}

/** The part that carries out a call: work in the sandbox, the end of the stage, or a question to a person. */
export type ToolHandler<Input> =
  | { readonly run: (context: ToolContext, input: Input) => Promise<string> }
  | { readonly ends: StageEnding }
  | { readonly asks: "person" };

/** A tool as the engine uses it. */
export interface Tool<Input = unknown> extends ToolRules {
  /** Checks an input. Throws InvalidToolInput with the name of each wrong field. */
  readonly parse: (input: unknown) => Input;
  /** The tool as the model sees it. Made once, so that its bytes are the same in every request. */
  readonly shown: () => LlmTool;
  /** Checks the input and does the work; absent when the engine carries out the call. Throws as `parse` and the work do. */
  readonly run?: (context: ToolContext, input: unknown) => Promise<string>;
  readonly ends?: StageEnding;
  readonly asks?: "person";
}

/** The input of a tool. */
export type InputOf<T> = T extends Tool<infer Input> ? Input : never;

/** A tool whose input a zod schema describes: the model sees it as JSON Schema, and every call is checked by it. */
export function defineTool<Input>(
  declaration: ToolRules & { readonly schema: z.ZodType<Input> } & ToolHandler<Input>,
): Tool<Input> {
  const { schema, ...rest } = declaration;
  return toolOf(schema, () => jsonSchemaOf(schema), rest);
}

/**
 * A tool whose input a JSON Schema describes: a tenant's own, known only when the run is under way. The model sees the schema as it is
 * given. Regular expressions in it are not applied here, because a foreign one can run for ever. Throws Error for a schema that zod can't
 * read (https://zod.dev/json-schema).
 */
export function defineToolByJsonSchema(
  declaration: ToolRules & {
    readonly inputSchema: Readonly<Record<string, unknown>>;
    readonly run: (context: ToolContext, input: unknown) => Promise<string>;
  },
): Tool {
  const { inputSchema, ...rest } = declaration;
  return toolOf<unknown>(z.fromJSONSchema(withoutPatterns(inputSchema)), () => inputSchema, rest);
}

function toolOf<Input>(
  schema: z.ZodType<Input>,
  inputSchema: () => Readonly<Record<string, unknown>>,
  declaration: ToolRules & ToolHandler<Input>,
): Tool<Input> {
  const { description, name } = declaration;
  const parse = (input: unknown): Input => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`);
    throw new InvalidToolInput(`The input of ${name} is not valid. ${problems.join("; ")}`);
  };
  let made: LlmTool | undefined;
  const shown = (): LlmTool => (made ??= { name, description, inputSchema: inputSchema() });
  if (!("run" in declaration)) return { ...declaration, parse, shown };
  const { run } = declaration;
  return { ...declaration, parse, shown, run: async (context, input) => run(context, parse(input)) };
}

function jsonSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...shown } = z.toJSONSchema(schema, { io: "input" });
  return shown;
}

/** Keywords whose values are named schemas, so that a name such as `pattern` is no keyword there. */
const named = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);
/** Keywords whose values are data. */
const literal = new Set(["const", "enum", "default", "examples"]);

/** A JSON Schema without the keywords that hold regular expressions. */
function withoutPatterns(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(schema).filter(([key]) => key !== "pattern" && key !== "patternProperties");
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (literal.has(key)) return [key, value];
      if (named.has(key) && isObject(value))
        return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cleaned(each)]))];
      return [key, cleaned(value)];
    }),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isObject(value) ? withoutPatterns(value) : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
