import { Ellipsis } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { Comment } from "../../../../../contracts/ticket-parts.ts";
import { Markdown } from "../../../../components/markdown.tsx";
import { ActorAvatar } from "../../../../components/ui/badges.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { Menu, MenuItem } from "../../../../components/ui/menu.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { useMe } from "../../../../lib/me.ts";
import { useMayOnBoard } from "../../refusal.ts";
import { useBoardParts } from "../../parts.ts";
import { ActorName, namedActor } from "./actor-name.tsx";
import { CommentEditor } from "./comment-editor.tsx";
import { CommentHistory } from "./comment-history.tsx";
import type { CommentEdit } from "./listed.ts";
import { DeletedPart } from "./deleted-part.tsx";
import type { Removed } from "./removals.ts";

interface CommentItemProps {
  readonly ticket: Ticket;
  readonly comment: Comment;
  readonly edit: CommentEdit | undefined;
  readonly removed: Removed<Comment> | undefined;
}

export const commentRow = "grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-2.5 py-2.5";
const itemId = (comment: Comment) => `comment-${comment.id}`;

/** One comment, with what may be done with it; where it was deleted, the way to bring it back. */
export function CommentItem({ ticket, comment, edit, removed }: CommentItemProps) {
  const { talk } = useBoardParts();
  const [isShown, setShown] = useState(false);
  const historyId = useId();
  if (removed?.step === "deleted" || removed?.step === "restoring")
    return (
      <DeletedPart removed={removed} removals={talk.removals} placeId={itemId(comment)} className="py-2">
        The comment was deleted.
      </DeletedPart>
    );
  const isSaving = edit?.saving === true;
  const history = { id: historyId, isShown, toggle: () => setShown(!isShown) };
  return (
    <li
      id={itemId(comment)}
      tabIndex={-1}
      className={cx(commentRow, (isSaving || removed?.step === "deleting") && "opacity-60")}
    >
      <ActorAvatar actor={comment.author} className="mt-0.5 size-6" />
      <article aria-label={`Comment of ${comment.author.name}`}>
        <Heading comment={comment} isEdited={edit !== undefined} isSaving={isSaving} history={history} />
        {edit !== undefined && !isSaving ? (
          <CommentEditor ticket={ticket} comment={comment} edit={edit} />
        ) : (
          <Markdown text={edit?.text ?? comment.body} className="text-base" />
        )}
        <div id={history.id}>{history.isShown && <CommentHistory comment={comment} />}</div>
        {removed?.step === "kept" && removed.error !== null && (
          <Failure
            error={removed.error}
            kept="The comment is still there."
            onRetry={() => void talk.removals.remove(comment)}
            className="mt-2"
          />
        )}
      </article>
    </li>
  );
}

interface HeadingProps {
  readonly comment: Comment;
  readonly isEdited: boolean;
  readonly isSaving: boolean;
  readonly history: { readonly id: string; readonly isShown: boolean; readonly toggle: () => void };
}

function Heading({ comment, history, isEdited, isSaving }: HeadingProps) {
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-2">
      <ActorName actor={namedActor(comment.author)} />
      <TimeAgo atMs={comment.createdAtMs} className="text-xs text-muted" />
      {isSaving ? (
        <span className="text-xs text-muted">Saving…</span>
      ) : (
        comment.editedAtMs !== null && (
          <button
            type="button"
            aria-expanded={history.isShown}
            aria-controls={history.id}
            onClick={history.toggle}
            className="rounded text-xs text-muted underline decoration-line-strong underline-offset-2 hover:text-text"
          >
            edited
          </button>
        )
      )}
      {!isEdited && <CommentMenu comment={comment} />}
    </div>
  );
}

function CommentMenu({ comment }: { comment: Comment }) {
  const { talk } = useBoardParts();
  const { me } = useMe();
  const mayWrite = useMayOnBoard("comment.write");
  const mayManage = useMayOnBoard("comment.manage");
  const leaves = useRef(false);
  const { author } = comment;
  const isOwn =
    (author.kind === "person" && author.id === me.user.id) ||
    (author.kind === "api_key" && author.ownerId === me.user.id);
  const mayEdit = isOwn && mayWrite;
  if (!mayEdit && !mayManage) return null;
  // The field or the button that comes in the comment's place has the focus.
  const choose = (act: () => void) => () => {
    leaves.current = true;
    act();
  };
  return (
    <Menu
      align="end"
      onCloseAutoFocus={(event) => {
        if (leaves.current) event.preventDefault();
        leaves.current = false;
      }}
      className="min-w-32"
      trigger={
        <Button look="ghost" size="icon" className="ml-auto size-7" aria-label="Actions of the comment">
          <Ellipsis className="size-4" aria-hidden />
        </Button>
      }
    >
      {mayEdit && <MenuItem onSelect={choose(() => talk.edit(comment, comment.body))}>Edit</MenuItem>}
      <MenuItem onSelect={choose(() => void talk.removals.remove(comment))}>Delete</MenuItem>
    </Menu>
  );
}
