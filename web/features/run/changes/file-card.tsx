import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { revealHidden } from "../../../lib/hidden-text.ts";
import { useNear } from "./use-near.ts";

/** Above this many changed lines a file opens by hand only. */
const largeLines = 1500;
const lineHeightPx = 19;

interface FileCardProps {
  readonly path: string;
  readonly additions: number;
  readonly deletions: number;
  /** Marks beside the counts, such as the file's status. */
  readonly tags: ReactNode;
  /** A sentence in place of the diff where there is none to show, else null. */
  readonly noDiff: ReactNode;
  /** True when the file opens however large it is. */
  readonly opensLarge?: boolean;
  /** The diff; put into the page once the card is near the screen. */
  readonly children: ReactNode;
}

/** One changed file: its path, marks and counts, and its diff, which folds away. */
export function FileCard({ path, additions, deletions, tags, noDiff, opensLarge = false, children }: FileCardProps) {
  const [open, setOpen] = useState(true);
  const [wanted, setWanted] = useState(opensLarge || additions + deletions <= largeLines);
  const { ref, near } = useNear<HTMLElement>();
  return (
    <article
      ref={ref}
      data-path={path}
      aria-label={path}
      className="overflow-clip rounded-xl border border-line bg-card"
    >
      <header className="sticky top-0 z-10 flex min-h-9 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-card px-2 py-1">
        <button
          type="button"
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-label={`${open ? "Fold" : "Unfold"} ${path}`}
          className="inline-flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover"
        >
          {open ? <ChevronDown className="size-4" aria-hidden /> : <ChevronRight className="size-4" aria-hidden />}
        </button>
        <span className="min-w-0 truncate font-mono text-xs [direction:rtl]" title={path}>
          <bdi>{revealHidden(path).text}</bdi>
        </span>
        <CopyButton text={path} label="path" />
        <span className="ml-auto flex items-center gap-1.5 text-xs">
          {tags}
          <span className="tabular text-green">+{additions}</span>
          <span className="tabular text-red">−{deletions}</span>
        </span>
      </header>
      {!open ? null : noDiff !== null ? (
        <FileNote>{noDiff}</FileNote>
      ) : !wanted ? (
        <FileNote>
          {(additions + deletions).toLocaleString("en")} changed lines.{" "}
          <Button size="sm" onClick={() => setWanted(true)}>
            Show them
          </Button>
        </FileNote>
      ) : near ? (
        children
      ) : (
        <DiffSkeleton path={path} changedLines={additions + deletions} />
      )}
    </article>
  );
}

/** A sentence in a card's body. */
export function FileNote({ children }: { children: ReactNode }) {
  return <p className="px-3.5 py-3 text-soft">{children}</p>;
}

/** A warning above a card's diff. */
export function FileWarning({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex items-start gap-2 border-b border-amber-line bg-amber-soft px-3.5 py-2 text-amber">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      {children}
    </p>
  );
}

/** Warns of characters that are written out because they don't show; nothing when there are none. */
export function HiddenWarning({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <FileWarning>
      {count === 1 ? "One hidden character is" : `${count} hidden characters are`} written out as ⟦U+…⟧: they can make a
      line read otherwise than it runs.
    </FileWarning>
  );
}

/** The place of a diff that is on its way, about as high as the diff. */
export function DiffSkeleton({ path, changedLines }: { path: string; changedLines: number }) {
  const lines = Math.min(24, changedLines + 6);
  return (
    <div role="status" aria-label={`Loading ${path}`} className="p-3" style={{ height: lines * lineHeightPx }}>
      <Skeleton className="h-full w-full" />
    </div>
  );
}
