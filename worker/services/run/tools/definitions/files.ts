import * as z from "zod";
import { asText } from "../../../../../domain/patch-set/text.ts";
import { PortError } from "../../../../ports/errors.ts";
import { ToolError, type ToolContext } from "../context.ts";
import { defineTool } from "../definition.ts";

const maxReadBytes = 5_000_000;

/** The file's lines as `cat -n` shows them, from `offset` for `limit` lines. */
export const readFileTool = defineTool({
  name: "read_file",
  description: "Reads a text file with line numbers.",
  schema: z.strictObject({
    path: z.string().min(1).max(1024),
    offset: z.int().min(1).optional().describe("First line, counted from 1"),
    limit: z.int().min(1).max(2000).optional().describe("Number of lines, 2000 unless told"),
  }),
  stages: ["triage", "architect", "planner", "coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async (context, input) => {
    const text = await readText(context, input.path);
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    const first = input.offset ?? 1;
    const last = Math.min(lines.length, first + (input.limit ?? 2000) - 1);
    if (lines.length === 0) return "(the file is empty)";
    if (first > lines.length) throw new ToolError(`The file has ${lines.length} lines.`);
    const shown = lines.slice(first - 1, last).map((line, index) => `${String(first + index).padStart(6)}\t${line}`);
    if (last < lines.length)
      shown.push(`(lines ${last + 1} to ${lines.length} not shown: read on with offset ${last + 1})`);
    return shown.join("\n");
  },
});

/** One path a line; directories end with a slash. */
export const listFilesTool = defineTool({
  name: "list_files",
  description: "Lists files and directories, without .git and node_modules.",
  schema: z.strictObject({
    path: z.string().max(1024).optional().describe("Directory, the root unless told"),
    recursive: z.boolean().optional(),
  }),
  stages: ["triage", "architect", "planner", "coder", "reviewer"],
  mutates: false,
  repeatable: true,
  constrainable: true,
  run: async ({ id, resolve, sandbox }, input) => {
    const { entries, truncated } = await sandbox.list(id, resolve(input.path ?? ""), {
      recursive: input.recursive ?? false,
      limit: 2000,
    });
    const prefix =
      input.path === undefined || input.path === "" || input.path === "." ? "" : `${input.path.replace(/\/+$/u, "")}/`;
    const lines = entries.map((entry) => `${prefix}${entry.path}${entry.kind === "directory" ? "/" : ""}`);
    if (truncated) lines.push("(more entries are not shown: list a directory below)");
    return lines.length === 0 ? "(empty)" : lines.join("\n");
  },
});

/** Replaces an exact text once, or everywhere with replace_all. */
export const editFileTool = defineTool({
  name: "edit_file",
  description:
    "Replaces an exact text in a file. Refused when the text is missing, or occurs more than once without replace_all.",
  schema: z.strictObject({
    path: z.string().min(1).max(1024),
    old_string: z.string().min(1).describe("Exact text, which must occur once unless replace_all"),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  stages: ["coder"],
  mutates: true,
  repeatable: false,
  atomic: true,
  constrainable: true,
  run: async (context, input) => {
    if (input.old_string === input.new_string) throw new ToolError("old_string and new_string are the same.");
    const text = await readText(context, input.path);
    const count = text.split(input.old_string).length - 1;
    if (count === 0)
      throw new ToolError("old_string does not occur in the file. Read the file and copy the text exactly.");
    if (count > 1 && input.replace_all !== true)
      throw new ToolError(`old_string occurs ${count} times. Give more of the text around it, or set replace_all.`);
    const edited =
      input.replace_all === true
        ? text.replaceAll(input.old_string, () => input.new_string)
        : text.replace(input.old_string, () => input.new_string);
    await context.sandbox.writeFile(context.id, context.resolveForWrite(input.path), new TextEncoder().encode(edited));
    return `Edited ${input.path}: ${count} ${count === 1 ? "replacement" : "replacements"}.`;
  },
});

/** Writes a whole file. */
export const writeFileTool = defineTool({
  name: "write_file",
  description: "Writes a whole file, making its directories.",
  schema: z.strictObject({ path: z.string().min(1).max(1024), content: z.string().max(2_000_000) }),
  stages: ["coder"],
  mutates: true,
  repeatable: false,
  atomic: true,
  constrainable: true,
  run: async ({ id, resolveForWrite, sandbox }, input) => {
    const bytes = new TextEncoder().encode(input.content);
    await sandbox.writeFile(id, resolveForWrite(input.path), bytes);
    return `Wrote ${input.path} (${bytes.length} bytes).`;
  },
});

async function readText(
  { id, resolve, sandbox }: Pick<ToolContext, "id" | "resolve" | "sandbox">,
  path: string,
): Promise<string> {
  try {
    const { bytes, sizeBytes } = await sandbox.readFile(id, resolve(path), { maxBytes: maxReadBytes });
    if (sizeBytes > maxReadBytes)
      throw new ToolError(`The file has ${sizeBytes} bytes, too many to read. Use grep or shell.`);
    const text = asText(bytes);
    if (text === undefined) throw new ToolError("This is a binary file.");
    return text;
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found") throw new ToolError(`There is no file ${path}.`);
    if (error instanceof PortError && error.code === "not_a_file") throw new ToolError(`${path} is not a file.`);
    throw error;
  }
}
