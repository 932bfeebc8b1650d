import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trash2, X } from "lucide-react";
import { useEffect } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { StateLabel, Tag } from "../../../components/ui/badges.tsx";
import { Button, buttonClass } from "../../../components/ui/button.tsx";
import { Drawer } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { asApiError } from "../../../lib/api.ts";
import { ticketQuery } from "../../../lib/queries.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { modeLabels } from "../../../lib/words.ts";
import { TypeIcon } from "../../../components/ticket-icons.tsx";
import { useBoardParts } from "../parts.ts";
import { useMayOnBoard } from "../refusal.ts";
import { useBoard } from "../store.ts";
import { SuggestionNotice } from "../suggestions/notice.tsx";
import { Conversation } from "./conversation/conversation.tsx";
import { DeletedNotice } from "./deleted.tsx";
import { TicketFacts } from "./facts.tsx";
import { TicketDependencies } from "./links/dependencies.tsx";
import { TicketAncestors, TicketFamily } from "./links/family.tsx";
import { TicketRuns } from "./links/runs.tsx";
import { StartLinks } from "./links/start-links.tsx";
import { DraftProblem, fieldKeys, KeptDraft, MarkdownField, useTextField } from "./text-field.tsx";

interface TicketDrawerProps {
  readonly ticketId: string;
  readonly onClose: () => void;
}

/** A ticket in full, as it is on the live board, with its run and the work that an agent can do with it. */
export function TicketDrawer({ ticketId, onClose }: TicketDrawerProps) {
  const { drafts, store } = useBoardParts();
  const onBoard = useBoard(store, ({ tickets }) => tickets.get(ticketId));
  const deleted = useBoard(store, ({ model }) => model.deleted.get(ticketId));
  // A ticket that was made a moment ago may be here before its change.
  const query = useQuery({ ...ticketQuery(ticketId), enabled: onBoard === undefined && deleted === undefined });
  const ticket = onBoard ?? (deleted === undefined ? query.data : undefined);
  const isMissing = deleted !== undefined || (query.isError && asApiError(query.error).code === "not_found");
  useEffect(() => {
    drafts.shown = ticketId;
    return () => {
      drafts.shown = null;
    };
  }, [drafts, ticketId]);
  return (
    <Drawer onClose={onClose} title={ticket === undefined ? "Ticket" : `${ticket.key} ${ticket.title}`}>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-4">
        {ticket !== undefined ? (
          <>
            <TypeIcon type={ticket.type} className="size-4" />
            <span className="tabular text-muted">{ticket.key}</span>
            <Tag>{store.nameOf(ticket.column)}</Tag>
          </>
        ) : isMissing ? (
          <span className="tabular text-muted">{deleted?.ticket.key ?? "Ticket"}</span>
        ) : (
          <Skeleton className="h-4 w-24" />
        )}
        <Button look="ghost" size="icon" className="ml-auto" onClick={onClose} aria-label="Close">
          <X className="size-4" aria-hidden />
        </Button>
      </header>
      {ticket !== undefined ? (
        <TicketBody key={ticket.id} ticket={ticket} onClose={onClose} />
      ) : isMissing ? (
        <DeletedNotice ticketId={ticketId} deleted={deleted} />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} className="m-4" />
      ) : (
        <div className="flex flex-col gap-3 p-5" role="status" aria-label="Loading the ticket">
          <Skeleton className="h-6 w-4/5" />
          <Skeleton className="h-4 w-1/2" />
          <Skeleton className="mt-4 h-32 w-full" />
        </div>
      )}
    </Drawer>
  );
}

function TicketBody({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const mayEdit = useMayOnBoard("ticket.edit");
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-5">
        <TicketAncestors ticket={ticket} />
        {mayEdit ? (
          <TitleField ticket={ticket} />
        ) : (
          <>
            <h1 className="text-xl font-semibold tracking-tight text-balance">{ticket.title}</h1>
            <KeptDraft ticket={ticket} field="title" />
          </>
        )}
        <SuggestionNotice ticket={ticket} />
        <TicketFacts ticket={ticket} />

        {ticket.run !== null && (
          <Link
            to="/runs/$runId"
            params={{ runId: ticket.run.id }}
            className="mt-5 flex items-center gap-3 rounded-xl border border-line bg-card px-3 py-2.5 hover:border-line-strong"
          >
            <StateLabel state={ticket.run.state} />
            <span className="text-muted">{modeLabels[ticket.run.mode]}</span>
            <span className="ml-auto text-muted">Open the run</span>
          </Link>
        )}

        <MarkdownField ticket={ticket} field="description" empty="No description." readOnly={!mayEdit} />
        <MarkdownField
          ticket={ticket}
          field="acceptanceCriteria"
          empty="None. An agent does better when it knows how to tell that it is done."
          readOnly={!mayEdit}
        />
        <TicketFamily ticket={ticket} />
        <TicketDependencies ticket={ticket} />
        <TicketRuns ticket={ticket} />
        <Conversation ticket={ticket} />
      </div>
      <DrawerActions ticket={ticket} onClose={onClose} />
    </>
  );
}

/** The title is typed in place; Enter saves it. */
function TitleField({ ticket }: { ticket: Ticket }) {
  const { drop, draft, save, text, type } = useTextField({ ticket, field: "title" });
  return (
    <>
      <h1 className="sr-only">{ticket.title}</h1>
      <textarea
        aria-label="Title"
        {...(draft === null ? {} : { "data-keeps-escape": true })}
        rows={1}
        maxLength={200}
        value={text}
        onChange={(event) => type(event.target.value.replaceAll("\n", " "))}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
          if (event.key === "Enter") save();
          fieldKeys(event, { save, undo: draft === null ? null : drop });
        }}
        className="-mx-2 block field-sizing-content w-[calc(100%+1rem)] resize-none rounded-lg border border-transparent bg-transparent px-2 py-1 text-xl font-semibold tracking-tight hover:border-line focus:border-line-strong"
      />
      <DraftProblem ticket={ticket} field="title" />
    </>
  );
}

function DrawerActions({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { writes } = useBoardParts();
  const mayEdit = useMayOnBoard("ticket.edit");
  const busy = ticket.run !== null && !isFinal(ticket.run.state);
  return (
    <footer className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-panel px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      {busy && ticket.run !== null ? (
        <>
          <Link to="/runs/$runId" params={{ runId: ticket.run.id }} className={buttonClass("primary")}>
            Open the run
          </Link>
          <p className="text-xs text-muted">A run is on for this ticket.</p>
        </>
      ) : (
        <StartLinks ticket={ticket} />
      )}
      {mayEdit && (
        <Button
          look="ghost"
          size="icon"
          className="ml-auto"
          aria-label="Delete the ticket"
          title="Delete the ticket"
          onClick={() => {
            onClose();
            void writes.delete(ticket);
          }}
        >
          <Trash2 className="size-4" aria-hidden />
        </Button>
      )}
    </footer>
  );
}
