import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";
import { runStateSchema } from "./run.ts";

/** The reasons for a notice: those of a run to the person who started it, and a comment that mentions the person. */
export const noticeReasons = ["approval", "question", "needs_human", "failed", "mentioned"] as const;
export type NoticeReason = (typeof noticeReasons)[number];

/** A notice to a person. It is about a run or about a ticket. */
export const noticeSchema = z
  .object({
    id: idSchema,
    reason: z.enum(noticeReasons),
    text: z.string(),
    atMs: timeMsSchema,
    /** When the person has read it; null until then. */
    readAtMs: timeMsSchema.nullable(),
    /** The run as it is now: it may have moved on since. */
    run: z.object({ id: idSchema, title: z.string(), state: runStateSchema }).nullable(),
    /** The ticket whose comment mentions the person, as it is now. */
    ticket: z.object({ id: idSchema, key: z.string(), title: z.string(), projectId: idSchema }).nullable(),
  })
  .meta({ id: "Notice" });
export type Notice = z.infer<typeof noticeSchema>;

export const readNoticesSchema = z
  .strictObject({
    /** The newest notice that the person has seen: it and all before it count as read. */
    upTo: idSchema,
  })
  .meta({ id: "ReadNotices" });
