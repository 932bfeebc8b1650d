import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitBranch } from "lucide-react";
import { Fragment, useEffect, useRef } from "react";
import type { TicketRun } from "../../../../../contracts/board.ts";
import type { RunLane } from "../../../../../contracts/lane.ts";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { Run } from "../../../../../contracts/run.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import { ActorAvatar, StateLabel } from "../../../../components/ui/badges.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import { OutLink } from "../../../../components/ui/out-link.tsx";
import { SkeletonRows } from "../../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { ticketRunsQuery } from "../../../../lib/queries.ts";
import { isFinal } from "../../../../lib/vocabulary.ts";
import { laneStatusLabel, modeLabels } from "../../../../lib/words.ts";
import { useBoardParts } from "../../parts.ts";
import { useBoard } from "../../store.ts";

/** The runs on a ticket, the newest first, and what the newest of those that wrote to the forge left there. */
export function TicketRuns({ ticket }: { ticket: Ticket }) {
  const runs = useTicketRuns(ticket);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const delivered = items.find((run) => pullsOf(run).length > 0);
  return (
    <section aria-label="Runs" className="mt-6">
      <h2 className="mb-1 flex min-h-7 items-center text-xs font-medium text-muted">Runs</h2>
      {delivered !== undefined && <Delivered run={delivered} />}
      {runs.isPending ? (
        ticket.run !== null && <SkeletonRows count={1} className="h-9" />
      ) : runs.data === undefined ? (
        <Failure error={runs.error} onRetry={() => void runs.refetch()} />
      ) : items.length === 0 ? (
        <p className="text-muted">No agent has worked on this ticket yet.</p>
      ) : (
        <ul className="-mx-2">
          {items.map((run) => (
            <RunLine key={run.id} run={run} state={stateOf(run, ticket)} />
          ))}
        </ul>
      )}
      {runs.isFetchNextPageError && <Failure error={runs.error} onRetry={() => void runs.fetchNextPage()} />}
      {runs.hasNextPage && (
        <Button look="ghost" size="sm" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  );
}

/** A run's row follows the run by a moment: the list is read again until it has what the board has heard of. */
const behindMs = 1_500;

/** The ticket's runs, read again whenever the board hears of one of them. */
function useTicketRuns(ticket: Ticket) {
  const { store } = useBoardParts();
  const queryClient = useQueryClient();
  const heardAtMs = useBoard(store, ({ model }) => model.runs.get(ticket.id)?.atMs);
  const news = `${ticket.run?.id ?? ""} ${ticket.run?.state ?? ""} ${heardAtMs ?? ""}`;
  const seen = useRef(news);
  useEffect(() => {
    if (seen.current === news) return;
    seen.current = news;
    void queryClient.invalidateQueries({ queryKey: ticketRunsQuery(ticket.id).queryKey });
  }, [queryClient, news, ticket.id]);
  return useInfiniteQuery({
    ...ticketRunsQuery(ticket.id),
    refetchInterval: ({ state }) => {
      const newest = state.data?.pages[0]?.items[0];
      return ticket.run !== null && isBehind(newest, ticket.run) ? behindMs : false;
    },
  });
}

function isBehind(listed: Run | undefined, heard: TicketRun): boolean {
  if (listed?.id !== heard.id) return Number(listed?.id ?? 0) < Number(heard.id);
  return listed.state !== heard.state && !isFinal(listed.state);
}

/** A run's state: of the list and the board, the one that is later. */
function stateOf(run: Run, { run: heard }: Ticket): Run["state"] {
  return heard?.id === run.id && !isFinal(run.state) ? heard.state : run.state;
}

interface WrittenLane {
  readonly lane: RunLane;
  readonly pull: NonNullable<RunLane["pullRequest"]>;
}

/** The pull requests that a run made, by repository. That of a review is somebody else's. */
function pullsOf(run: Run): readonly WrittenLane[] {
  if (modes[run.mode].product !== "patch_set") return [];
  return run.repositories.flatMap((lane) => (lane.pullRequest === null ? [] : [{ lane, pull: lane.pullRequest }]));
}

function RunLine({ run, state }: { run: Run; state: Run["state"] }) {
  const isSeveral = run.repositories.length > 1;
  const pulls = run.repositories.flatMap(({ name, pullRequest }) =>
    pullRequest === null ? [] : [{ ...pullRequest, label: `${isSeveral ? name : ""}#${pullRequest.number}` }],
  );
  return (
    <li className="flex items-center gap-2 pr-2">
      <Link
        to="/runs/$runId"
        params={{ runId: run.id }}
        title={run.title}
        className="flex min-h-9 min-w-0 flex-1 items-center gap-3 rounded-lg px-2 -outline-offset-2 hover:bg-hover"
      >
        <StateLabel state={state} className="text-xs" />
        <span className="min-w-0 flex-1 truncate text-xs text-muted">{modeLabels[run.mode]}</span>
        <TimeAgo atMs={run.createdAtMs} className="shrink-0 text-xs text-muted" />
        <ActorAvatar actor={run.startedBy} />
      </Link>
      {pulls.map(({ label, url }) => (
        <span key={url} className="shrink-0 text-xs">
          <OutLink href={url}>{label}</OutLink>
        </span>
      ))}
    </li>
  );
}

/** Branch and pull request of each repository that a run wrote to. */
function Delivered({ run }: { run: Run }) {
  return (
    <dl className="mb-2 grid grid-cols-[6.5rem_1fr] items-center gap-y-1.5">
      {pullsOf(run).map(({ lane, pull }) => (
        <Fragment key={lane.repositoryId}>
          <dt className="text-muted">Branch</dt>
          <dd className="flex min-w-0 items-center gap-1.5">
            <GitBranch className="size-3.5 shrink-0 text-muted" aria-hidden />
            <code className="min-w-0 truncate font-mono text-xs" title={pull.branch}>
              {pull.branch}
            </code>
            <CopyButton text={pull.branch} label="the branch’s name" />
          </dd>
          <dt className="text-muted">Pull request</dt>
          <dd className="flex min-w-0 flex-wrap items-center gap-2">
            <OutLink href={pull.url}>
              {lane.owner}/{lane.name}#{pull.number}
            </OutLink>
            <span className="text-xs text-muted">{laneStatusLabel(lane.status)}</span>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
