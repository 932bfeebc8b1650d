import * as z from "zod";
import { readContent } from "../../../../../domain/patch-set/content.ts";
import { editText } from "../../../../../domain/patch-set/edit-text.ts";
import { isLfsPointer } from "../../../../../domain/patch-set/filters.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { SandboxPort } from "../../../../ports/sandbox.ts";
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
    const { note, text } = await readText(context, input.path);
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    const first = input.offset ?? 1;
    const last = Math.min(lines.length, first + (input.limit ?? 2000) - 1);
    if (lines.length === 0) return "(the file is empty)";
    if (first > lines.length) throw new ToolError(`The file has ${lines.length} lines.`);
    const shown = lines.slice(first - 1, last).map((line, index) => `${String(first + index).padStart(6)}\t${line}`);
    if (last < lines.length)
      shown.push(`(lines ${last + 1} to ${lines.length} not shown: read on with offset ${last + 1})`);
    if (note !== undefined) shown.push(note);
    if (isLfsPointer(new TextEncoder().encode(text.slice(0, 2000))))
      shown.push("(This is a pointer of Git LFS. The content itself is not in the sandbox and can't be changed here.)");
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
    "Replaces an exact text in a file, whichever line ends the file has. Refused when the text is missing, or occurs more than once without replace_all.",
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
    const bytes = await readBytes(context, input.path);
    if (readContent(bytes).encoding === "binary") throw new ToolError("This is a binary file.");
    const all = input.replace_all === true;
    const edited = editText(bytes, { oldText: input.old_string, newText: input.new_string, all });
    const { count } = edited;
    if (!edited.ok && count === 0)
      throw new ToolError("old_string does not occur in the file. Read the file and copy the text exactly.");
    if (!edited.ok)
      throw new ToolError(`old_string occurs ${count} times. Give more of the text around it, or set replace_all.`);
    await context.sandbox.writeFile(context.id, context.resolveForWrite(input.path), edited.bytes);
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
    const place = resolveForWrite(input.path);
    // An editor keeps the byte order mark of a file that had one.
    const isMarked = await startsWithMark(sandbox, id, place);
    const content = isMarked && !input.content.startsWith(mark) ? `${mark}${input.content}` : input.content;
    const bytes = new TextEncoder().encode(content);
    await sandbox.writeFile(id, place, bytes);
    return `Wrote ${input.path} (${bytes.length} bytes).`;
  },
});

const mark = "\uFEFF";

async function startsWithMark(sandbox: SandboxPort, id: string, place: string): Promise<boolean> {
  try {
    const { bytes } = await sandbox.readFile(id, place, { maxBytes: 3 });
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return false;
    throw error;
  }
}

/** A file as text, with its encoding where that is not UTF-8. */
async function readText(
  context: Pick<ToolContext, "id" | "resolve" | "sandbox">,
  path: string,
): Promise<{ readonly text: string; readonly note: string | undefined }> {
  const { encoding, text } = readContent(await readBytes(context, path));
  if (encoding === "binary") throw new ToolError("This is a binary file.");
  if (encoding === "utf-8") return { text, note: undefined };
  const found =
    encoding === "mixed" ? "Some bytes are not UTF-8 and are shown as Latin-1" : `The file is in ${encoding}`;
  return { text, note: `(${found}. edit_file keeps the file's bytes; write_file would write UTF-8.)` };
}

async function readBytes(
  { id, resolve, sandbox }: Pick<ToolContext, "id" | "resolve" | "sandbox">,
  path: string,
): Promise<Uint8Array> {
  try {
    const { bytes, sizeBytes } = await sandbox.readFile(id, resolve(path), { maxBytes: maxReadBytes });
    if (sizeBytes > maxReadBytes)
      throw new ToolError(`The file has ${sizeBytes} bytes, too many to read. Use grep or shell.`);
    return bytes;
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found") throw new ToolError(`There is no file ${path}.`);
    if (error instanceof PortError && error.code === "not_a_file") throw new ToolError(`${path} is not a file.`);
    throw error;
  }
}
