import { useEffect } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { useBoardParts } from "../../parts.ts";
import { Comments } from "./comments.tsx";
import { Files } from "./files.tsx";

/** A ticket's files, and what people and runs say about it. */
export function Conversation({ ticket }: { ticket: Ticket }) {
  const { talk } = useBoardParts();
  useEffect(() => {
    talk.shown = ticket.id;
    return () => {
      talk.shown = null;
    };
  }, [talk, ticket.id]);
  return (
    <>
      <Files ticket={ticket} />
      <section aria-label="Comments" className="mt-8 border-t border-line pt-4">
        <h2 className="flex items-baseline gap-2 text-xs font-medium text-muted">
          Comments {ticket.commentCount > 0 && <span className="tabular">{ticket.commentCount}</span>}
        </h2>
        <Comments ticket={ticket} />
      </section>
    </>
  );
}
