import type { ReactNode } from "react";

/** One line of the transcript: an icon, words, and maybe more under them. */
export function Line({ icon, children, more }: { icon: ReactNode; children: ReactNode; more?: ReactNode }) {
  return (
    <div className="py-1">
      <div className="flex min-h-6 items-start gap-2 px-2">
        <span className="flex h-5 shrink-0 items-center [&>svg]:size-3.5" aria-hidden>
          {icon}
        </span>
        <p className="min-w-0 break-words">{children}</p>
      </div>
      {more !== undefined && <div className="pt-1 pl-8">{more}</div>}
    </div>
  );
}

/** The lesser words of a line. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className="text-xs text-muted">{children}</span>;
}
