import * as z from "zod";
import { toolInputs, type ToolName } from "../../../../contracts/tools.ts";
import { constrainableTools, type RunMode, type Stage } from "../../../../contracts/run.ts";
import type { LlmTool } from "../../../ports/llm.ts";

/** Which tools a stage has. Enforced when a call comes in, whatever the model was told. */
export const stageTools: Readonly<Record<Stage, readonly ToolName[]>> = {
  triage: ["read_file", "list_files", "grep", "read_output", "git_log", "submit_triage"],
  architect: ["read_file", "list_files", "grep", "read_output", "git_log", "ask_person", "submit_architecture"],
  planner: ["read_file", "list_files", "grep", "read_output", "git_log", "ask_person", "submit_plan"],
  coder: [
    "read_file",
    "list_files",
    "grep",
    "read_output",
    "edit_file",
    "write_file",
    "shell",
    "git_diff",
    "git_log",
    "run_tests",
    "ask_person",
    "finish",
  ],
  reviewer: ["read_file", "list_files", "grep", "read_output", "git_diff", "git_log", "submit_review"],
  tester: [],
};

/** Who reviews somebody's pull request may ask what only a person knows; inside a run there is the coder's request. */
const pullReviewTools: readonly ToolName[] = [...stageTools.reviewer.slice(0, -1), "ask_person", "submit_review"];

/** A run's tools as its start holds it to; null: all that the stage has. */
export type AllowedTools = readonly string[] | null;

/** The tools of a stage in a mode, as far as the run may use them. What ends the stage, asks a person or reads on is always there. */
export function toolNamesOf(stage: Stage, mode: RunMode, allowed: AllowedTools): readonly ToolName[] {
  const names = stage === "reviewer" && mode === "review" ? pullReviewTools : stageTools[stage];
  if (allowed === null) return names;
  const constrainable: readonly string[] = constrainableTools;
  return names.filter((name) => !constrainable.includes(name) || allowed.includes(name));
}

/** Tools that end their stage; the engine runs them, not the sandbox. */
export const endingTools = [
  "finish",
  "submit_review",
  "submit_plan",
  "submit_triage",
  "submit_architecture",
] as const satisfies readonly ToolName[];
export type EndingToolName = (typeof endingTools)[number];

/** True when the tool ends its stage. */
export function isEndingTool(name: ToolName): name is EndingToolName {
  return (endingTools as readonly ToolName[]).includes(name);
}

/** Calls that change nothing and can simply be done again after a crash. */
export const repeatableTools: ReadonlySet<string> = new Set<ToolName>([
  "read_file",
  "list_files",
  "grep",
  "read_output",
  "git_diff",
  "git_log",
  "run_tests",
  "ask_person",
  ...endingTools,
]);

const descriptions: Readonly<Record<ToolName, string>> = {
  read_file: "Reads a text file with line numbers.",
  list_files: "Lists files and directories, without .git and node_modules.",
  grep: "Searches file contents; answers path:line:text.",
  read_output: "Reads a range of an earlier output that was cut.",
  edit_file:
    "Replaces an exact text in a file. Refused when the text is missing, or occurs more than once without replace_all.",
  write_file: "Writes a whole file, making its directories.",
  shell: "Runs a shell command in the sandbox and answers exit code and output.",
  git_diff: "Shows what has changed since the base commit.",
  git_log: "Shows commits of the base, newest first.",
  ask_person: "Asks a person and waits for the answer. Only for what nobody but a person can decide.",
  submit_triage: "Submits the triage decision and ends this stage.",
  submit_architecture: "Submits architecture, scope and acceptance criteria and ends this stage.",
  run_tests: "Runs the repository's tests and answers exit code and output.",
  finish: "Ends this stage.",
  submit_review: "Submits the review and ends this stage.",
  submit_plan: "Submits the plan and ends this stage.",
};

const shown = new Map<string, readonly LlmTool[]>();

/** The tools of a stage as the model sees them, in a fixed order so that the prefix of every request is the same. Made once. */
export function toolsOf(stage: Stage, mode: RunMode, allowed: AllowedTools): readonly LlmTool[] {
  const names = toolNamesOf(stage, mode, allowed);
  const key = names.join();
  const known = shown.get(key);
  if (known !== undefined) return known;
  const tools = names.map((name) => ({ name, description: descriptions[name], inputSchema: jsonSchema(name) }));
  shown.set(key, tools);
  return tools;
}

function jsonSchema(name: ToolName): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(toolInputs[name], { io: "input" });
  return schema;
}

/** True when the name is a tool of this stage in this mode, and the run may use it. */
export function isToolOf(stage: Stage, mode: RunMode, allowed: AllowedTools, name: string): name is ToolName {
  return (toolNamesOf(stage, mode, allowed) as readonly string[]).includes(name);
}
