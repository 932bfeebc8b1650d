import * as z from "zod";
import { planLimits } from "../../../../../contracts/plan-names.ts";
import { planSchema } from "../../../../../contracts/plan.ts";
import { defineTool, type InputOf } from "../definition.ts";

/** Rules that every tool has that ends its stage: the engine carries it out, and only the journal changes. */
const ending = { mutates: false, repeatable: true, constrainable: false } as const;

/** The triage decision. */
export const submitTriageTool = defineTool({
  ...ending,
  name: "submit_triage",
  description: "Submits the triage decision and ends this stage.",
  schema: z.strictObject({
    decision: z.enum(["GO", "NO_GO", "DEFER"]),
    reasons: z.array(z.string().min(1).max(1000)).min(1).max(10),
    repositories: z
      .array(z.strictObject({ repository: z.string().min(1).max(200), reason: z.string().min(1).max(1000) }))
      .max(8)
      .optional()
      .describe(
        "Where the choice of repositories is open: the folder of each one that the request needs, with a reason",
      ),
  }),
  stages: ["triage"],
  ends: "triage",
});
export type SubmitTriageInput = InputOf<typeof submitTriageTool>;

/** Architecture, scope and acceptance criteria. */
export const submitArchitectureTool = defineTool({
  ...ending,
  name: "submit_architecture",
  description: "Submits architecture, scope and acceptance criteria and ends this stage.",
  schema: z.strictObject({
    title: z.string().min(1).max(200),
    architecture: z
      .string()
      .min(1)
      .max(40_000)
      .describe("Markdown: the parts, how they work together, what was weighed"),
    scope: z.array(z.string().min(1).max(1000)).min(1).max(50),
    non_goals: z.array(z.string().min(1).max(1000)).max(50),
    acceptance_criteria: z.array(z.string().min(1).max(1000)).min(1).max(50),
  }),
  stages: ["architect"],
  ends: "architecture",
});
export type SubmitArchitectureInput = InputOf<typeof submitArchitectureTool>;

/** The plan as items with parents and dependencies. */
export const submitPlanTool = defineTool({
  ...ending,
  name: "submit_plan",
  description: `Submits the plan and ends this stage. At most ${planLimits.items} items in one list: a story may be part of an epic, a task or bug of a story or an epic. Name parents and dependencies by their index from 0; each stands earlier in the list.`,
  schema: planSchema,
  stages: ["planner"],
  ends: "plan",
});
export type SubmitPlanInput = InputOf<typeof submitPlanTool>;

/** The coder's report. */
export const finishTool = defineTool({
  ...ending,
  name: "finish",
  description: "Ends this stage.",
  schema: z.strictObject({
    title: z.string().min(1).max(120).describe("Pull request title, imperative"),
    summary: z.string().min(1).max(20_000).describe("Markdown: what was done and why"),
    outcome: z.enum(["done", "declined"]).optional().describe("declined: the request cannot be done; summary says why"),
    tasks: z
      .array(z.int().min(0))
      .max(planLimits.items)
      .optional()
      .describe("Indexes of the plan's tasks that this work does"),
  }),
  stages: ["coder"],
  ends: "finish",
});
export type FinishInput = InputOf<typeof finishTool>;

/** The reviewer's verdict and findings. */
export const submitReviewTool = defineTool({
  ...ending,
  name: "submit_review",
  description: "Submits the review and ends this stage.",
  schema: z.strictObject({
    verdict: z.enum(["approve", "send_back"]),
    summary: z.string().min(1).max(20_000),
    findings: z
      .array(
        z.strictObject({
          path: z.string().max(1024),
          line: z.int().min(1).optional(),
          end_line: z.int().min(1).optional().describe("Last line of a range that begins at line"),
          severity: z.enum(["blocker", "major", "minor", "note"]),
          message: z.string().min(1).max(4000),
          suggestion: z
            .string()
            .max(4000)
            .optional()
            .describe(
              "Whole lines that replace the line or the range, exactly as they should read; empty takes them away",
            ),
        }),
      )
      .max(100),
  }),
  stages: ["reviewer"],
  ends: "review",
});
export type SubmitReviewInput = InputOf<typeof submitReviewTool>;
