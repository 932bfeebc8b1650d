import type { ComponentProps, ReactNode } from "react";
import { cx } from "../../components/ui/cx.ts";

/** A choice of a run, small and round; red when the server refused it. */
export function Chip({
  icon,
  error,
  children,
  className,
  ...rest
}: { icon: ReactNode; error: string | null } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      className={cx(
        "flex h-7 max-w-56 items-center gap-1.5 rounded-full border px-2.5 text-xs text-soft hover:bg-hover hover:text-text data-[state=open]:bg-hover [&>svg]:size-3.5 [&>svg]:shrink-0 [&>svg]:text-muted",
        error === null ? "border-line" : "border-red-line bg-red-soft",
        className,
      )}
      aria-invalid={error !== null}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
