import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";
import { runStateSchema } from "./run.ts";

/** A run's notice to the person who started it: it waits for a person, or has failed. */
export const noticeSchema = z
  .object({
    id: idSchema,
    reason: z.enum(["approval", "question", "needs_human", "failed"]),
    text: z.string(),
    atMs: timeMsSchema,
    /** When the person has read it; null until then. */
    readAtMs: timeMsSchema.nullable(),
    /** The run as it is now: it may have moved on since. */
    run: z.object({ id: idSchema, title: z.string(), state: runStateSchema }),
  })
  .meta({ id: "Notice" });
export type Notice = z.infer<typeof noticeSchema>;

export const readNoticesSchema = z
  .strictObject({
    /** The newest notice that the person has seen: it and all before it count as read. */
    upTo: idSchema,
  })
  .meta({ id: "ReadNotices" });
