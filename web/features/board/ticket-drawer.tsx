import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bug, FolderGit2, Hammer, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Ticket } from "../../../contracts/project.ts";
import { Markdown } from "../../components/markdown.tsx";
import { Avatar, StateLabel, Tag } from "../../components/ui/badges.tsx";
import { Button, buttonClass } from "../../components/ui/button.tsx";
import { Drawer } from "../../components/ui/dialog.tsx";
import { Failure } from "../../components/ui/notices.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../components/ui/time.tsx";
import { mayRun, useMe } from "../../lib/me.ts";
import { ticketQuery } from "../../lib/queries.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { columnLabels, modeLabels } from "../../lib/words.ts";
import { PriorityIcon, priorityLabels, TypeIcon, typeLabels } from "./icons.tsx";

interface TicketDrawerProps {
  readonly ticketId: string;
  /** The board's copy, shown until the ticket itself arrives. */
  readonly initial: Ticket | undefined;
  readonly onClose: () => void;
}

/** A ticket in full, with its run and what an agent can do with it. */
export function TicketDrawer({ ticketId, initial, onClose }: TicketDrawerProps) {
  const query = useQuery({ ...ticketQuery(ticketId), refetchInterval: 5000 });
  const ticket = query.data ?? initial;
  return (
    <Drawer onClose={onClose} title={ticket === undefined ? "Ticket" : `${ticket.key} ${ticket.title}`}>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-4">
        {ticket === undefined ? (
          <Skeleton className="h-4 w-24" />
        ) : (
          <>
            <TypeIcon type={ticket.type} className="size-4" />
            <span className="tabular text-muted">{ticket.key}</span>
            <Tag>{columnLabels[ticket.column]}</Tag>
          </>
        )}
        <Button look="ghost" size="icon" className="ml-auto" onClick={onClose} aria-label="Close">
          <X className="size-4" aria-hidden />
        </Button>
      </header>
      {ticket !== undefined ? (
        <TicketBody ticket={ticket} />
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

function TicketBody({ ticket }: { ticket: Ticket }) {
  const { role } = useMe();
  const busy = ticket.run !== null && !isFinal(ticket.run.state);
  const suggested = ticket.type === "bug" ? "bugfix" : "implement";
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-5">
        <h1 className="text-xl font-semibold tracking-tight text-balance">{ticket.title}</h1>
        <dl className="mt-4 grid grid-cols-[6.5rem_1fr] items-center gap-y-2">
          <Fact name="Type">{typeLabels[ticket.type]}</Fact>
          <Fact name="Priority">
            <PriorityIcon priority={ticket.priority} /> {priorityLabels[ticket.priority]}
          </Fact>
          <Fact name="Repository">
            {ticket.repository === null ? (
              <span className="text-muted">None yet</span>
            ) : (
              <>
                <FolderGit2 className="size-3.5 text-muted" aria-hidden /> {ticket.repository.owner}/
                {ticket.repository.name}
              </>
            )}
          </Fact>
          <Fact name="Assignee">
            {ticket.assignee === null ? (
              <span className="text-muted">Nobody</span>
            ) : (
              <>
                <Avatar person={ticket.assignee} /> {ticket.assignee.name}
              </>
            )}
          </Fact>
          {ticket.labels.length > 0 && (
            <Fact name="Labels">
              <span className="flex flex-wrap gap-1">
                {ticket.labels.map((label) => (
                  <Tag key={label}>{label}</Tag>
                ))}
              </span>
            </Fact>
          )}
          <Fact name="Updated">
            <TimeAgo atMs={ticket.updatedAtMs} />
          </Fact>
        </dl>

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

        <Section title="Description">
          {ticket.description.trim() === "" ? (
            <p className="text-muted">No description.</p>
          ) : (
            <Markdown text={ticket.description} className="text-base" />
          )}
        </Section>
        <Section title="Acceptance criteria">
          {ticket.acceptanceCriteria.trim() === "" ? (
            <p className="text-muted">None. An agent does better when it knows how to tell that it is done.</p>
          ) : (
            <Markdown text={ticket.acceptanceCriteria} className="text-base" />
          )}
        </Section>
      </div>
      <footer className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-panel px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        {!mayRun(role) ? (
          <p className="text-xs text-muted">Starting a run takes the role dev, pm or admin; yours is {role}.</p>
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
      </footer>
    </>
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

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1.5">{children}</dd>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-6">
      <h2 className="mb-1.5 text-xs font-medium text-muted">{title}</h2>
      {children}
    </section>
  );
}
