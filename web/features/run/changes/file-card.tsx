import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import type { PatchContent, PatchSummary } from "../../../../contracts/patch-set.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { formatBytes } from "../../../lib/format.ts";
import { patchContentQuery } from "../../../lib/queries.ts";
import { revealHidden } from "./hidden-characters.ts";
import { useNear } from "./use-near.ts";

const DiffView = lazy(async () => ({ default: (await import("./diff-view.tsx")).DiffView }));

/** Above this many changed lines a file opens by hand only. */
const largeLines = 1500;
const lineHeightPx = 19;

interface FileCardProps {
  readonly runId: string;
  readonly hash: string;
  readonly patch: PatchSummary;
  readonly split: boolean;
  readonly wrap: boolean;
}

const statusTones = { added: "green", modified: "plain", deleted: "red" } as const;

/** One changed path: what happened to it in words, and its diff once it is near the screen. */
export function FileCard({ runId, hash, patch, split, wrap }: FileCardProps) {
  const [open, setOpen] = useState(true);
  const [wanted, setWanted] = useState(patch.additions + patch.deletions <= largeLines);
  const { ref, near } = useNear<HTMLElement>();
  const isLink = patch.afterMode === "120000" || patch.beforeMode === "120000";
  return (
    <article
      ref={ref}
      data-path={patch.path}
      aria-label={patch.path}
      className="overflow-clip rounded-xl border border-line bg-card"
    >
      <header className="sticky top-0 z-10 flex min-h-9 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-card px-2 py-1">
        <button
          type="button"
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-label={`${open ? "Fold" : "Unfold"} ${patch.path}`}
          className="inline-flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover"
        >
          {open ? <ChevronDown className="size-4" aria-hidden /> : <ChevronRight className="size-4" aria-hidden />}
        </button>
        <span className="min-w-0 truncate font-mono text-xs [direction:rtl]" title={patch.path}>
          <bdi>{revealHidden(patch.path).text}</bdi>
        </span>
        <CopyButton text={patch.path} label="path" />
        <span className="ml-auto flex items-center gap-1.5 text-xs">
          {patch.status !== "modified" && <Tag tone={statusTones[patch.status]}>{patch.status}</Tag>}
          {isLink && <Tag tone="amber">symbolic link</Tag>}
          {patch.isBinary && <Tag tone="amber">binary</Tag>}
          <ModeChange patch={patch} />
          <span className="tabular text-green">+{patch.additions}</span>
          <span className="tabular text-red">−{patch.deletions}</span>
        </span>
      </header>
      {open &&
        (patch.isBinary ? (
          <Plain>Binary file, {formatBytes(patch.sizeBytes)}. Its content isn’t shown; the hash covers it.</Plain>
        ) : !wanted ? (
          <Plain>
            {(patch.additions + patch.deletions).toLocaleString("en")} changed lines.{" "}
            <Button size="sm" onClick={() => setWanted(true)}>
              Show them
            </Button>
          </Plain>
        ) : near ? (
          <Content runId={runId} hash={hash} patch={patch} split={split} wrap={wrap} isLink={isLink} />
        ) : (
          <Loading patch={patch} />
        ))}
    </article>
  );
}

function Content({ runId, hash, patch, split, wrap, isLink }: FileCardProps & { isLink: boolean }) {
  const content = useQuery(patchContentQuery(runId, hash, patch.path));
  const shown = useMemo(() => (content.data === undefined ? null : readable(content.data)), [content.data]);
  if (content.isError) return <Failure error={content.error} onRetry={() => void content.refetch()} className="m-3" />;
  if (shown === null || content.data === undefined) return <Loading patch={patch} />;
  if (content.data.isBinary)
    return <Plain>Binary file, {formatBytes(patch.sizeBytes)}. Its content isn’t shown; the hash covers it.</Plain>;
  return (
    <>
      {shown.hidden > 0 && (
        <Warning>
          {shown.hidden === 1 ? "One hidden character is" : `${shown.hidden} hidden characters are`} written out as
          ⟦U+…⟧: they can make a line read otherwise than it runs.
        </Warning>
      )}
      {content.data.truncated && (
        <Warning>The file is too large to be shown in full: what follows is its beginning.</Warning>
      )}
      {isLink ? (
        <Plain>
          Points to <code className="font-mono">{shown.after ?? "nothing"}</code>
          {shown.before !== null && (
            <>
              , before to <code className="font-mono">{shown.before}</code>
            </>
          )}
        </Plain>
      ) : shown.before === shown.after ? (
        <Plain>The content is the same; only the mode changes.</Plain>
      ) : (shown.before ?? "") === "" && (shown.after ?? "") === "" ? (
        <Plain>The file is empty.</Plain>
      ) : (
        <Suspense fallback={<Loading patch={patch} />}>
          <DiffView path={patch.path} before={shown.before} after={shown.after} split={split} wrap={wrap} />
        </Suspense>
      )}
    </>
  );
}

function readable(content: PatchContent): { before: string | null; after: string | null; hidden: number } {
  const before = content.before === null ? null : revealHidden(content.before);
  const after = content.after === null ? null : revealHidden(content.after);
  return { before: before?.text ?? null, after: after?.text ?? null, hidden: after?.count ?? 0 };
}

function ModeChange({ patch }: { patch: PatchSummary }) {
  const { beforeMode, afterMode } = patch;
  if (beforeMode !== null && afterMode !== null && beforeMode !== afterMode) {
    return (
      <Tag tone="amber">
        mode {beforeMode} → {afterMode}
      </Tag>
    );
  }
  if (beforeMode === null && afterMode === "100755") return <Tag tone="amber">executable</Tag>;
  return null;
}

function Plain({ children }: { children: ReactNode }) {
  return <p className="px-3.5 py-3 text-soft">{children}</p>;
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex items-start gap-2 border-b border-amber-line bg-amber-soft px-3.5 py-2 text-amber">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      {children}
    </p>
  );
}

function Loading({ patch }: { patch: PatchSummary }) {
  const lines = Math.min(24, patch.additions + patch.deletions + 6);
  return (
    <div role="status" aria-label={`Loading ${patch.path}`} className="p-3" style={{ height: lines * lineHeightPx }}>
      <Skeleton className="h-full w-full" />
    </div>
  );
}
