import { lazy, Suspense } from "react";
import { revealMarkdown } from "../lib/hidden-text.ts";
import type { TickBoxes } from "./markdown-rendered.tsx";

const Rendered = lazy(async () => ({ default: (await import("./markdown-rendered.tsx")).MarkdownRendered }));

/**
 * Markdown from a model or a person, shown inert: no raw HTML, no images from elsewhere, nothing hidden. `streaming` while more is coming;
 * `ticks` for checklists whose items can be ticked.
 */
export function Markdown({
  text,
  streaming = false,
  className = "",
  ticks,
}: {
  text: string;
  streaming?: boolean;
  className?: string;
  ticks?: TickBoxes;
}) {
  const shown = revealMarkdown(text);
  return (
    <div className={`md ${className}`}>
      <Suspense fallback={<p className="whitespace-pre-wrap">{shown}</p>}>
        <Rendered text={shown} streaming={streaming} ticks={ticks} />
      </Suspense>
    </div>
  );
}
