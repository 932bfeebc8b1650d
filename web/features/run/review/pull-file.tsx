import { lazy, Suspense, useMemo } from "react";
import type { PullFile as File, ReviewComment } from "../../../../contracts/review.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { plural } from "../../../lib/format.ts";
import { DiffSkeleton, FileCard, HiddenWarning } from "../changes/file-card.tsx";
import { revealHidden } from "../../../lib/hidden-text.ts";

const PatchView = lazy(async () => ({ default: (await import("./patch-view.tsx")).PatchView }));

const statusTones = { added: "green", modified: "plain", removed: "red", renamed: "plain" } as const;

interface PullFileProps {
  readonly file: File;
  readonly comments: readonly ReviewComment[];
  readonly split: boolean;
  readonly wrap: boolean;
}

/** One file of the pull request: its hunks with the review's comments in them. */
export function PullFile({ file, comments, split, wrap }: PullFileProps) {
  const shown = useMemo(() => (file.patch === null ? null : revealHidden(file.patch)), [file.patch]);
  return (
    <FileCard
      path={file.path}
      additions={file.additions}
      deletions={file.deletions}
      opensLarge={comments.length > 0}
      tags={
        <>
          {comments.length > 0 && <Tag tone="lime">{plural(comments.length, "comment")}</Tag>}
          {file.status !== "modified" && <Tag tone={statusTones[file.status]}>{file.status}</Tag>}
        </>
      }
      noDiff={
        shown !== null
          ? null
          : file.status === "renamed" && file.additions + file.deletions === 0
            ? `Renamed from ${file.previousPath ?? "another path"}; the content is the same.`
            : "No text diff: binary, empty or too large."
      }
    >
      {shown !== null && (
        <>
          <HiddenWarning count={shown.count} />
          <Suspense fallback={<DiffSkeleton path={file.path} changedLines={file.additions + file.deletions} />}>
            <PatchView file={file} patch={shown.text} comments={comments} split={split} wrap={wrap} />
          </Suspense>
        </>
      )}
    </FileCard>
  );
}
