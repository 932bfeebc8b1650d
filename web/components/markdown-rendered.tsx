import { createContext, useContext } from "react";
import { Streamdown, type Components } from "streamdown";
import { isMention } from "../lib/mentions.ts";

/** Lets a reader tick the items of checklists, which are named by the numbers of their lines, from 1. */
export interface TickBoxes {
  /** Whether the item of a line can be ticked; others are shown as signs. */
  readonly has: (line: number) => boolean;
  readonly toggle: (line: number) => void;
}

const Ticks = createContext<TickBoxes | null>(null);
const Item = createContext({ line: 0, words: "" });

const components: Components = {
  a: ({ href, children }) =>
    isMention(href) ? (
      <span className="rounded-full bg-hover px-1.5 py-px font-medium">{children}</span>
    ) : (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ),
  // An image address can carry data out or track a reader: it is named, not loaded.
  img: ({ alt, src }) => (
    <span className="text-muted">[image: {alt !== undefined && alt !== "" ? alt : String(src ?? "")}]</span>
  ),
  li: ({ children, className, node }) => (
    <li className={className}>
      <Item value={{ line: node?.position?.start.line ?? 0, words: wordsOf(node) }}>{children}</Item>
    </li>
  ),
  input: ({ checked }) => <Tick isDone={checked === true} />,
  code: ({ children, className }) => <code className={className}>{children}</code>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

/** The box of a checklist's item: one to tick where the reader may, else a sign. */
function Tick({ isDone }: { isDone: boolean }) {
  const ticks = useContext(Ticks);
  const { line, words } = useContext(Item);
  if (ticks === null || !ticks.has(line))
    return (
      <span role="img" aria-label={isDone ? "Done:" : "Open:"}>
        {isDone ? "☑ " : "☐ "}
      </span>
    );
  return (
    <input
      type="checkbox"
      aria-label={words}
      checked={isDone}
      onChange={() => ticks.toggle(line)}
      className="mr-1.5 size-4 cursor-pointer align-[-0.2em] accent-(--lime)"
    />
  );
}

/** A part of the tree that the parser makes. */
interface Part {
  readonly type: string;
  readonly tagName?: string;
  readonly value?: string;
  readonly children?: readonly Part[];
}

/** An item's own words, without those of a list inside it. */
function wordsOf(item: Part | undefined): string {
  const text = ({ children = [], tagName, value = "" }: Part): string =>
    tagName === "ul" || tagName === "ol" ? "" : value + children.map(text).join("");
  return (item?.children ?? []).map(text).join("").trim();
}

interface MarkdownRenderedProps {
  readonly text: string;
  readonly streaming: boolean;
  readonly ticks?: TickBoxes | undefined;
}

/** Markdown rendered with what `Markdown` promises; a chunk of its own because the parser is large. */
export function MarkdownRendered({ text, streaming, ticks }: MarkdownRenderedProps) {
  return (
    <Ticks value={ticks ?? null}>
      <Streamdown
        mode={streaming ? "streaming" : "static"}
        components={components}
        controls={false}
        skipHtml
        animated={false}
      >
        {text}
      </Streamdown>
    </Ticks>
  );
}
