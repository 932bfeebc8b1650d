import * as z from "zod";
import { timeMsSchema } from "./common.ts";

/** An effect of a run that is not done yet: it is tried again by itself, or parked after many failures. */
export const runEffectSchema = z
  .object({
    id: z.string(),
    /** Such as `projection`, `audit`, `ticket_move` or `notice`. */
    kind: z.string(),
    status: z.enum(["pending", "parked"]),
    /** Failures so far. */
    tries: z.int().min(0),
    /** The last failure in plain words; null when it was not tried yet. */
    lastError: z.string().nullable(),
    /** When the event that caused it was stored. */
    atMs: timeMsSchema,
    /** When it is tried again; null when it is parked or about to be tried. */
    nextTryAtMs: timeMsSchema.nullable(),
  })
  .meta({ id: "RunEffect" });
export type RunEffect = z.infer<typeof runEffectSchema>;

/** A run's effects that are pending or parked, oldest first. */
export const runEffectsSchema = z.object({ items: z.array(runEffectSchema) }).meta({ id: "RunEffects" });
