import { createContext, useContext, type ReactNode } from "react";

/** The repository that the lines inside belong to, in a run over several; null for lines of the whole run. */
export const LineLane = createContext<string | null>(null);

/** One line of the transcript: an icon, the repository where it belongs to one of several, words, and maybe more under them. */
export function Line({ icon, children, more }: { icon: ReactNode; children: ReactNode; more?: ReactNode }) {
  const lane = useContext(LineLane);
  return (
    <div className="py-1">
      <div className="flex min-h-6 items-start gap-2 px-2">
        <span className="flex h-5 shrink-0 items-center [&>svg]:size-3.5" aria-hidden>
          {icon}
        </span>
        <p className="min-w-0 break-words">
          {lane !== null && <span className="font-medium">{lane}: </span>}
          {children}
        </p>
      </div>
      {more !== undefined && <div className="pt-1 pl-8">{more}</div>}
    </div>
  );
}

/** The lesser words of a line. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className="text-xs text-muted">{children}</span>;
}
