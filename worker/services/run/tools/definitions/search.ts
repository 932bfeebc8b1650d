import * as z from "zod";
import { ToolError } from "../context.ts";
import { defineTool } from "../definition.ts";
import { rangeOf } from "../output.ts";
import { runCommand } from "../run-command.ts";

/** Searches by extended regular expression, without binary files. */
export const grepTool = defineTool({
  name: "grep",
  description: "Searches file contents; answers path:line:text.",
  schema: z.strictObject({
    pattern: z.string().min(1).max(500).describe("POSIX extended regular expression"),
    path: z.string().max(1024).optional(),
    ignore_case: z.boolean().optional(),
  }),
  stages: ["triage", "architect", "planner", "coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async (context, input) => {
    const flags = [
      // A path also where one file is searched.
      "-rnIEH",
      "--exclude-dir=.git",
      "--exclude-dir=node_modules",
      ...(input.ignore_case === true ? ["-i"] : []),
    ];
    const target = input.path === undefined || input.path === "" ? "." : input.path;
    context.resolve(target);
    const argv = ["grep", ...flags, "-e", input.pattern, "--", target];
    // By bytes, so that a line that is not UTF-8 is found too; letters beyond ASCII need the locale to have two cases.
    const needsLocale = input.ignore_case === true && /[^\0-\u007f]/u.test(input.pattern);
    const env: Readonly<Record<string, string>> = needsLocale ? {} : { LC_ALL: "C" };
    const result = await runCommand(context, argv, 30_000, context.resolve("."), env);
    if (result.exitCode === 1) return "(no match)";
    if (result.exitCode !== 0) throw new ToolError(result.stderr.slice(0, 1000) || `grep failed (${result.exitCode})`);
    return result.stdout
      .split("\n")
      .map((line) => line.replace(/^\.\//u, ""))
      .slice(0, 1000)
      .join("\n");
  },
});

/** Reads on in an output that was cut. */
export const readOutputTool = defineTool({
  name: "read_output",
  description: "Reads a range of an earlier output that was cut.",
  schema: z.strictObject({
    output: z.string().min(1).max(40).describe("The name that the cut output gave"),
    offset: z.int().min(0).describe("First character, counted from 0"),
    length: z.int().min(1).max(20_000).optional().describe("Number of characters, 20000 unless told"),
  }),
  stages: ["triage", "architect", "planner", "coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: false,
  run: async (context, { length = 20_000, offset, output }) => {
    const whole = context.keptOutput(output);
    if (whole === undefined)
      throw new ToolError(`No output is kept as ${JSON.stringify(output)}. Only outputs that were cut are.`);
    return rangeOf(whole, offset, length);
  },
});
