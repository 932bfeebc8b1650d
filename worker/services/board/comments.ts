import { actorKey, type Actor } from "../../../contracts/actor.ts";
import type { Comment, CommentVersion, CreateComment, EditComment } from "../../../contracts/ticket-parts.ts";
import { mentionedIn } from "../../../domain/board/mention.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import { findTicketProject } from "../../db/stores/board.ts";
import { findComment, listComments, listCommentVersions, type CommentRow } from "../../db/stores/ticket-comment.ts";
import { ServiceError } from "../../errors.ts";
import type { BoardHost, BoardResult } from "../../ports/board-host.ts";
import { requireTicketProject, writeBoard } from "./write-board.ts";

/** A page of a ticket's comments, newest first. `ticket.read`. `not_found` without the ticket. */
export async function getComments(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  ticketId: number,
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<{ items: Comment[]; nextCursor: string | null }> {
  requirePermission(scope, "ticket.read");
  const [, rows] = await Promise.all([
    requireTicketProject({ db }, scope, ticketId),
    listComments(db, scope.tenantId, ticketId, { ...page, limit: page.limit + 1 }),
  ]);
  const items = rows.slice(0, page.limit).map(commentView);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/**
 * Writes a comment on a ticket, once for its author's key. `comment.write`. `not_found` without the ticket, and for a deleted one with the
 * way out.
 */
export async function addComment(
  deps: ServiceDeps,
  scope: Scope,
  ticketId: number,
  { body, idempotencyKey }: CreateComment,
): Promise<Comment> {
  requirePermission(scope, "comment.write");
  const projectId = await requireTicketProject(deps, scope, ticketId);
  const sourceKey =
    idempotencyKey === undefined
      ? `comment:${crypto.randomUUID()}`
      : `comment:${ticketId}:${actorKey(scope.actor)}:${idempotencyKey}`;
  const authorId = responsibleUserId(scope.actor);
  await writeBoard(deps, scope, projectId, { kind: "comment", ticketId: String(ticketId), body, authorId, sourceKey });
  tellMentioned(deps, scope, body);
  return readComment(deps, scope, { sourceKey });
}

/**
 * Writes a comment for an actor that is no request, such as a run that has failed, once for its source key. Answers the board's result; one
 * on a ticket that is gone or deleted is refused.
 */
export async function commentAs(
  { boards, db }: Pick<ServiceDeps, "db"> & { readonly boards: Pick<BoardHost, "write"> },
  { actor, tenantId }: { readonly actor: Actor; readonly tenantId: number },
  ticketId: number,
  { body, sourceKey }: { readonly body: string; readonly sourceKey: string },
): Promise<BoardResult> {
  const projectId = await findTicketProject(db, tenantId, ticketId);
  if (projectId === undefined) return { ok: false, code: "not_found", detail: "There is no such ticket." };
  const caller = { actor, sessionId: null, requestId: "" };
  const authorId = responsibleUserId(actor);
  const command = { kind: "comment", ticketId: String(ticketId), body, authorId, sourceKey } as const;
  return boards.write({ tenantId, projectId }, caller, command);
}

/** Changes the text of a comment. `comment.write`. `forbidden` for another's; `conflict` when it was changed since the version named. */
export async function editComment(deps: ServiceDeps, scope: Scope, id: number, edit: EditComment): Promise<Comment> {
  requirePermission(scope, "comment.write");
  const { comment, projectId } = await requireComment(deps, scope, id);
  if (!isOwn(scope, comment))
    throw new ServiceError("forbidden", "Only its author may change a comment. Write one of your own.");
  await writeBoard(deps, scope, projectId, { kind: "edit_comment", commentId: String(id), ...edit });
  tellMentioned(deps, scope, edit.body);
  return readComment(deps, scope, { id });
}

/** Deletes a comment of one's own, or any with `comment.manage`; it can be restored. One that is deleted already stays so. */
export async function deleteComment(deps: ServiceDeps, scope: Scope, id: number): Promise<void> {
  const { comment, projectId } = await requireManaged(deps, scope, id);
  await writeBoard(deps, scope, projectId, { kind: "delete_comment", commentId: String(id) });
  tellMentioned(deps, scope, comment.body);
}

/** Brings a deleted comment back, as who may delete it. One that is not deleted stays as it is. */
export async function restoreComment(deps: ServiceDeps, scope: Scope, id: number): Promise<Comment> {
  const { comment, projectId } = await requireManaged(deps, scope, id);
  await writeBoard(deps, scope, projectId, { kind: "restore_comment", commentId: String(id) });
  tellMentioned(deps, scope, comment.body);
  return readComment(deps, scope, { id });
}

/** The texts that a comment has had, newest first, beginning with the one that it has. `ticket.read`. `not_found` for a deleted one. */
export async function getCommentVersions(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  id: number,
): Promise<CommentVersion[]> {
  requirePermission(scope, "ticket.read");
  const { comment } = await requireComment({ db }, scope, id);
  if (comment.deletedAtMs !== null) throw missing();
  const { body, createdAtMs, editedAtMs, version } = comment;
  return [{ version, body, atMs: editedAtMs ?? createdAtMs }, ...(await listCommentVersions(db, scope.tenantId, id))];
}

/** Has open pages load their notices anew, where a comment mentions members. */
function tellMentioned({ tellFeed }: Pick<ServiceDeps, "tellFeed">, { tenantId }: Scope, body: string): void {
  if (mentionedIn(body).length > 0) tellFeed(tenantId, "notices");
}

async function requireComment({ db }: Pick<ServiceDeps, "db">, scope: Scope, id: number) {
  const found = await findComment(db, scope.tenantId, { id });
  if (found === undefined) throw missing();
  return found;
}

/** The comment that the actor may delete and restore. */
async function requireManaged(deps: Pick<ServiceDeps, "db">, scope: Scope, id: number) {
  const found = await findComment(deps.db, scope.tenantId, { id });
  requirePermission(scope, found === undefined || isOwn(scope, found.comment) ? "comment.write" : "comment.manage");
  if (found === undefined) throw missing();
  return found;
}

async function readComment(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  by: { readonly id: number } | { readonly sourceKey: string },
): Promise<Comment> {
  const found = await findComment(db, scope.tenantId, by);
  if (found === undefined) throw missing();
  return commentView(found.comment);
}

function isOwn(scope: Scope, comment: CommentRow): boolean {
  const id = responsibleUserId(scope.actor);
  return id !== null && comment.authorId === id;
}

function missing(): ServiceError {
  return new ServiceError("not_found", "There is no such comment.");
}

function commentView({ actor, body, createdAtMs, editedAtMs, id, ticketId, version }: CommentRow): Comment {
  return { id: String(id), ticketId: String(ticketId), author: actor, body, version, createdAtMs, editedAtMs };
}
