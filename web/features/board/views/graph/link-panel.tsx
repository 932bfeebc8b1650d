import { Link2, X } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { Button } from "../../../../components/ui/button.tsx";
import { TypeIcon } from "../../../../components/ticket-icons.tsx";
import { linkId, type Link } from "../../../../lib/layered-graph.ts";

interface LinkPanelProps {
  readonly links: readonly Link[];
  /** Tickets without a dependency among those that are shown. */
  readonly alone: readonly Ticket[];
  readonly all: readonly Ticket[];
  readonly byId: (id: string) => Ticket | undefined;
  readonly mayLink: boolean;
  readonly onOpen: (id: string) => void;
  readonly onUnlink: (link: Link) => void;
  readonly onLink: (ticket: Ticket, other: Ticket) => Promise<boolean>;
}

/** The graph's links as a list, which says the same to a screen reader and is used by keyboard alone; below it the tickets without any. */
export function LinkPanel({ all, alone, byId, links, mayLink, onLink, onOpen, onUnlink }: LinkPanelProps) {
  return (
    <aside
      aria-label="List of dependencies"
      className="flex w-72 max-w-[85vw] shrink-0 flex-col overflow-y-auto border-l border-line bg-panel p-3 max-md:absolute max-md:inset-y-0 max-md:right-0 max-md:z-20 max-md:pt-14"
    >
      {mayLink && <LinkForm all={all} onLink={onLink} />}
      <h2 className="pt-1 pb-1 text-xs font-medium text-muted">
        Dependencies <span className="tabular font-normal">{links.length}</span>
      </h2>
      <ul>
        {links.map((link) => {
          const [from, to] = [byId(link.from), byId(link.to)];
          if (from === undefined || to === undefined) return null;
          return (
            <li key={linkId(link)} className="flex min-h-8 items-center gap-1 text-xs [content-visibility:auto]">
              <TicketLink ticket={to} onOpen={onOpen} />
              <span className="text-muted">waits for</span>
              <TicketLink ticket={from} onOpen={onOpen} />
              {mayLink && (
                <Button
                  look="ghost"
                  size="icon"
                  className="ml-auto size-6"
                  aria-label={`Remove: ${to.key} waits for ${from.key}`}
                  onClick={() => onUnlink(link)}
                >
                  <X className="size-3.5" aria-hidden />
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {alone.length > 0 && (
        <details open={links.length === 0} className="mt-3">
          <summary className="cursor-pointer text-xs font-medium text-muted">
            Without dependencies <span className="tabular font-normal">{alone.length}</span>
          </summary>
          <ul>
            {alone.map((ticket) => (
              <li key={ticket.id} className="[content-visibility:auto]">
                <button
                  type="button"
                  onClick={() => onOpen(ticket.id)}
                  className="flex h-8 w-full items-center gap-1.5 rounded-lg px-1 text-left text-xs hover:bg-hover"
                >
                  <TypeIcon type={ticket.type} />
                  <span className="tabular shrink-0 text-muted">{ticket.key}</span>
                  <span className="truncate">{ticket.title}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </aside>
  );
}

function TicketLink({ onOpen, ticket }: { ticket: Ticket; onOpen: (id: string) => void }) {
  return (
    <button
      type="button"
      title={ticket.title}
      onClick={() => onOpen(ticket.id)}
      className="tabular rounded px-1 py-0.5 font-medium hover:bg-hover"
    >
      {ticket.key}
    </button>
  );
}

/** A dependency by two keys, for tickets that the graph does not show and for people without a pointer. */
function LinkForm({ all, onLink }: Pick<LinkPanelProps, "all" | "onLink">) {
  const [fields, setFields] = useState({ ticket: "", other: "" });
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const named = (text: string) => all.find(({ key }) => key.toLowerCase() === text.trim().split(" ")[0]?.toLowerCase());
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const [ticket, other] = [named(fields.ticket), named(fields.other)];
    if (ticket === undefined || other === undefined) {
      const wrong = ticket === undefined ? fields.ticket : fields.other;
      setProblem(wrong.trim() === "" ? "Name both tickets." : `No ticket is shown here as ${wrong.trim()}.`);
      return;
    }
    setProblem(null);
    setBusy(true);
    if (await onLink(ticket, other)) setFields({ ticket: "", other: "" });
    setBusy(false);
  };
  const field = (name: "ticket" | "other", label: string) => (
    <input
      aria-label={label}
      placeholder={label}
      list="graph-tickets"
      value={fields[name]}
      onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
      className="h-8 min-w-0 flex-1 rounded-lg border border-line-strong bg-bg px-2 text-xs"
    />
  );
  return (
    <form onSubmit={(event) => void submit(event)} className="mb-3 flex flex-col gap-1.5">
      <div className="flex items-center gap-1.5">
        {field("ticket", "Ticket")}
        <span className="text-xs text-muted">waits for</span>
        {field("other", "Other ticket")}
      </div>
      {problem !== null && (
        <p role="alert" className="text-xs text-red">
          {problem}
        </p>
      )}
      <Button type="submit" size="sm" busy={busy} className="self-start">
        <Link2 className="size-3.5" aria-hidden />
        Add the dependency
      </Button>
      <datalist id="graph-tickets">
        {all.map(({ id, key, title }) => (
          <option key={id} value={key}>
            {title}
          </option>
        ))}
      </datalist>
    </form>
  );
}
