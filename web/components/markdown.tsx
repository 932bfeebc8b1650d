import { lazy, Suspense } from "react";

const Rendered = lazy(async () => ({ default: (await import("./markdown-rendered.tsx")).MarkdownRendered }));

/** Markdown from a model or a person, shown inert: no raw HTML, no images from elsewhere. `streaming` while more is coming. */
export function Markdown({
  text,
  streaming = false,
  className = "",
}: {
  text: string;
  streaming?: boolean;
  className?: string;
}) {
  return (
    <div className={`md ${className}`}>
      <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
        <Rendered text={text} streaming={streaming} />
      </Suspense>
    </div>
  );
}
