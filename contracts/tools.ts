import * as z from "zod";

/**
 * Inputs of the tools that an agent may call. The same schemas are shown to the model as JSON Schema and check what it
 * sends. Paths are relative to the repository's root in the sandbox.
 */
export const toolInputs = {
  read_file: z.strictObject({
    path: z.string().min(1).max(1024),
    offset: z.int().min(1).optional().describe("First line, counted from 1"),
    limit: z.int().min(1).max(2000).optional().describe("Number of lines, 2000 unless told"),
  }),
  list_files: z.strictObject({
    path: z.string().max(1024).optional().describe("Directory, the root unless told"),
    recursive: z.boolean().optional(),
  }),
  grep: z.strictObject({
    pattern: z.string().min(1).max(500).describe("POSIX extended regular expression"),
    path: z.string().max(1024).optional(),
    ignore_case: z.boolean().optional(),
  }),
  read_output: z.strictObject({
    output: z.string().min(1).max(40).describe("The name that the cut output gave"),
    offset: z.int().min(0).describe("First character, counted from 0"),
    length: z.int().min(1).max(20_000).optional().describe("Number of characters, 20000 unless told"),
  }),
  edit_file: z.strictObject({
    path: z.string().min(1).max(1024),
    old_string: z.string().min(1).describe("Exact text, which must occur once unless replace_all"),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  write_file: z.strictObject({ path: z.string().min(1).max(1024), content: z.string().max(2_000_000) }),
  shell: z.strictObject({
    command: z.string().min(1).max(20_000).describe("Run by sh -c at the repository's root; there is no network"),
    timeout_seconds: z.int().min(1).max(600).optional(),
  }),
  git_diff: z.strictObject({ path: z.string().max(1024).optional() }),
  run_tests: z.strictObject({
    arguments: z.array(z.string().max(1000)).max(50).optional().describe("Appended to the test command"),
    repository: z.string().max(200).optional().describe("Folder of the repository, where there are several"),
  }),
  git_log: z.strictObject({ limit: z.int().min(1).max(200).optional(), path: z.string().max(1024).optional() }),
  ask_person: z.strictObject({
    question: z.string().min(1).max(4000).describe("What only a person can decide. The run waits for the answer"),
  }),
  finish: z.strictObject({
    title: z.string().min(1).max(120).describe("Pull request title, imperative"),
    summary: z.string().min(1).max(20_000).describe("Markdown: what was done and why"),
    outcome: z.enum(["done", "declined"]).optional().describe("declined: the request cannot be done; summary says why"),
    tasks: z.array(z.int().min(0)).max(50).optional().describe("Indexes of the plan's tasks that this work does"),
  }),
  submit_triage: z.strictObject({
    decision: z.enum(["GO", "NO_GO", "DEFER"]),
    reasons: z.array(z.string().min(1).max(1000)).min(1).max(10),
    repositories: z
      .array(z.strictObject({ repository: z.string().min(1).max(200), reason: z.string().min(1).max(1000) }))
      .max(8)
      .optional()
      .describe(
        "Where the choice of repositories is open: the folders of those that the request needs, each with a reason",
      ),
  }),
  submit_architecture: z.strictObject({
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
  submit_review: z.strictObject({
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
  submit_plan: z.strictObject({
    summary: z.string().min(1).max(20_000),
    tasks: z
      .array(
        z.strictObject({
          title: z.string().min(1).max(200),
          type: z.enum(["epic", "story", "task", "bug"]),
          description: z.string().max(20_000),
          acceptance_criteria: z.array(z.string().min(1).max(1000)).max(30),
          depends_on: z.array(z.int().min(0)).max(50).describe("Indexes of earlier tasks in this list"),
        }),
      )
      .min(1)
      .max(50),
  }),
} as const;

export type ToolName = keyof typeof toolInputs;
export type ToolInput<N extends ToolName> = z.infer<(typeof toolInputs)[N]>;
