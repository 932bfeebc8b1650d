import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";
import { runLimitsSchema } from "./run.ts";

const micros = z.int().min(0);

/** The spending of a project's runs in one UTC month. */
const monthFigures = {
  /** `2026-11`. */
  month: z.string().regex(/^\d{4}-\d\d$/),
  /** Millionths of a US dollar: the known cost of the calls that ended in the month. */
  spentMicros: micros,
  /** Calls whose cost is not known; they are in no sum. */
  unpricedCalls: z.int().min(0),
};

export const projectBudgetSchema = z
  .object({
    projectId: idSchema,
    /** The most that all runs of the project may cost together in a UTC calendar month; null: no budget. */
    monthBudgetMicros: micros.nullable(),
    /** Limits of runs that are started without limits of their own. */
    runLimits: runLimitsSchema,
    /** The present month. */
    now: z.object({
      ...monthFigures,
      /** The most that the calls under way may cost. */
      reservedMicros: micros,
      /** Calls of unknown cost that a budget can't be kept with: those since it was set last. */
      unpricedSinceSet: z.int().min(0),
      /** `low` from 80 % on; `used`: no further call; `unknown`: no further call, since the spend is unknown. */
      state: z.enum(["none", "ok", "low", "used", "unknown"]),
      endsAtMs: timeMsSchema,
    }),
    /** The last twelve months, newest first, the present one included. */
    months: z.array(z.object(monthFigures)),
  })
  .meta({ id: "ProjectBudget" });
export type ProjectBudget = z.infer<typeof projectBudgetSchema>;

/** Body of `PUT /api/projects/{id}/budget`. Absent fields stay as they are. */
export const setProjectBudgetSchema = z
  .strictObject({
    monthBudgetMicros: micros.max(1_000_000_000_000, "may be at most $1,000,000").nullable().optional(),
    runLimits: runLimitsSchema.optional(),
  })
  .refine(
    (body) => body.monthBudgetMicros !== undefined || body.runLimits !== undefined,
    "set monthBudgetMicros, runLimits or both",
  )
  .meta({ id: "SetProjectBudget" });
export type SetProjectBudget = z.infer<typeof setProjectBudgetSchema>;
