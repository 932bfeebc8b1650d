import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RunState } from "../../../../contracts/run.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { pullRequestTextQuery } from "../../../lib/queries.ts";

interface PullRequestPreviewProps {
  readonly runId: string;
  readonly hash: string;
  readonly state: RunState;
}

/** The pull request's whole text as the write would make it now, evidence included. Loaded when it is unfolded. */
export function PullRequestPreview({ runId, hash, state }: PullRequestPreviewProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-2 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-xs text-muted">Whole text of the pull request</summary>
      {open && <WholeText runId={runId} hash={hash} state={state} />}
    </details>
  );
}

function WholeText({ runId, hash, state }: PullRequestPreviewProps) {
  const { data, error, isError, refetch } = useQuery(pullRequestTextQuery(runId, hash, state));
  const [isSource, setSource] = useState(false);
  if (data === undefined)
    return isError ? (
      <Failure error={error} onRetry={() => void refetch()} className="mt-1" />
    ) : (
      <SkeletonRows count={2} className="mt-1 h-8" />
    );
  return (
    <div className="mt-1.5 rounded-lg border border-line bg-bg px-3 py-2">
      <div className="flex items-baseline gap-2">
        <p className="min-w-0 flex-1 font-medium break-words">{data.title}</p>
        <button
          type="button"
          aria-pressed={isSource}
          onClick={() => setSource(!isSource)}
          className="shrink-0 rounded text-xs text-muted underline decoration-line-strong underline-offset-2 hover:text-text"
        >
          {isSource ? "As it reads" : "As it is written"}
        </button>
      </div>
      {isSource ? (
        <pre className="mt-1 max-h-96 overflow-auto font-mono text-xs break-words whitespace-pre-wrap">{data.body}</pre>
      ) : (
        // Pages render no HTML: the line breaks of the table of evidence are written as dots here.
        <Markdown text={data.body.replaceAll("<br>", " · ")} className="mt-1 max-h-96 overflow-auto" />
      )}
      {state === "WAITING_APPROVAL" && (
        <p className="mt-1.5 text-xs text-muted">
          The name of the person who approves, and the numbers of pull requests that are not open yet, are filled in
          when it is written.
        </p>
      )}
    </div>
  );
}
