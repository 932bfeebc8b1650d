const word = "(?<![A-Za-z0-9])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?![A-Za-z0-9])";
const issue = String.raw`(?:#|\[|gh-\d|https?:|[\w.-]{1,100}/[\w.-]{1,100}#)`;
/** The words by which a forge closes an issue, where something that may be an issue follows. */
const closing = String.raw`\\?${word}(?=:?\s{0,9}${issue})`;
const closingAtEnd = String.raw`\\?${word}(?=:?\s*$)`;
const issueAtStart = new RegExp(String.raw`^[\s>*+-]{0,20}${issue}`, "iu");
const mention = String.raw`\\?(?<![A-Za-z0-9])@[A-Za-z0-9](?:[\w./@-]*\w)?`;
const url = String.raw`https?://[\w.-]{1,253}\.[a-z]{2,24}(?:[/?#][\w/.?=&%#+:,;~@!$-]*)?`;

/** Parts of a text in the order in which they are looked for. Those without a name stay as they are. */
const markdownParts = partsOf(`${mention}|${closing}`);
/** The same for the end of a line that something like an issue follows. */
const lastParts = partsOf(`${mention}|${closing}|${closingAtEnd}`);
const titleParts = new RegExp(`(?<acts>${mention}|${closing})`, "giu");

function partsOf(acts: string): RegExp {
  const parts = [
    `<${url}>`,
    String.raw`(?<html>\\?(?:<(?=[a-z/!?])|&(?=#|commat)))`,
    String.raw`\\[^\w\s@]`,
    String.raw`(?<=^|[\s(])${url}`,
    `(?<acts>${acts})`,
    String.raw`(?<definition>\]:)`,
    String.raw`\]\((?:[^\s()<>@&\\]|&(?!#|commat)){0,2000}\)`,
    String.raw`(?<link>\]\()`,
  ];
  return new RegExp(parts.join("|"), "giu");
}

const replacements: Readonly<Record<string, (part: string) => string>> = {
  html: (part) => (part.endsWith("<") ? "&lt;" : "&amp;"),
  definition: () => "]\\:",
  link: () => "] (",
};

interface Segment {
  readonly isCode: boolean;
  readonly text: string;
}

/**
 * A line whose mentions and closing words stand in code spans, and in which every code span ends; `next` is the line after it. In
 * Markdown, HTML and definitions of links become text too. Linear in the line.
 */
export function neutralLine(line: string, kind: "markdown" | "title", next = ""): string {
  const isTitle = kind === "title";
  const segments = segmentsOf(isTitle ? line.replaceAll("\\", "/") : line, isTitle ? "'" : "\\`");
  const last = segments.length - 1;
  return segments
    .map(({ isCode, text }, index) => {
      if (isCode) return neutralCode(isTitle ? text : withoutCells(text));
      const edges = { before: index > 0, after: index < last };
      const parted = !isTitle && edges.after && openLink.test(text.slice(-600)) ? `${text} ` : text;
      const parts = index === last && issueAtStart.test(next) ? lastParts : markdownParts;
      return neutralText(parted, isTitle ? titleParts : parts, edges);
    })
    .join("");
}

/** The beginning of a link that is written out: it would take a code span that follows into itself. */
const openLink = /(?:https?:\/\/|www\.)\S{0,500}$/iu;

/** Whether a code span stands before and after a text: another one may not touch it. */
interface Edges {
  readonly before: boolean;
  readonly after: boolean;
}

function neutralText(text: string, parts: RegExp, edges: Edges): string {
  return text.replace(parts, (part, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const offset = rest.at(-3) as number;
    const name = Object.keys(groups).find((key) => groups[key] !== undefined);
    if (name === undefined) return part;
    if (name !== "acts") return replacements[name]?.(part) ?? part;
    const touchesBefore =
      (edges.before && offset === 0) || openLink.test(text.slice(Math.max(0, offset - 600), offset));
    const touchesAfter = edges.after && offset + part.length === text.length;
    return `${touchesBefore ? " " : ""}${coded(part)}${touchesAfter ? " " : ""}`;
  });
}

function coded(part: string): string {
  return `\`${part.replace(/^\\/u, "")}\``;
}

const closingInCode = new RegExp(closing, "giu");

/** Code whose closing words don't close: where a pull request is squashed its text becomes a message, in which code is no code. */
export function neutralCode(code: string): string {
  return code.replace(closingInCode, "$&-");
}

/** A code span in a table's row must not end at the cell's edge. */
function withoutCells(code: string): string {
  return /[@#]/u.test(code) ? code.replace(/(?<!\\)\|/gu, "\\|") : code;
}

/** The line as code spans and the texts between them; backticks that begin no span are replaced by `unmatched`. */
function segmentsOf(line: string, unmatched: string): readonly Segment[] {
  const runs = new Map<number, number[]>();
  for (const {
    0: { length },
    index,
  } of line.matchAll(/`+/gu)) {
    const starts = runs.get(length);
    if (starts === undefined) runs.set(length, [index]);
    else starts.push(index);
  }
  // The places are looked for from left to right, so those of each length are passed over once.
  for (const starts of runs.values()) starts.reverse();
  const segments: Segment[] = [];
  const opening = /\\[^]|`+/gu;
  let text = "";
  let from = 0;
  for (let found = opening.exec(line); found !== null; found = opening.exec(line)) {
    const [mark] = found;
    if (mark.startsWith("\\")) continue;
    const end = nextOf(runs.get(mark.length), opening.lastIndex);
    text += line.slice(from, found.index);
    from = opening.lastIndex;
    if (end === undefined) {
      text += unmatched.repeat(mark.length);
      continue;
    }
    segments.push({ isCode: false, text }, { isCode: true, text: line.slice(found.index, end + mark.length) });
    text = "";
    from = end + mark.length;
    opening.lastIndex = from;
  }
  return [...segments, { isCode: false, text: text + line.slice(from) }].filter(({ text: part }) => part !== "");
}

/** The first of the places that is not before `from`; places before it are taken out. */
function nextOf(places: number[] | undefined, from: number): number | undefined {
  while (places !== undefined && (places.at(-1) ?? from) < from) places.pop();
  return places?.at(-1);
}
