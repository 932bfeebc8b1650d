import { useQuery } from "@tanstack/react-query";
import type { Comment } from "../../../../../contracts/ticket-parts.ts";
import { Failure } from "../../../../components/ui/notices.tsx";
import { Skeleton } from "../../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { commentVersionsQuery } from "../../../../lib/ticket-queries.ts";

/** The earlier texts of a comment, newest first, as they were typed. */
export function CommentHistory({ comment }: { comment: Comment }) {
  const versions = useQuery(commentVersionsQuery(comment.id, comment.version));
  if (versions.isPending)
    return (
      <div role="status" aria-label="Loading the earlier texts" className="my-1.5">
        <Skeleton className="h-14 w-full" />
      </div>
    );
  if (versions.isError)
    return <Failure error={versions.error} onRetry={() => void versions.refetch()} className="my-1.5" />;
  const earlier = versions.data.filter(({ version }) => version < comment.version);
  return (
    <ol aria-label="Earlier texts" className="my-1.5 flex flex-col gap-1.5">
      {earlier.map(({ atMs, body, version }) => (
        <li key={version} className="rounded-lg border border-line bg-card px-3 py-2">
          <TimeAgo atMs={atMs} className="text-xs text-muted" />
          <p className="max-h-48 overflow-y-auto text-soft break-words whitespace-pre-wrap">{body}</p>
        </li>
      ))}
    </ol>
  );
}
