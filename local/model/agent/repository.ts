import * as z from "zod";
import { isTestPath } from "../../../domain/run/test-paths.ts";
import { isSourceFile } from "./syntax.ts";
import { callOne, tool } from "./work.ts";
import type { ToolResult, Work } from "./work.ts";

/** Whether a source file looks like a test by folder or name. */
export function isTestFile(path: string): boolean {
  return isSourceFile(path) && isTestPath(path);
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
    .filter((line) => line !== "" && !line.endsWith("/") && !/^\((?:empty|more entries .*)\)$/u.test(line));
}

/** One page of a file as `read_file` shows it. */
export interface Page {
  /** The lines without their numbers; ends in a line break. */
  readonly text: string;
  readonly lines: number;
  /** The file may go on after the last line of the page. */
  readonly more: boolean;
}

/**
 * Reads a `read_file` result from line `first` on. A long result may have lost its middle: what counts is the unbroken run
 * of lines from its start, without a line that the cut went through.
 */
export function readNumbered(result: ToolResult, first = 1): Page {
  const lines: string[] = [];
  let more = false;
  for (const row of result.content.replace(/\n$/u, "").split("\n")) {
    const match = /^ *(\d+)\t([^\n]*)$/u.exec(row);
    if (match && Number(match[1]) === first + lines.length) {
      lines.push(match[2] ?? "");
      continue;
    }
    more = lines.length > 0;
    if (/characters left out/u.test(row)) lines.pop();
    break;
  }
  return { text: lines.map((line) => `${line}\n`).join(""), lines: lines.length, more: more || lines.length >= 2000 };
}

/** Reads files in one turn (and continues turn by turn with long ones); unreadable files are left out. */
export function* readFiles(text: string, paths: readonly string[]): Work<Map<string, string>> {
  const contents = new Map<string, string>();
  if (paths.length === 0) return contents;
  const results = yield { text, calls: paths.map((path) => tool("read_file", { path })) };
  for (const [index, path] of paths.entries()) {
    const result = results[index];
    if (result === undefined || result.isError) continue;
    let page = readNumbered(result);
    if (page.lines === 0) continue;
    let whole = page.text;
    for (let next = page.lines + 1; page.more && page.lines > 0 && next < 20_000; next += page.lines) {
      const limit = Math.max(50, Math.min(2000, Math.floor(26_000 / (whole.length / next + 8))));
      const further = yield* callOne(`Reading on in ${path}.`, tool("read_file", { path, offset: next, limit }));
      if (further.isError) break;
      page = readNumbered(further, next);
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
