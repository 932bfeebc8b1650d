import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import {
  activitySchema,
  commentSchema,
  commentVersionSchema,
  createCommentSchema,
  editCommentSchema,
} from "../../contracts/ticket-parts.ts";
import { getActivity } from "../services/board/activity.ts";
import {
  addComment,
  deleteComment,
  editComment,
  getComments,
  getCommentVersions,
  restoreComment,
} from "../services/board/comments.ts";
import { idParams, json, jsonBody, namedPage, problems, route, type ApiApp } from "./shared.ts";

const pageOfTicket = z.object({
  cursor: idSchema.optional().describe("`nextCursor` of the page before"),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const list = route("ticket.read", {
  method: "get",
  path: "/api/tickets/{id}/comments",
  tags: ["Tickets"],
  summary: "List a ticket's comments, newest first",
  request: { params: idParams, query: pageOfTicket },
  responses: {
    200: json(namedPage("CommentPage", commentSchema), "A page of comments"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const add = route("comment.write", {
  method: "post",
  path: "/api/tickets/{id}/comments",
  tags: ["Tickets"],
  summary: "Comment on a ticket",
  request: { params: idParams, body: jsonBody(createCommentSchema) },
  responses: {
    201: json(commentSchema, "The new comment"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const edit = route("comment.write", {
  method: "patch",
  path: "/api/comments/{id}",
  tags: ["Tickets"],
  summary: "Change the text of one's own comment; the earlier text is kept",
  request: { params: idParams, body: jsonBody(editCommentSchema) },
  responses: {
    200: json(commentSchema, "The comment after the change"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const ownOrAny = ["comment.write", "comment.manage"] as const;

const remove = route(ownOrAny, {
  method: "delete",
  path: "/api/comments/{id}",
  tags: ["Tickets"],
  summary: "Delete a comment, which can be restored",
  request: { params: idParams },
  responses: {
    204: { description: "The comment is deleted" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const restore = route(ownOrAny, {
  method: "post",
  path: "/api/comments/{id}/restore",
  tags: ["Tickets"],
  summary: "Restore a deleted comment",
  request: { params: idParams },
  responses: {
    200: json(commentSchema, "The comment, back in its place"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const versions = route("ticket.read", {
  method: "get",
  path: "/api/comments/{id}/versions",
  tags: ["Tickets"],
  summary: "List the texts that a comment has had, newest first",
  request: { params: idParams },
  responses: {
    200: json(z.object({ items: z.array(commentVersionSchema) }).meta({ id: "CommentVersions" }), "The texts"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const activity = route("ticket.read", {
  method: "get",
  path: "/api/tickets/{id}/activity",
  tags: ["Tickets"],
  summary: "List what was done to a ticket, newest first",
  request: { params: idParams, query: pageOfTicket },
  responses: {
    200: json(namedPage("ActivityPage", activitySchema), "A page of entries of the audit log"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const pageOf = ({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }) => ({
  before: cursor === undefined ? undefined : Number(cursor),
  limit,
});

/** The comments of tickets, and what was done to a ticket. */
export function registerTicketComments(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const page = pageOf(c.req.valid("query"));
    return c.json(await getComments(c.var.deps, c.var.scope, Number(c.req.valid("param").id), page), 200);
  });
  app.openapi(add, async (c) => {
    const id = Number(c.req.valid("param").id);
    return c.json(await addComment(c.var.deps, c.var.scope, id, c.req.valid("json")), 201);
  });
  app.openapi(edit, async (c) => {
    const id = Number(c.req.valid("param").id);
    return c.json(await editComment(c.var.deps, c.var.scope, id, c.req.valid("json")), 200);
  });
  app.openapi(remove, async (c) => {
    await deleteComment(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    return c.body(null, 204);
  });
  app.openapi(restore, async (c) =>
    c.json(await restoreComment(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(versions, async (c) => {
    const items = await getCommentVersions(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    return c.json({ items }, 200);
  });
  app.openapi(activity, async (c) => {
    const page = pageOf(c.req.valid("query"));
    return c.json(await getActivity(c.var.deps, c.var.scope, Number(c.req.valid("param").id), page), 200);
  });
}
