import { Markdown } from "../../../components/markdown.tsx";
import { revealHidden } from "../../../lib/hidden-text.ts";

/** Whether a reader of the rendered text would miss a part of it: HTML outside of code, or characters that don't show. */
function hides(text: string): boolean {
  const outsideOfCode = text.replace(/^(`{3,})[^]*?^\1`*[ \t]*$/gmu, "").replace(/`[^`\n]*`/gu, "");
  return /<[a-z!?/]/iu.test(outsideOfCode) || revealHidden(text).count > 0;
}

/** A text that is going to be posted. Rendered when that shows all of it, else as plain text with its hidden characters visible. */
export function PostedText({ text, className = "" }: { text: string; className?: string }) {
  if (!hides(text)) return <Markdown text={text} className={className} />;
  return (
    <pre tabIndex={0} className={`font-mono text-xs break-words whitespace-pre-wrap ${className}`}>
      {revealHidden(text).text}
    </pre>
  );
}
