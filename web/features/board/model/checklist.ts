/** An item of a checklist in Markdown, as GitHub writes it: `- [ ] words`. https://github.github.com/gfm/#task-list-items-extension- */
export interface Task {
  /** Number of its line in the source, from 1. */
  readonly line: number;
  readonly isDone: boolean;
  /** The rest of its line. */
  readonly words: string;
  /** Place of the character between its brackets, in UTF-16 units of the source. */
  readonly at: number;
}

type Container = { readonly kind: "quote" } | { readonly kind: "item"; readonly width: number };
interface Fence {
  readonly mark: string;
  /** The containers that it stands in. */
  readonly depth: number;
}

const marker = /^( {0,3})([-*+]|(\d{1,9})[.)])( +|$)/u;
const task = /^\[([ xX])\] +(?=\S)/u;
const rule = /^ {0,3}([-*_])(?: *\1){2,} *$/u;
const fenceStart = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/u;
/** The lines of a source as the renderer counts them: it shows a carriage return inside a line as a sign. */
const lineEnd = /\r\n|\n|\r(?=[\r\n]|$)/u;

/** The items of all checklists in a Markdown source, in their order. Those in code, and in raw HTML, are none. */
export function tasksOf(source: string): readonly Task[] {
  if (!/\[[ xX]\]/u.test(source)) return [];
  const scan = new Scan();
  const tasks: Task[] = [];
  let start = 0;
  for (const [index, text] of source.split(new RegExp(`(${lineEnd.source})`, "u")).entries()) {
    const found = index % 2 === 0 ? scan.take(withoutTabs(text)) : undefined;
    // Nothing before an item's brackets has one.
    if (found !== undefined) tasks.push({ ...found, line: index / 2 + 1, at: start + text.indexOf("[") + 1 });
    start += text.length;
  }
  return tasks;
}

/** The source with the task of this place in the order of all, from 0, done or open again. Not one other character changes. */
export function toggledTask(source: string, index: number): string {
  const found = tasksOf(source)[index];
  if (found === undefined) return source;
  return `${source.slice(0, found.at)}${found.isDone ? " " : "x"}${source.slice(found.at + 1)}`;
}

/** The place of a task in another version of its text: where it was, or where the only task with its words is; -1 when it is gone. */
export function placeOfTask(tasks: readonly Task[], { words }: Pick<Task, "words">, was: number): number {
  if (tasks[was]?.words === words) return was;
  const same = tasks.filter((each) => each.words === words);
  return same.length === 1 ? tasks.findIndex((each) => each.words === words) : -1;
}

/** How many tasks of some texts are done, of how many; null where there are none. */
export function countTasks(...sources: readonly string[]): { readonly done: number; readonly total: number } | null {
  const tasks = sources.flatMap(tasksOf);
  return tasks.length === 0 ? null : { done: tasks.filter(({ isDone }) => isDone).length, total: tasks.length };
}

/** Blocks of a Markdown source as far as lists go, a line at a time. https://spec.commonmark.org/0.31.2/#phase-1-block-structure */
class Scan {
  #containers: readonly Container[] = [];
  #fence: Fence | null = null;
  /** The number of containers around a paragraph that the next line may continue. */
  #paragraph: number | null = null;
  #isHtml = false;

  /** Takes the next line; returns the task that begins in it. */
  take(line: string): Pick<Task, "isDone" | "words"> | undefined {
    const { depth, rest } = inside(this.#containers, line);
    if (rest.trim() === "") return this.#blank(depth);
    if (this.#fence !== null && depth >= this.#fence.depth) return this.#inFence(this.#fence, rest);
    this.#fence = null;
    if (this.#isHtml && depth === this.#containers.length) return undefined;
    this.#isHtml = false;
    const open = this.#containers;
    this.#containers = open.slice(0, depth);
    // Plain text goes on with an open paragraph, whatever its indent.
    return this.#block(rest, this.#paragraph === open.length ? open : this.#containers);
  }

  #blank(depth: number): undefined {
    this.#containers = this.#containers.slice(0, depth);
    if (this.#fence !== null && depth < this.#fence.depth) this.#fence = null;
    this.#paragraph = null;
    this.#isHtml = false;
  }

  #inFence({ mark }: Fence, rest: string): undefined {
    const end = /^ {0,3}(`+|~+) *$/u.exec(rest)?.[1];
    if (end?.startsWith(mark) === true) this.#fence = null;
  }

  /** A line's blocks inside the containers that go on in it; plain text stays in those that are `open`. */
  #block(line: string, open: readonly Container[]): Pick<Task, "isDone" | "words"> | undefined {
    let rest = line;
    let forText = open;
    let isItem = false;
    for (;;) {
      const found = isItem ? task.exec(rest) : null;
      if (found !== null) return this.#text({ isDone: found[1] !== " ", words: rest.slice(found[0].length).trim() });
      // Deeper than three spaces it is code, or goes on with a paragraph.
      if (/^ {4}/u.test(rest)) return this.#goOn(forText);
      const quote = /^ {0,3}> ?/u.exec(rest);
      const opened = quote === null ? this.#item(rest) : ({ kind: "quote" } as const);
      if (opened === undefined) return this.#leaf(rest, forText);
      this.#containers = [...this.#containers, opened];
      forText = this.#containers;
      this.#paragraph = null;
      isItem = opened.kind === "item";
      rest = rest.slice(quote === null && opened.kind === "item" ? opened.width : (quote?.[0].length ?? 0));
      if (rest.trim() === "") return undefined;
    }
  }

  /** The list's item that begins here. One inside a paragraph has to be a first one with words. */
  #item(rest: string): (Container & { readonly kind: "item" }) | undefined {
    const found = rule.test(rest) ? null : marker.exec(rest);
    if (found === null) return undefined;
    const [whole, indent = "", sign = "", digits, spaces = ""] = found;
    const isEmpty = rest.slice(whole.length) === "";
    if (this.#paragraph === this.#containers.length && (isEmpty || (digits !== undefined && Number(digits) !== 1)))
      return undefined;
    // Five spaces after the sign begin code, one space after it.
    const padding = isEmpty || spaces.length > 4 ? 1 : spaces.length;
    return { kind: "item", width: indent.length + sign.length + padding };
  }

  #goOn(open: readonly Container[]): undefined {
    if (this.#paragraph !== null) this.#containers = open;
  }

  #leaf(rest: string, open: readonly Container[]): undefined {
    const fence = fenceStart.exec(rest)?.[1];
    const isInterrupted = this.#paragraph === null;
    if (fence !== undefined) this.#fence = { mark: fence, depth: this.#containers.length };
    else if (/^ {0,3}<(?:[a-z/?]|!(?!--))/iu.test(rest) && isInterrupted) this.#isHtml = true;
    else if (!/^ {0,3}#{1,6}(?: |$)/u.test(rest) && !rule.test(rest)) {
      this.#containers = open;
      return this.#text(undefined);
    }
    this.#paragraph = null;
  }

  #text<T>(found: T): T {
    this.#paragraph = this.#containers.length;
    return found;
  }
}

/** How many of the containers a line goes on in, and the line inside them. */
function inside(containers: readonly Container[], line: string): { readonly depth: number; readonly rest: string } {
  let rest = line;
  for (const [depth, container] of containers.entries()) {
    if (container.kind === "quote") {
      const quote = /^ {0,3}> ?/u.exec(rest)?.[0];
      if (quote === undefined) return { depth, rest };
      rest = rest.slice(quote.length);
    } else if (rest.trim() !== "") {
      if (!rest.startsWith(" ".repeat(container.width))) return { depth, rest };
      rest = rest.slice(container.width);
    }
  }
  return { depth: containers.length, rest };
}

/** The line with spaces in the place of tabs, which go to the next multiple of four. */
function withoutTabs(line: string): string {
  let text = "";
  for (const part of line.split(/(\t)/u)) text += part === "\t" ? " ".repeat(4 - (text.length % 4)) : part;
  return text;
}
