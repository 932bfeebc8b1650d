import type { KeyboardEvent } from "react";
import { cx } from "../../../../components/ui/cx.ts";
import { commentLimit } from "../../../../lib/vocabulary.ts";

interface CommentFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Ctrl or Cmd and Enter. */
  readonly onSubmit: () => void;
  /** Esc; null leaves it to the drawer. */
  readonly onEscape?: (() => void) | null;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly className?: string;
}

/** A field for a comment in Markdown. */
export function CommentField({
  label,
  value,
  onChange,
  onSubmit,
  onEscape = null,
  placeholder,
  autoFocus = false,
  className,
}: CommentFieldProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onSubmit();
    }
    if (event.key === "Escape" && onEscape !== null) {
      event.preventDefault();
      onEscape();
    }
  };
  return (
    <textarea
      aria-label={label}
      {...(onEscape === null ? {} : { "data-keeps-escape": true })}
      autoFocus={autoFocus}
      rows={2}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      className={cx(
        "block field-sizing-content max-h-80 min-h-16 w-full resize-none rounded-lg border border-line-strong bg-bg px-3 py-2 text-base",
        className,
      )}
    />
  );
}

/** How many characters a comment has too many; null while they are few enough, or far from it. */
export function LengthNote({ length }: { length: number }) {
  if (length < commentLimit * 0.95) return null;
  const over = length - commentLimit;
  return (
    <span className={cx("tabular text-xs", over > 0 ? "text-red" : "text-muted")} aria-live="polite">
      {over > 0 ? `${over.toLocaleString("en")} characters too many` : `${(-over).toLocaleString("en")} left`}
    </span>
  );
}
