import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./api.ts";

const commentsAtOnce = 30;
const activityAtOnce = 20;

/** A ticket's comments, newest first, a page at a time. */
export const commentsQuery = (ticketId: string) =>
  infiniteQueryOptions({
    queryKey: ["ticket-comments", ticketId],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: commentsAtOnce, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return bodyOf(api.GET("/api/tickets/{id}/comments", { params: { path: { id: ticketId }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** The texts that a comment has had, newest first. A comment's version names its last text, so that another edit asks again. */
export const commentVersionsQuery = (commentId: string, version: number) =>
  queryOptions({
    queryKey: ["comment-versions", commentId, version],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET("/api/comments/{id}/versions", { params: { path: { id: commentId } }, signal }))).items,
  });

/** The activity of a ticket, newest first, a page at a time. */
export const activityQuery = (ticketId: string) =>
  infiniteQueryOptions({
    queryKey: ["ticket-activity", ticketId],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: activityAtOnce, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return bodyOf(api.GET("/api/tickets/{id}/activity", { params: { path: { id: ticketId }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** A ticket's files, oldest first. */
export const attachmentsQuery = (ticketId: string) =>
  queryOptions({
    queryKey: ["ticket-attachments", ticketId],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET("/api/tickets/{id}/attachments", { params: { path: { id: ticketId } }, signal }))).items,
  });

/** The tenant's members by name. */
export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/members", { signal }))).items,
  staleTime: 60_000,
});
