import { useInfiniteQuery } from "@tanstack/react-query";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { Comment } from "../../../../../contracts/ticket-parts.ts";
import { Markdown } from "../../../../components/markdown.tsx";
import { Avatar } from "../../../../components/ui/badges.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { Failure } from "../../../../components/ui/notices.tsx";
import { Skeleton } from "../../../../components/ui/skeleton.tsx";
import { useMe } from "../../../../lib/me.ts";
import { commentsQuery } from "../../../../lib/ticket-queries.ts";
import { useBoardParts } from "../../parts.ts";
import { CommentItem, commentRow } from "./comment-item.tsx";
import { Composer } from "./composer.tsx";
import { stillSending, type Sending } from "./listed.ts";
import { useRemoved, withRemoved } from "./removals.ts";
import { useTalk } from "./talk.ts";
import { usePartsSeq, useRefetchAt } from "./use-live-parts.ts";
import { ShowEarlier } from "./show-earlier.tsx";

/** A ticket's comments, oldest first, which follow the board live, and where one is written. */
export function Comments({ ticket }: { ticket: Ticket }) {
  const { talk } = useBoardParts();
  const { sending } = useTalk(talk, ticket.id);
  const removed = useRemoved(talk.removals, ticket.id);
  const options = commentsQuery(ticket.id);
  const query = useInfiniteQuery({ ...options, refetchOnMount: "always" });
  useRefetchAt(options.queryKey, usePartsSeq(ticket.id));
  const { data, error, fetchNextPage, isFetchNextPageError, refetch } = query;
  if (data === undefined)
    return error === null ? (
      <CommentSkeleton count={Math.min(ticket.commentCount, 4)} />
    ) : (
      <>
        <Failure error={error} onRetry={() => void refetch()} className="mt-2" />
        <Composer ticket={ticket} newest={0} />
      </>
    );
  const comments = withRemoved(
    data.pages.flatMap(({ items }) => items),
    removed,
  );
  const newest = Number(comments.at(-1)?.id ?? 0);
  return (
    <>
      <ShowEarlier of={query}>Show earlier comments</ShowEarlier>
      {error !== null && (
        <Failure
          error={error}
          kept="The comments below may not be the newest."
          onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())}
          className="mt-2"
        />
      )}
      <CommentList ticket={ticket} comments={comments} waiting={stillSending(comments, sending)} />
      <Composer ticket={ticket} newest={newest} />
    </>
  );
}

interface CommentListProps {
  readonly ticket: Ticket;
  readonly comments: readonly Comment[];
  readonly waiting: readonly Sending[];
}

function CommentList({ comments, ticket, waiting }: CommentListProps) {
  const { talk } = useBoardParts();
  const { edits } = useTalk(talk, ticket.id);
  const removed = useRemoved(talk.removals, ticket.id);
  if (comments.length === 0 && waiting.length === 0)
    return <p className="mt-2 text-muted">No comments yet. Questions and decisions about the ticket go here.</p>;
  return (
    <ol aria-label="Comments" className="divide-y divide-line">
      {comments.map((comment) => (
        <CommentItem
          key={comment.id}
          ticket={ticket}
          comment={comment}
          edit={edits.get(comment.id)}
          removed={removed.get(comment.id)}
        />
      ))}
      {waiting.map((each) => (
        <WaitingComment key={each.key} ticket={ticket} sending={each} />
      ))}
    </ol>
  );
}

/** A comment that the server does not have yet. */
function WaitingComment({ sending: { body, error, key }, ticket }: { sending: Sending; ticket: Ticket }) {
  const { talk } = useBoardParts();
  const { me } = useMe();
  return (
    <li className={commentRow}>
      <Avatar person={me.user} className="mt-0.5 size-6" />
      <article aria-label={error === null ? "Comment on its way" : "Comment that was not sent"}>
        <div className="flex min-h-7 items-center gap-x-2">
          <span className="font-medium">{me.user.name}</span>
          <span className={cx("text-xs", error === null ? "text-muted" : "text-red")}>
            {error === null ? "Sending…" : "Not sent"}
          </span>
        </div>
        <Markdown text={body} className={cx("text-base", error === null && "opacity-60")} />
        {error !== null && (
          <>
            <Failure
              error={error}
              kept="Your comment is kept here."
              onRetry={() => void talk.resend(ticket, key)}
              className="mt-2"
            />
            <Button look="ghost" size="sm" className="mt-1" onClick={() => talk.takeBack(ticket.id, key)}>
              Put it back into the field
            </Button>
          </>
        )}
      </article>
    </li>
  );
}

function CommentSkeleton({ count }: { count: number }) {
  return (
    <div role="status" aria-label="Loading the comments">
      {Array.from({ length: Math.max(1, count) }, (_, index) => (
        <div key={index} className={commentRow}>
          <Skeleton className="mt-0.5 size-6 rounded-full" />
          <div>
            <div className="flex h-7 items-center">
              <Skeleton className="h-3.5 w-40" />
            </div>
            <Skeleton className="mt-1 h-3.5 w-4/5" />
          </div>
        </div>
      ))}
      <Skeleton className="mt-3 h-16 w-full" />
      <Skeleton className="mt-1.5 h-7 w-20" />
    </div>
  );
}
