import { revealHidden } from "../lib/hidden-text.ts";

/**
 * A sentence of the product's own, with its commands and names in code spans; hidden characters are written out. No other Markdown is read:
 * the sentence quotes paths such as `src/__init__.py` and patterns such as `src/*.ts` as they are.
 */
export function CodeSpans({ text }: { text: string }) {
  // Every second piece is the content of a code span.
  const pieces = revealHidden(text).text.split(/`([^`\n]+)`/u);
  return pieces.map((piece, index) =>
    index % 2 === 1 ? (
      <code key={`${index}:${piece}`} className="rounded-[4px] bg-hover px-[0.3em] py-[0.1em] font-mono text-[0.92em]">
        {piece}
      </code>
    ) : (
      piece
    ),
  );
}
