import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "./cx.ts";

const looks = {
  primary: "bg-lime text-lime-ink hover:bg-lime-hover font-semibold",
  secondary: "bg-card text-text border border-line-strong hover:bg-hover font-medium",
  ghost: "text-soft hover:bg-hover hover:text-text font-medium",
  danger: "bg-card text-red border border-red-line hover:bg-red-soft font-medium",
} as const;

const sizes = {
  sm: "h-7 px-2.5 text-xs gap-1.5 rounded-md",
  md: "h-8 px-3 text-sm gap-1.5 rounded-lg",
  lg: "h-10 px-4 text-base gap-2 rounded-lg",
  icon: "size-8 justify-center rounded-lg",
} as const;

type Look = keyof typeof looks;
type Size = keyof typeof sizes;

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "secondary", size: Size = "md", extra?: string): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center whitespace-nowrap transition-colors select-none disabled:opacity-50 disabled:cursor-not-allowed aria-disabled:opacity-50",
    looks[look],
    sizes[size],
    extra,
  );
}

type ButtonProps = ComponentProps<"button"> & { look?: Look; size?: Size; busy?: boolean };

/** A button. While `busy` it can't be pressed again and shows that work is going on. */
export function Button({
  look = "secondary",
  size = "md",
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={buttonClass(look, size, className)}
      disabled={disabled === true || busy}
      aria-busy={busy}
      {...rest}
    >
      {busy && <LoaderCircle className="size-3.5 animate-spin" aria-hidden />}
      {children}
    </button>
  );
}
