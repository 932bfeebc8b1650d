import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import type { PullFile, ReviewComment } from "../../../../contracts/review.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { plural } from "../../../lib/format.ts";
import { revealHidden } from "../changes/hidden-characters.ts";
import { useNear } from "../changes/use-near.ts";

const PatchView = lazy(async () => ({ default: (await import("./patch-view.tsx")).PatchView }));

/** Above this many changed lines a file without comments opens by hand only. */
const largeLines = 1500;
const statusTones = { added: "green", modified: "plain", removed: "red", renamed: "plain" } as const;

interface PullFileCardProps {
  readonly file: PullFile;
  readonly comments: readonly ReviewComment[];
  readonly split: boolean;
  readonly wrap: boolean;
}

/** One file of the pull request: its hunks once they are near the screen, with the review's comments in them. */
export function PullFileCard({ file, comments, split, wrap }: PullFileCardProps) {
  const [open, setOpen] = useState(true);
  const [wanted, setWanted] = useState(comments.length > 0 || file.additions + file.deletions <= largeLines);
  const { ref, near } = useNear<HTMLElement>();
  const shown = useMemo(() => (file.patch === null ? null : revealHidden(file.patch)), [file.patch]);
  return (
    <article
      ref={ref}
      data-path={file.path}
      aria-label={file.path}
      className="overflow-clip rounded-xl border border-line bg-card"
    >
      <header className="sticky top-0 z-10 flex min-h-9 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-card px-2 py-1">
        <button
          type="button"
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-label={`${open ? "Fold" : "Unfold"} ${file.path}`}
          className="inline-flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover"
        >
          {open ? <ChevronDown className="size-4" aria-hidden /> : <ChevronRight className="size-4" aria-hidden />}
        </button>
        <span className="min-w-0 truncate font-mono text-xs [direction:rtl]" title={file.path}>
          <bdi>{revealHidden(file.path).text}</bdi>
        </span>
        <CopyButton text={file.path} label="path" />
        <span className="ml-auto flex items-center gap-1.5 text-xs">
          {comments.length > 0 && <Tag tone="lime">{plural(comments.length, "comment")}</Tag>}
          {file.status !== "modified" && <Tag tone={statusTones[file.status]}>{file.status}</Tag>}
          <span className="tabular text-green">+{file.additions}</span>
          <span className="tabular text-red">−{file.deletions}</span>
        </span>
      </header>
      {!open ? null : shown === null ? (
        <p className="px-3.5 py-3 text-soft">
          {file.status === "renamed" && file.additions + file.deletions === 0
            ? `Renamed from ${file.previousPath ?? "another path"}; the content is the same.`
            : "No text diff: binary, empty or too large."}
        </p>
      ) : !wanted ? (
        <p className="px-3.5 py-3 text-soft">
          {(file.additions + file.deletions).toLocaleString("en")} changed lines.{" "}
          <Button size="sm" onClick={() => setWanted(true)}>
            Show them
          </Button>
        </p>
      ) : (
        <>
          {shown.count > 0 && (
            <p
              role="alert"
              className="flex items-start gap-2 border-b border-amber-line bg-amber-soft px-3.5 py-2 text-amber"
            >
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              {plural(shown.count, "hidden character")} written out as ⟦U+…⟧: they can make a line read otherwise than
              it runs.
            </p>
          )}
          {near ? (
            <Suspense fallback={<Loading file={file} />}>
              <PatchView file={file} patch={shown.text} comments={comments} split={split} wrap={wrap} />
            </Suspense>
          ) : (
            <Loading file={file} />
          )}
        </>
      )}
    </article>
  );
}

function Loading({ file }: { file: PullFile }) {
  const lines = Math.min(24, file.additions + file.deletions + 6);
  return (
    <div role="status" aria-label={`Loading ${file.path}`} className="p-3" style={{ height: lines * 19 }}>
      <Skeleton className="h-full w-full" />
    </div>
  );
}
