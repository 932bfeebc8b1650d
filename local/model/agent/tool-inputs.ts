import * as z from "zod";

/*
 * The calls that the demo agent can make, as a client of the product knows them: names and fields, without the limits and descriptions
 * that the product sends along. A test compares them with the product's own tools.
 */
const path = z.string();
const criteria = z.array(z.string());

export const toolInputs = {
  read_file: z.strictObject({ path, offset: z.int().optional(), limit: z.int().optional() }),
  list_files: z.strictObject({ path: path.optional(), recursive: z.boolean().optional() }),
  grep: z.strictObject({ pattern: z.string(), path: path.optional(), ignore_case: z.boolean().optional() }),
  edit_file: z.strictObject({
    path,
    old_string: z.string(),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  write_file: z.strictObject({ path, content: z.string() }),
  shell: z.strictObject({ command: z.string(), timeout_seconds: z.int().optional() }),
  git_diff: z.strictObject({ path: path.optional() }),
  run_tests: z.strictObject({ arguments: z.array(z.string()).optional(), repository: z.string().optional() }),
  submit_triage: z.strictObject({
    decision: z.enum(["GO", "NO_GO", "DEFER"]),
    reasons: z.array(z.string()),
    repositories: z.array(z.strictObject({ repository: z.string(), reason: z.string() })).optional(),
  }),
  submit_architecture: z.strictObject({
    title: z.string(),
    architecture: z.string(),
    scope: z.array(z.string()),
    non_goals: z.array(z.string()),
    acceptance_criteria: criteria,
  }),
  submit_plan: z.strictObject({
    summary: z.string(),
    tasks: z.array(
      z.strictObject({
        title: z.string(),
        type: z.enum(["epic", "story", "task", "bug"]),
        description: z.string(),
        acceptance_criteria: criteria,
        depends_on: z.array(z.int()),
        parent: z.int().optional(),
        owner_role: z.enum(["pm", "dev", "qa"]).optional(),
        stage: z.enum(["backlog", "todo", "in_progress", "code_review", "qa", "done"]).optional(),
        repository: z.string().optional(),
        labels: z.array(z.string()).optional(),
        priority: z.enum(["urgent", "high", "medium", "low", "none"]).optional(),
      }),
    ),
  }),
  submit_review: z.strictObject({
    verdict: z.enum(["approve", "send_back"]),
    summary: z.string(),
    findings: z.array(
      z.strictObject({
        path,
        line: z.int().optional(),
        end_line: z.int().optional(),
        severity: z.enum(["blocker", "major", "minor", "note"]),
        message: z.string(),
        suggestion: z.string().optional(),
      }),
    ),
  }),
  finish: z.strictObject({
    title: z.string(),
    summary: z.string(),
    outcome: z.enum(["done", "declined"]).optional(),
    tasks: z.array(z.int()).optional(),
  }),
} as const;

export type ToolName = keyof typeof toolInputs;
export type ToolInput<Name extends ToolName> = z.infer<(typeof toolInputs)[Name]>;
