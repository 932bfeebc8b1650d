import * as z from "zod";
import { autopilotLevels, maxAutopilotSlots } from "./autopilot-names.ts";
import { idSchema } from "./common.ts";

const autopilotLevelSchema = z.enum(autopilotLevels);
const slotsSchema = z.int().min(1, "must be at least 1").max(maxAutopilotSlots, `may be at most ${maxAutopilotSlots}`);

/** Why a ticket waits. `needs_change`: a run took it at this version and has ended; it is started again once it was changed. */
const autopilotWaitSchema = z.discriminatedUnion("reason", [
  z.object({ reason: z.literal("blocked"), blockedBy: z.array(idSchema) }),
  z.object({ reason: z.literal("worked_on") }),
  z.object({ reason: z.literal("needs_change") }),
  z.object({ reason: z.literal("refused"), detail: z.string() }),
  z.object({ reason: z.literal("no_free_slot"), slots: z.int() }),
  z.object({ reason: z.literal("budget_spent") }),
]);
export type AutopilotWait = z.infer<typeof autopilotWaitSchema>;

/** A project's autopilot: its settings, the line of tickets of the stage `todo`, and why each of them waits. */
export const autopilotSchema = z
  .object({
    level: autopilotLevelSchema,
    slots: slotsSchema,
    /** Slots in use: by runs of the autopilot that have not ended, and by other runs of the project that are at work. */
    running: z.int().min(0),
    isBudgetSpent: z.boolean(),
    /** Tickets that are started next, in order, as far as slots are free. */
    next: z.array(idSchema),
    waiting: z.array(z.object({ ticketId: idSchema, wait: autopilotWaitSchema })),
  })
  .meta({ id: "Autopilot" });
export type Autopilot = z.infer<typeof autopilotSchema>;

/** Body of `PATCH /api/projects/{id}/autopilot`: the settings that change. */
export const setAutopilotSchema = z
  .strictObject({ level: autopilotLevelSchema.optional(), slots: slotsSchema.optional() })
  .refine(({ level, slots }) => level !== undefined || slots !== undefined, "Name level, slots or both.")
  .meta({ id: "SetAutopilot" });
export type SetAutopilot = z.infer<typeof setAutopilotSchema>;
