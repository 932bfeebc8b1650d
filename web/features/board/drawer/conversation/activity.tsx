import { useInfiniteQuery } from "@tanstack/react-query";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { Activity as ActivityEntry } from "../../../../../contracts/ticket-parts.ts";
import { Avatar } from "../../../../components/ui/badges.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { activityQuery } from "../../../../lib/ticket-queries.ts";
import { useBoardParts } from "../../parts.ts";
import { activityWords } from "./activity-words.ts";
import { ActorName } from "./actor-name.tsx";
import { ShowEarlier } from "./show-earlier.tsx";
import { usePartsSeq, useRefetchAt } from "./use-live-parts.ts";

/** The activity of a ticket, newest first, which follows the board live. */
export function Activity({ ticket }: { ticket: Ticket }) {
  const { store } = useBoardParts();
  const options = activityQuery(ticket.id);
  const query = useInfiniteQuery({ ...options, refetchOnMount: "always" });
  const { column, dependsOn, updatedAtMs, version } = ticket;
  const mark = [usePartsSeq(ticket.id), version, column, updatedAtMs, ...dependsOn].join(" ");
  useRefetchAt(options.queryKey, mark);
  const { data, error, fetchNextPage, isFetchNextPageError, refetch } = query;
  return (
    <>
      {error !== null && (
        <Failure
          error={error}
          onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())}
          className="mt-2"
        />
      )}
      {data === undefined && error === null && <SkeletonRows count={4} className="h-9" />}
      {data !== undefined && (
        <ol aria-label="Activity" className="mt-1">
          {data.pages
            .flatMap(({ items }) => items)
            .map((entry) => (
              <Entry key={entry.id} entry={entry} words={activityWords(entry, store.nameOf)} />
            ))}
        </ol>
      )}
      <ShowEarlier of={query}>Show earlier activity</ShowEarlier>
    </>
  );
}

function Entry({ entry: { actor, atMs }, words }: { entry: ActivityEntry; words: string }) {
  return (
    <li className="grid grid-cols-[1.5rem_minmax(0,1fr)_auto] items-baseline gap-x-2.5 py-1.5">
      <Avatar person={{ id: "", name: actor.name, avatarUrl: actor.avatarUrl }} className="size-5 self-center" />
      <span className="break-words">
        <ActorName actor={actor} /> <span className="text-soft">{words}</span>
      </span>
      <TimeAgo atMs={atMs} className="text-xs whitespace-nowrap text-muted" />
    </li>
  );
}
