import { PatchDiff } from "@pierre/diffs/react";
import { useMemo } from "react";
import type { PullFile, ReviewComment } from "../../../../contracts/review.ts";
import { useDiffOptions } from "../changes/diff-view.tsx";
import { PostedText } from "./posted-text.tsx";

interface PatchViewProps {
  readonly file: PullFile;
  readonly patch: string;
  readonly comments: readonly ReviewComment[];
  readonly split: boolean;
  readonly wrap: boolean;
}

/** The name for the viewer's header line, which ends at a line break. */
function named(path: string): string {
  return path.replaceAll(/[\r\n\t]/gu, " ");
}

/** One file's hunks as the forge gave them, each comment under the last line that it speaks of; a chunk of its own. */
export function PatchView({ file, patch, comments, split, wrap }: PatchViewProps) {
  const options = useDiffOptions(split, wrap);
  const text = useMemo(() => {
    const [before, after] = [named(file.previousPath ?? file.path), named(file.path)];
    return [
      `diff --git a/${before} b/${after}`,
      `--- ${file.status === "added" ? "/dev/null" : `a/${before}`}`,
      `+++ ${file.status === "removed" ? "/dev/null" : `b/${after}`}`,
      patch,
      "",
    ].join("\n");
  }, [file, patch]);
  const annotations = useMemo(
    () => comments.map((comment) => ({ side: "additions" as const, lineNumber: comment.line, metadata: comment })),
    [comments],
  );
  return (
    <PatchDiff<ReviewComment>
      patch={text}
      options={options}
      lineAnnotations={annotations}
      renderAnnotation={({ metadata }) => <Comment comment={metadata} />}
    />
  );
}

function Comment({ comment }: { comment: ReviewComment }) {
  return (
    <div className="m-2 max-w-2xl rounded-lg border border-lime-line bg-card px-3 py-2 font-sans text-sm text-text">
      <p className="mb-1 text-xs text-muted">
        {comment.startLine === null ? `Line ${comment.line}` : `Lines ${comment.startLine} to ${comment.line}`}
      </p>
      <PostedText text={comment.body} />
    </div>
  );
}
