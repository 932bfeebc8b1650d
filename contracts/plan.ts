import * as z from "zod";
import { commitSchema, sha256Schema } from "./common.ts";
import { ownerRoles, planLimits } from "./plan-names.ts";
import { ticketPrioritySchema, ticketStageSchema, ticketTypeSchema } from "./project.ts";

/**
 * One item of a plan, which becomes one ticket. Fields that plans of earlier days lack are optional and have no default here: a default
 * would change the hash that such a plan was approved by.
 */
export const planTaskSchema = z.strictObject({
  title: z.string().min(1).max(planLimits.title),
  type: ticketTypeSchema,
  description: z.string().max(planLimits.description),
  acceptance_criteria: z.array(z.string().min(1).max(planLimits.criterion)).max(planLimits.criteria),
  depends_on: z
    .array(z.int().min(0))
    .max(planLimits.dependencies)
    .describe("Indexes of earlier tasks in this list that must be done first; never the task's own parent"),
  parent: z
    .int()
    .min(0)
    .optional()
    .describe(
      "Index of the earlier item that it is part of: an epic for a story, a story or an epic for a task or bug",
    ),
  owner_role: z.enum(ownerRoles).optional().describe("Who owns it: pm, dev or qa"),
  stage: ticketStageSchema.optional().describe("The column that its ticket begins in; absent: backlog"),
  repository: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("The repository that it changes, by the name or folder that the request gives; absent: the first one"),
  labels: z
    .array(z.string().min(1).max(planLimits.label))
    .max(planLimits.labels)
    .optional()
    .describe("Short labels of its ticket"),
  priority: ticketPrioritySchema.optional().describe("absent: none"),
});
export type PlanTask = z.infer<typeof planTaskSchema>;

/** A plan as a planner submits it and as people revise it; a stored plan is checked by it again before its tickets are made. */
export const planSchema = z.strictObject({
  summary: z.string().min(1).max(20_000),
  tasks: z
    .array(planTaskSchema)
    .min(1)
    .max(planLimits.items)
    .describe(
      `At most ${planLimits.items} items; each parent and each dependency stands before the items that name it`,
    ),
});
export type Plan = z.infer<typeof planSchema>;

/** Body of `PUT /api/runs/{id}/plan`: the whole plan as it should be, with hash and base of the waiting plan that it was made from. */
export const revisePlanSchema = z
  .strictObject({ baseHash: sha256Schema, baseCommit: commitSchema, plan: planSchema.meta({ id: "Plan" }) })
  .meta({ id: "RevisePlan" });
export type RevisePlan = z.infer<typeof revisePlanSchema>;

/** The plan that waits for approval now, as a decision has to name it. */
export const revisedPlanSchema = z.object({ hash: sha256Schema, baseCommit: commitSchema }).meta({ id: "RevisedPlan" });
export type RevisedPlan = z.infer<typeof revisedPlanSchema>;
