import type { Actor } from "../../../contracts/actor.ts";
import { mentionedIn, withPlainMentions } from "../../../domain/board/mention.ts";
import { beginningOf } from "../../../domain/text/excerpt.ts";
import type { Database, Statement } from "../../db/client.ts";
import { auditTickets } from "../../db/stores/board-write.ts";
import { deleteMentions, insertMentions, type NewMentions } from "../../db/stores/notice.ts";
import {
  countComments,
  findComment,
  insertComment,
  isCommentRepeated,
  rewriteComment,
  setCommentDeleted,
} from "../../db/stores/ticket-comment.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  commitChange,
  nothing,
  refuseDeleted,
  type BoardState,
  type BoardWrite,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

const gone: Refused = { ok: false, code: "not_found", detail: "There is no such comment." };

/** Plans a new comment; one that was made from the same source before is not made again. */
export async function planComment(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"comment">>,
): Promise<Planned | Refused> {
  const { authorId, body, sourceKey, ticketId } = write.command;
  const refusal = refuseDeleted(state, ticketId, "comment on it");
  if (refusal !== undefined) return refusal;
  const commentCount = (await countComments(db, place.tenantId, Number(ticketId))) + 1;
  const change = changeOf(state, write, "ticket.commented", { id: ticketId, commentCount });
  const comment = {
    ticketId: Number(ticketId),
    authorId,
    actor: write.caller.actor,
    body,
    sourceKey,
    atMs: write.atMs,
  };
  return {
    ...nothing,
    isRepeat: isCommentRepeated,
    commit: async () =>
      commitChange(db, place, state, change, [
        insertComment(db, place.tenantId, comment),
        ...mentions(db, place, { sourceKey }, comment),
        auditTickets(db, place, write.caller, {
          action: "ticket.commented",
          tickets: [{ id: ticketId, data: {} }],
          atMs: write.atMs,
        }),
      ]),
  };
}

/** Plans another text of a comment, its deletion or its restoration. The earlier text is kept. */
export async function planCommentChange(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"edit_comment" | "delete_comment" | "restore_comment">>,
): Promise<Planned | Refused> {
  const { command } = write;
  const found = await findComment(db, place.tenantId, { id: Number(command.commentId) });
  if (found === undefined || found.projectId !== place.projectId) return gone;
  const { comment } = found;
  const ticketId = String(comment.ticketId);
  const refusal = refuseDeleted(state, ticketId, "change its comments");
  if (refusal !== undefined) return refusal;
  const isDeleted = comment.deletedAtMs !== null;
  if (command.kind === "edit_comment") {
    if (isDeleted)
      return { ok: false, code: "not_found", detail: "The comment was deleted meanwhile. Restore it to change it." };
    if (comment.version !== command.version)
      return {
        ok: false,
        code: "conflict",
        detail: `The comment was changed meanwhile: it is at version ${comment.version}, yours was ${command.version}. Look at it again; your text was not saved.`,
      };
    if (comment.body === command.body) return nothing;
  } else if (isDeleted === (command.kind === "delete_comment")) return nothing;
  const known = await countComments(db, place.tenantId, comment.ticketId);
  const notify = (body: string) => mentions(db, place, { id: comment.id }, { ...comment, body, atMs: write.atMs });
  const [action, more, statements] =
    command.kind === "edit_comment"
      ? ([
          "comment.edited",
          0,
          [...rewriteComment(db, comment, command.body, write.atMs), ...notify(command.body)],
        ] as const)
      : command.kind === "delete_comment"
        ? ([
            "comment.deleted",
            -1,
            [setCommentDeleted(db, comment, write.atMs), deleteMentions(db, place.tenantId, comment.id)],
          ] as const)
        : (["comment.restored", 1, [setCommentDeleted(db, comment, null), ...notify(comment.body)]] as const);
  const change = changeOf(state, write, "ticket.commented", { id: ticketId, commentCount: known + more });
  const tickets = [{ id: ticketId, data: { commentId: command.commentId } }];
  return {
    ...nothing,
    commit: async () =>
      commitChange(db, place, state, change, [
        ...statements,
        auditTickets(db, place, write.caller, { action, tickets, atMs: write.atMs }),
      ]),
  };
}

/** The notices to those whom a comment of a person mentions. Texts of runs and rules, which models and strangers write, tell no one. */
function mentions(
  db: Database,
  { tenantId }: BoardPlace,
  comment: NewMentions["comment"],
  { actor, atMs, authorId, body }: { actor: Actor; authorId: number | null; body: string; atMs: number },
): readonly Statement[] {
  const userIds = mentionedIn(body);
  if (authorId === null || userIds.length === 0) return [];
  const text = `${actor.name} mentioned you: ${beginningOf(withPlainMentions(body))}`;
  return [insertMentions(db, tenantId, { comment, authorId, userIds, text, atMs })];
}
