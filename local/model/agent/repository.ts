import * as z from "zod";
import { isSourceFile } from "./syntax.ts";
import { callOne, tool } from "./work.ts";
import type { ToolResult, Work } from "./work.ts";

/** Whether a path looks like a test by folder or name. */
export function isTestFile(path: string): boolean {
  if (!isSourceFile(path)) return false;
  return (
    /(?:^|\/)(?:tests?|__tests__|specs?)\//u.test(path) || /(?:^|[./_-])(?:tests?|spec)\.[cm]?[jt]sx?$/u.test(path)
  );
}

/** Whether a path is code of the repository itself: no test, no configuration, no build output, no dependency. */
export function isOwnSource(path: string): boolean {
  return (
    isSourceFile(path) &&
    !isTestFile(path) &&
    !/(?:^|\/)(?:node_modules|dist|build|coverage|vendor|benchmarks?|examples?|\.[^/]+)\//u.test(path) &&
    !/(?:^|\/)[\w.-]+\.(?:config|min|bundle)\.[cm]?[jt]s$/u.test(path)
  );
}

/** The paths in a `list_files` result. */
export function readListing(result: ToolResult): readonly string[] {
  if (result.isError) return [];
  return result.content
    .split("\n")
    .map((line) => line.trim().replace(/^\.\//u, ""))
    .filter((line) => line !== "" && !line.endsWith("/"));
}

/**
 * The text of a `read_file` result, without its line numbers; always ends in a line break. `complete` is false when the
 * file may go on after the last line that was shown.
 */
export function readNumbered(result: ToolResult): {
  readonly text: string;
  readonly lines: number;
  readonly complete: boolean;
} {
  const lines: string[] = [];
  let complete = true;
  const shown = result.content.replace(/\n$/u, "").split("\n");
  for (const line of shown) {
    const match = /^ *(\d+)\t([^\n]*)$/u.exec(line);
    if (match) lines.push(match[2] ?? "");
    else if (line.trim() !== "") complete = false;
  }
  return {
    text: lines.map((line) => `${line}\n`).join(""),
    lines: lines.length,
    complete: complete && lines.length < 2000,
  };
}

/** Reads files in one turn (and goes on turn by turn with those over 2,000 lines); what can't be read is left out. */
export function* readFiles(text: string, paths: readonly string[]): Work<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  if (paths.length === 0) return contents;
  const results = yield { text, calls: paths.map((path) => tool("read_file", { path })) };
  for (const [index, path] of paths.entries()) {
    const result = results[index];
    if (result === undefined || result.isError) continue;
    let page = readNumbered(result);
    let whole = page.text;
    for (let line = page.lines + 1; !page.complete && page.lines > 0 && line < 20_000; line += page.lines) {
      const next = yield* callOne(`Reading on in ${path}.`, tool("read_file", { path, offset: line, limit: 2000 }));
      if (next.isError) break;
      page = readNumbered(next);
      whole += page.text;
    }
    contents.set(path, whole);
  }
  return contents;
}

const manifestSchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  type: z.string().optional(),
  main: z.string().optional(),
  scripts: z.record(z.string(), z.string()).optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Reads package.json's text; an empty manifest when there is none or it is broken. */
export function readManifest(text: string | undefined): Manifest {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text ?? "{}"));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** Outcome of a `run_tests` or `shell` result: its first line says `exit code: N`. */
export function exitCode(result: ToolResult): number | undefined {
  const code = /^exit code: (-?\d+)/mu.exec(result.content)?.[1];
  return code === undefined ? undefined : Number(code);
}
