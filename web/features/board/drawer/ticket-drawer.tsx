import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bug, Hammer, Trash2, X } from "lucide-react";
import { useEffect } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { modeOfTicket } from "../../../../domain/run/modes.ts";
import { StateLabel, Tag } from "../../../components/ui/badges.tsx";
import { Button, buttonClass } from "../../../components/ui/button.tsx";
import { Drawer } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { asApiError } from "../../../lib/api.ts";
import { useCan, useRefusal } from "../../../lib/me.ts";
import { ticketQuery } from "../../../lib/queries.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { modeLabels } from "../../../lib/words.ts";
import { TypeIcon } from "../icons.tsx";
import { useBoardParts } from "../parts.ts";
import { useBoard } from "../store.ts";
import { SuggestionNotice } from "../suggestions/notice.tsx";
import { DeletedNotice } from "./deleted.tsx";
import { TicketFacts } from "./facts.tsx";
import { DraftProblem, fieldKeys, MarkdownField, useTextField } from "./text-field.tsx";

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
  const mayEdit = useCan("ticket.edit");
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-5">
        {mayEdit ? (
          <TitleField ticket={ticket} />
        ) : (
          <h1 className="text-xl font-semibold tracking-tight text-balance">{ticket.title}</h1>
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
  const refusal = useRefusal("run.start");
  const mayEdit = useCan("ticket.edit");
  const busy = ticket.run !== null && !isFinal(ticket.run.state);
  const suggested = modeOfTicket(ticket.type);
  return (
    <footer className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-panel px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      {refusal !== null ? (
        <p className="text-xs text-muted">Starting a run: {refusal}</p>
      ) : busy && ticket.run !== null ? (
        <>
          <Link to="/runs/$runId" params={{ runId: ticket.run.id }} className={buttonClass("primary")}>
            Open the run
          </Link>
          <p className="text-xs text-muted">A run is on for this ticket.</p>
        </>
      ) : (
        <>
          <StartLink ticket={ticket} mode="implement" primary={suggested === "implement"} />
          <StartLink ticket={ticket} mode="bugfix" primary={suggested === "bugfix"} />
        </>
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

const startLinks = {
  implement: { icon: Hammer, label: "Implement" },
  bugfix: { icon: Bug, label: "Fix" },
};

function StartLink({ ticket, mode, primary }: { ticket: Ticket; mode: "implement" | "bugfix"; primary: boolean }) {
  const { icon: Icon, label } = startLinks[mode];
  return (
    <Link to="/" search={{ ticket: ticket.id, mode }} className={buttonClass(primary ? "primary" : "secondary")}>
      <Icon className="size-4" aria-hidden />
      {label}
    </Link>
  );
}
