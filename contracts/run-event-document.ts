import * as z from "zod";
import { timeMsSchema } from "./common.ts";
import { eventVersion, runEventPayloads, runEventTypes } from "./run-events.ts";

/** For the API's document and the clients made from it: an event with its payload, told apart by `type`. */
export const documentedRunEventSchema = z
  .union(
    runEventTypes.map((type) =>
      z.object({
        seq: z.int(),
        atMs: timeMsSchema,
        v: z.literal(eventVersion(type)),
        type: z.literal(type),
        data: runEventPayloads[type],
      }),
    ),
  )
  .meta({ id: "RunEvent" });
