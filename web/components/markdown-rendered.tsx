import { Streamdown, type Components } from "streamdown";
import { isMention } from "../lib/mentions.ts";

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
  input: ({ checked }) => (
    <span role="img" aria-label={checked === true ? "Done:" : "Open:"}>
      {checked === true ? "☑ " : "☐ "}
    </span>
  ),
  code: ({ children, className }) => <code className={className}>{children}</code>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

/** Markdown rendered with what `Markdown` promises; a chunk of its own because the parser is large. */
export function MarkdownRendered({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <Streamdown
      mode={streaming ? "streaming" : "static"}
      components={components}
      controls={false}
      skipHtml
      animated={false}
    >
      {text}
    </Streamdown>
  );
}
