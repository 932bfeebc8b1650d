import { PatchDiff } from "@pierre/diffs/react";
import { useMemo } from "react";
import type { PullFile, ReviewComment } from "../../../../contracts/review.ts";
import { useDiffOptions } from "../changes/diff-view.tsx";
import { revealHidden } from "../../../lib/hidden-text.ts";
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

/** A comment's words, and the lines that it suggests; empty lines of a suggestion take the code away. */
function parts(body: string): { readonly text: string; readonly suggestion: string | null } {
  const found = /(?:^|\n\n)(`{3,})suggestion\n(?:([^]*)\n)?\1$/u.exec(body);
  return found === null
    ? { text: body, suggestion: null }
    : { text: body.slice(0, found.index), suggestion: found[2] ?? "" };
}

function Comment({ comment }: { comment: ReviewComment }) {
  const { text, suggestion } = parts(comment.body);
  const lines = comment.startLine === null ? "the line" : "these lines";
  return (
    <div className="m-2 max-w-2xl rounded-lg border border-lime-line bg-card px-3 py-2 font-sans text-sm text-text">
      <p className="mb-1 text-xs text-muted">
        {comment.startLine === null ? `Line ${comment.line}` : `Lines ${comment.startLine} to ${comment.line}`}
      </p>
      <PostedText text={text} />
      {suggestion !== null && (
        <div className="mt-1.5 text-xs">
          <p className="text-muted">
            {suggestion === "" ? `Suggests to take ${lines} away.` : `Suggests for ${lines}:`}
          </p>
          {suggestion !== "" && (
            <pre
              tabIndex={0}
              className="mt-1 overflow-x-auto rounded-md border border-line bg-green-soft px-2.5 py-1.5 font-mono"
            >
              {revealHidden(suggestion).text}
            </pre>
          )}
        </div>
      )}
    </div>
  );
}
