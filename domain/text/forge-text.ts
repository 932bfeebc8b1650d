import { stripHidden } from "../policy/unicode.ts";
import { neutralCode, neutralLine } from "./neutral-line.ts";

/*
 * Texts of agents and people as they may stand in commits and pull requests, of which a forge acts on parts: mentions notify people,
 * closing words close issues of whatever repository, `[skip ci]` keeps checks away, a line that looks like a trailer speaks for
 * somebody. A text that was made here is left as it is.
 */

const maxTitleCharacters = 120;

/** The end of a summary that is too long for a pull request. */
export const summaryCut = "[The summary goes on in the run.]";
/** Most characters of a summary: a forge takes 65,536, and the evidence needs some. */
export const maxSummaryCharacters = 50_000;

/** The title of a patch set, which is its commit's subject and its pull request's title too: one line, never empty. */
export function lawfulTitle(text: string): string {
  let title = neutralLine(clipped(oneLine(text), maxTitleCharacters), "title");
  // Code spans make it longer, and a cut may fall into one.
  for (let room = maxTitleCharacters; title.length > maxTitleCharacters; room -= 10)
    title = neutralLine(clipped(title, room), "title");
  return title === "" ? "Change" : title;
}

/** A value for a trailer of a commit message, such as a name: one line of which a forge acts on nothing. */
export function trailerValue(text: string): string {
  return oneLine(text).replaceAll("@", "(at)");
}

/** A value within a line of a pull request's text, such as a table's cell: one line, at most `maxCharacters` of the value. */
export function inlineMarkdown(text: string, maxCharacters: number): string {
  return neutralLine(clipped(oneLine(text), maxCharacters), "markdown").replace(/(?<!\\)\|/gu, "\\|");
}

/**
 * Markdown as it may stand in a pull request: mentions and closing words in code spans, HTML as text, fences at the beginning of
 * their line and closed, nothing hidden. A text that is longer than `maxCharacters` ends with `cut`. Linear in the text.
 */
export function lawfulMarkdown(text: string, maxCharacters: number, cut: string): string {
  const clean = withoutSkips(withoutControls(text.replace(/\r\n?/gu, "\n")));
  const whole = neutralLines(clean);
  if (whole.length <= maxCharacters || whole.endsWith(cut)) return whole;
  // The text is neutralised again because the cut may lie inside a code span or a fence.
  return `${neutralLines(clipped(whole, maxCharacters))}\n\n${cut}`;
}

function clipped(text: string, maxCharacters: number): string {
  return text
    .slice(0, maxCharacters)
    .toWellFormed()
    .replace(/[\ufffd\s]+$/u, "");
}

function oneLine(text: string): string {
  return withoutSkips(withoutControls(text).replace(/\s+/gu, " ").trim());
}

function withoutControls(text: string): string {
  return stripHidden(text.toWellFormed()).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, "");
}

/**
 * Words in brackets by which CI systems pass over a commit: `[skip ci]`, `[no ci]`, `[skip actions]`, `[vercel skip]` and their like.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
 */
const skips = /\[(\s{0,9}(?:(?:skip|no)[ _-]{0,3}[a-z-]{1,24}|[a-z-]{1,24}[ _-]{0,3}skip)\s{0,9})\]/giu;

function withoutSkips(text: string): string {
  return text
    .replace(skips, "($1)")
    .replace(/\*{3}(no_ci)\*{3}/giu, "$1")
    .replace(/(skip-checks)\s{0,9}:/giu, "$1");
}

function neutralLines(text: string): string {
  const out: string[] = [];
  let fence: Fence | undefined;
  const lines = text.trim().split("\n");
  for (const [index, line] of lines.entries()) {
    if (fence !== undefined) {
      const content = withoutIndent(line, fence.indent);
      if (closes(fence, content)) fence = undefined;
      out.push(fence === undefined ? content.trim() : neutralCode(content));
      continue;
    }
    fence = fenceOf(line);
    // Inside a list a fence would end with its item; at the beginning of a line it ends where it is closed.
    out.push(fence === undefined ? neutralLine(line, "markdown", lines[index + 1]) : line.trim());
  }
  if (fence !== undefined) out.push(fence.mark);
  return out.join("\n");
}

interface Fence {
  readonly mark: string;
  readonly indent: number;
}

function fenceOf(line: string): Fence | undefined {
  const [, space = "", mark] = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/u.exec(line) ?? [];
  return mark === undefined ? undefined : { mark, indent: space.length };
}

function closes({ mark }: Fence, line: string): boolean {
  const [, found = ""] = /^ {0,3}(`+|~+)[ \t]*$/u.exec(line) ?? [];
  return found.startsWith(mark);
}

function withoutIndent(line: string, indent: number): string {
  let at = 0;
  while (at < indent && (line[at] === " " || line[at] === "\t")) at += 1;
  return line.slice(at);
}
