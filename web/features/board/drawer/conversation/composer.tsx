import { useRef } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { Button } from "../../../../components/ui/button.tsx";
import { modKey } from "../../../../lib/hotkeys.ts";
import { useBoardRefusal } from "../../refusal.ts";
import { commentLimit } from "../../../../lib/vocabulary.ts";
import { useBoardParts } from "../../parts.ts";
import { CommentField, LengthNote } from "./comment-field.tsx";
import { useTalk } from "./talk.ts";

/** Where a comment is written; it is kept when the drawer closes. Those who may not comment read why. */
export function Composer({ ticket, newest }: { ticket: Ticket; newest: number }) {
  const { talk } = useBoardParts();
  const { draft } = useTalk(talk, ticket.id);
  const refusal = useBoardRefusal("comment.write");
  const form = useRef<HTMLFormElement>(null);
  if (refusal !== null) return <p className="mt-3 text-xs text-muted">Commenting: {refusal}</p>;
  const isFit = draft.trim() !== "" && draft.length <= commentLimit;
  const send = () => {
    if (!isFit) return;
    void talk.send(ticket, newest);
    // The comment that was sent stands above the field now.
    requestAnimationFrame(() => form.current?.scrollIntoView({ block: "end" }));
  };
  return (
    <form
      ref={form}
      className="mt-3 scroll-mb-5"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <CommentField
        label="Comment"
        placeholder="Write a comment…"
        value={draft}
        onChange={(text) => talk.write(ticket.id, text)}
        onSubmit={send}
      />
      <div className="mt-1.5 flex items-center gap-2">
        <Button type="submit" size="sm" disabled={!isFit} title={`Comment (${modKey} Enter)`}>
          Comment
        </Button>
        <span className="text-xs text-muted">Markdown</span>
        <span className="ml-auto">
          <LengthNote length={draft.length} />
        </span>
      </div>
    </form>
  );
}
