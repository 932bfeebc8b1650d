import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { cx } from "./cx.ts";

/** Copies `text` and confirms it for two seconds. `label` names what is copied. */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className={cx(
        "inline-flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text",
        className,
      )}
      aria-label={copied ? "Copied" : `Copy ${label}`}
      title={copied ? "Copied" : `Copy ${label}`}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? <Check className="size-3.5 text-lime-text" aria-hidden /> : <Copy className="size-3.5" aria-hidden />}
    </button>
  );
}
