import * as z from "zod";
import { actorSchema } from "./actor.ts";
import { idSchema, personSchema, roleSchema, sha256Schema, timeMsSchema } from "./common.ts";

/** A member of the tenant, to whom work can be given and who can be named in a comment. */
export const memberSchema = personSchema.extend({ role: roleSchema }).meta({ id: "Member" });
export type Member = z.infer<typeof memberSchema>;

/** A comment on a ticket. */
export const commentSchema = z
  .object({
    id: idSchema,
    ticketId: idSchema,
    author: actorSchema,
    /** Markdown. A member is named as `[@Name](#member-7)`. */
    body: z.string(),
    /** Grows by one with each edit; an edit names the version that it has seen. */
    version: z.int().min(1),
    createdAtMs: timeMsSchema,
    editedAtMs: timeMsSchema.nullable(),
  })
  .meta({ id: "Comment" });
export type Comment = z.infer<typeof commentSchema>;

/** The most characters of a comment. */
export const maxCommentLength = 20_000;
const commentBodySchema = z
  .string()
  .max(maxCommentLength, "may have at most 20,000 characters. Attach a longer text as a file.")
  .refine((text) => text.trim() !== "", "must not be empty");

/** Body of `POST /api/tickets/{id}/comments`. */
export const createCommentSchema = z
  .strictObject({
    body: commentBodySchema,
    /** Names the comment: sent again by the same author to the same ticket, it is the one that was made before. */
    idempotencyKey: z.string().min(8).max(100).optional(),
  })
  .meta({ id: "CreateComment" });
export type CreateComment = z.infer<typeof createCommentSchema>;

/** Body of `PATCH /api/comments/{id}`: the new text, and the version that the editor has seen. */
export const editCommentSchema = z
  .strictObject({ version: z.int().min(1), body: commentBodySchema })
  .meta({ id: "EditComment" });
export type EditComment = z.infer<typeof editCommentSchema>;

/** A text that a comment had, and when it was written. */
export const commentVersionSchema = z
  .object({ version: z.int().min(1), body: z.string(), atMs: timeMsSchema })
  .meta({ id: "CommentVersion" });
export type CommentVersion = z.infer<typeof commentVersionSchema>;

/** The largest file on a ticket, in bytes. */
export const maxAttachmentBytes = 10_000_000;
/** The most files on one ticket. */
export const maxAttachments = 20;
/** The most characters of a file's name. */
export const maxFileName = 200;

/** A file on a ticket. */
export const attachmentSchema = z
  .object({
    id: idSchema,
    ticketId: idSchema,
    name: z.string(),
    /** One of the types of images where its bytes are such an image, else the type that its sender named. */
    mediaType: z.string(),
    /** Whether its bytes are an image that pages may show. */
    isImage: z.boolean(),
    sizeBytes: z.int().min(1),
    sha256: sha256Schema,
    createdBy: personSchema.nullable(),
    createdAtMs: timeMsSchema,
  })
  .meta({ id: "Attachment" });
export type Attachment = z.infer<typeof attachmentSchema>;

/** Something that was done to a ticket, from the audit log. */
export const activitySchema = z
  .object({
    id: idSchema,
    atMs: timeMsSchema,
    actor: z.object({
      kind: z.enum(["person", "api_key", "rule", "run", "system"]),
      id: z.string().nullable(),
      name: z.string(),
      avatarUrl: z.string().nullable(),
    }),
    /** `<noun>.<verb in the past>`, such as `ticket.moved`. */
    action: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Activity" });
export type Activity = z.infer<typeof activitySchema>;
