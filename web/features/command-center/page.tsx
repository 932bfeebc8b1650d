import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Failure } from "../../components/ui/notices.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../lib/crumbs.ts";
import { runImagesQuery, runQuery, ticketQuery } from "../../lib/queries.ts";
import { draftOfRun, draftOfTicket, emptyDraft, lastChoices, modeNamed } from "./draft.ts";
import { Prompt } from "./prompt.tsx";
import { RunLists } from "./run-lists.tsx";

const route = getRouteApi("/shell/");

/** Where work starts: one large prompt, and under it what waits, runs, and went before. */
export function CommandCenterPage() {
  useCrumbs({ label: "Command Center" });
  const { ticket, mode, again } = route.useSearch();
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto w-full max-w-3xl px-4 pt-[clamp(1.5rem,7vh,4.5rem)] pb-16">
        <h1 className="mb-5 text-2xl font-semibold tracking-tight">What are we building today?</h1>
        {ticket === undefined && again !== undefined ? (
          <AgainPrompt key={again} runId={again} />
        ) : ticket === undefined ? (
          <Prompt
            key={`new ${mode ?? ""}`}
            name="new"
            ticket={null}
            workOf={null}
            initial={() => emptyDraft(lastChoices())}
            wantedMode={modeNamed(mode)}
          />
        ) : (
          <TicketPrompt key={`${ticket} ${mode ?? ""}`} ticketId={ticket} mode={mode} />
        )}
        <RunLists />
      </div>
    </div>
  );
}

function AgainPrompt({ runId }: { runId: string }) {
  const run = useQuery(runQuery(runId));
  const images = useQuery(runImagesQuery(runId));
  if (run.isPending || images.isPending) return <Skeleton className="h-56 w-full rounded-2xl" />;
  if (run.isError) return <Failure error={run.error} onRetry={() => void run.refetch()} />;
  if (images.isError) return <Failure error={images.error} onRetry={() => void images.refetch()} />;
  return (
    <Prompt
      name={`again:${runId}`}
      ticket={null}
      workOf={run.data.projectId}
      initial={() => draftOfRun(run.data, images.data)}
      wantedMode={null}
    />
  );
}

function TicketPrompt({ ticketId, mode }: { ticketId: string; mode: string | undefined }) {
  const ticket = useQuery(ticketQuery(ticketId));
  if (ticket.isPending) return <Skeleton className="h-56 w-full rounded-2xl" />;
  if (ticket.isError) return <Failure error={ticket.error} onRetry={() => void ticket.refetch()} />;
  const wanted = modeNamed(mode);
  return (
    <Prompt
      name={`ticket:${ticketId}`}
      ticket={ticket.data}
      workOf={ticket.data.projectId}
      initial={() => draftOfTicket(ticket.data, wanted, lastChoices())}
      wantedMode={wanted}
    />
  );
}
