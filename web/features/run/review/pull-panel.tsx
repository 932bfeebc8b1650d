import { useQuery } from "@tanstack/react-query";
import { Columns2, GitPullRequest, ListChecks, Rows2 } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import type { PullFile as File, ReviewDocument, ReviewedPull } from "../../../../contracts/review.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import { pullFilesQuery } from "../../../lib/queries.ts";
import { proposalOf, type RunNow } from "../model/now.ts";
import { PostedText } from "./posted-text.tsx";
import { PullFile } from "./pull-file.tsx";

const DiffScroller = lazy(async () => ({ default: (await import("../changes/diff-scroller.tsx")).DiffScroller }));

/** The pull request under review: the review as it would be posted, and the diff with the comments beside the code. */
export function PullPanel({ runId, now, finished }: { runId: string; now: RunNow; finished: boolean }) {
  const { reviewed } = now.view;
  if (reviewed === undefined) {
    return (
      <Empty icon={<GitPullRequest aria-hidden />} title={finished ? "Nothing was reviewed" : "Not read yet"}>
        {finished
          ? "The run ended before the pull request was read."
          : "The pull request and the reviewer’s findings show here."}
      </Empty>
    );
  }
  const review = proposalOf(now.view)?.review ?? null;
  // A review of an earlier head speaks of other lines.
  const fitting = review !== null && review.commit === reviewed.commit ? review : null;
  return <ReviewedDiff key={reviewed.diff} runId={runId} reviewed={reviewed} review={fitting} now={now} />;
}

interface ReviewedDiffProps {
  readonly runId: string;
  readonly reviewed: ReviewedPull;
  readonly review: ReviewDocument | null;
  readonly now: RunNow;
}

function ReviewedDiff({ runId, reviewed, review, now }: ReviewedDiffProps) {
  const files = useQuery(pullFilesQuery(runId, reviewed.commit));
  const [split, setSplit] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const goTo = (path: string) =>
    place.current?.querySelector(`[data-path="${CSS.escape(path)}"]`)?.scrollIntoView({ block: "start" });
  const Icon = split ? Columns2 : Rows2;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1 text-xs">
        <OutLink href={reviewed.url}>#{reviewed.number}</OutLink>
        <span className="min-w-0 truncate" title={reviewed.title}>
          {reviewed.title}
        </span>
        <span className="tabular text-muted">
          {plural(reviewed.files, "file")} <span className="text-green">+{reviewed.additions}</span>{" "}
          <span className="text-red">−{reviewed.deletions}</span>
        </span>
        <code className="font-mono text-muted" title={reviewed.commit}>
          {shortHash(reviewed.commit, 10)}
        </code>
        <button
          type="button"
          aria-pressed={split}
          aria-label={split ? "Split view; switch to unified" : "Unified view; switch to split"}
          title={split ? "Split view; switch to unified" : "Unified view; switch to split"}
          onClick={() => setSplit(!split)}
          className="ml-auto inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover"
        >
          <Icon className="size-4" aria-hidden />
        </button>
      </div>
      <div ref={place} className="min-h-0 flex-1">
        <Suspense fallback={<Skeleton className="m-3 h-40" />}>
          <DiffScroller>
            <Summary review={review} now={now} onPick={goTo} />
            {files.isError ? (
              <Failure error={files.error} onRetry={() => void files.refetch()} />
            ) : files.data === undefined ? (
              <Skeleton className="h-40" />
            ) : files.data.commit !== reviewed.commit ? (
              <p className="px-1 text-muted">The pull request has moved on; its newest diff comes in a moment.</p>
            ) : (
              commentedFirst(files.data.items, review).map((file) => (
                <PullFile key={file.path} file={file} comments={commentsOn(file, review)} split={split} wrap={!split} />
              ))
            )}
          </DiffScroller>
        </Suspense>
      </div>
    </div>
  );
}

function commentsOn(file: File, review: ReviewDocument | null): ReviewDocument["comments"] {
  return review === null ? [] : review.comments.filter((comment) => comment.path === file.path);
}

/** The files with comments, then the others, each in the forge's order. */
function commentedFirst(files: readonly File[], review: ReviewDocument | null): readonly File[] {
  const has = (file: File): boolean => commentsOn(file, review).length > 0;
  return [...files.filter(has), ...files.filter((file) => !has(file))];
}

/** The review's own text and a list of its comments, grouped by file, that leads to the code. */
function Summary({
  review,
  now,
  onPick,
}: {
  review: ReviewDocument | null;
  now: RunNow;
  onPick: (path: string) => void;
}) {
  if (review === null) {
    return (
      <p className="flex items-center gap-2 px-1 text-muted">
        <ListChecks className="size-4 shrink-0" aria-hidden />
        {now.state === "REVIEWING" ? "The reviewer is reading." : "No review of this head yet."}
      </p>
    );
  }
  const verdict = now.history.reviews.at(-1)?.review.verdict;
  const paths = [...new Set(review.comments.map((comment) => comment.path))];
  return (
    <section aria-label="Review" className="rounded-xl border border-line bg-card px-3.5 py-3">
      {verdict !== undefined && (
        <p className="mb-2">
          <Tag tone={verdict === "approve" ? "green" : "amber"}>
            {verdict === "approve" ? "nothing stands against it" : "something must change"}
          </Tag>
        </p>
      )}
      <PostedText text={review.body} />
      {paths.length > 0 && (
        <ul aria-label="Comments by file" className="mt-3 flex flex-col gap-0.5 border-t border-line pt-2">
          {paths.map((path) => (
            <li key={path}>
              <button
                type="button"
                onClick={() => onPick(path)}
                className="flex w-full items-center gap-2 rounded-md px-1 py-0.5 text-left text-xs hover:bg-hover"
              >
                <code className="min-w-0 truncate font-mono">{path}</code>
                <span className="tabular ml-auto shrink-0 text-muted">
                  {review.comments
                    .filter((comment) => comment.path === path)
                    .map((comment) => comment.line)
                    .toSorted((a, b) => a - b)
                    .join(", ")}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
