import type { Ticket } from "../../../../../contracts/project.ts";
import type { Comment } from "../../../../../contracts/ticket-parts.ts";
import { Button } from "../../../../components/ui/button.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import { modKey } from "../../../../lib/hotkeys.ts";
import { commentLimit } from "../../../../lib/vocabulary.ts";
import { useBoardParts } from "../../parts.ts";
import { CommentField, LengthNote } from "./comment-field.tsx";
import type { CommentEdit } from "./listed.ts";

interface CommentEditorProps {
  readonly ticket: Ticket;
  readonly comment: Comment;
  readonly edit: CommentEdit;
}

/** Another text for a comment. Where it was changed from elsewhere meanwhile, both texts are there to choose from. */
export function CommentEditor({ ticket, comment, edit }: CommentEditorProps) {
  const { talk } = useBoardParts();
  const { error, other, text } = edit;
  const isFit = text.trim() !== "" && text.length <= commentLimit;
  const save = () => {
    if (isFit) void talk.saveEdit(ticket, comment.id);
  };
  const drop = () => talk.edit(comment, null);
  return (
    <div>
      <CommentField
        label="Text of the comment"
        autoFocus
        value={text}
        onChange={(next) => talk.edit(comment, next)}
        onSubmit={save}
        onEscape={drop}
      />
      <div className="mt-1.5 flex items-center gap-2">
        <Button size="sm" disabled={!isFit || other !== null} onClick={save} title={`Save (${modKey} Enter)`}>
          Save
        </Button>
        <Button size="sm" look="ghost" onClick={drop}>
          Cancel
        </Button>
        <LengthNote length={text.length} />
      </div>
      {error !== null && <Failure error={error} kept="Your text is kept here." onRetry={save} className="mt-2" />}
      {other !== null && (
        <div
          role="alert"
          ref={(notice) => notice?.scrollIntoView({ block: "nearest" })}
          className="mt-2 scroll-my-4 rounded-lg border border-amber-line bg-amber-soft px-3 py-2.5"
        >
          <p className="font-medium">The comment was changed from elsewhere meanwhile</p>
          <p className="text-soft">Your text is kept above and not saved yet. This is the other one:</p>
          <p className="my-2 max-h-40 overflow-y-auto rounded-md border border-line bg-bg px-2.5 py-1.5 break-words whitespace-pre-wrap">
            {other.body}
          </p>
          <div className="flex flex-wrap gap-2">
            <Button size="sm" onClick={() => void talk.keepMine(ticket, comment.id)}>
              Save mine over it
            </Button>
            <Button size="sm" look="ghost" onClick={drop}>
              Take the other text
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
