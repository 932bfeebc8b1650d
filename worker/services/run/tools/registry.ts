import type { RunMode, Stage } from "../../../../contracts/run.ts";
import { modes } from "../../../../domain/run/modes.ts";
import type { LlmTool } from "../../../ports/llm.ts";
import type { Tool } from "./definition.ts";
import { runTestsTool, shellTool } from "./definitions/commands.ts";
import { editFileTool, listFilesTool, readFileTool, writeFileTool } from "./definitions/files.ts";
import { gitDiffTool, gitLogTool } from "./definitions/git.ts";
import { askPersonTool } from "./definitions/people.ts";
import { grepTool, readOutputTool } from "./definitions/search.ts";
import {
  finishTool,
  submitArchitectureTool,
  submitPlanTool,
  submitReviewTool,
  submitTriageTool,
} from "./definitions/stage-ends.ts";

/** Every tool of the product. Models see a stage's tools in this order, so that the prefix of every request is the same. */
export const builtInTools: readonly Tool[] = [
  readFileTool,
  listFilesTool,
  grepTool,
  readOutputTool,
  editFileTool,
  writeFileTool,
  shellTool,
  gitDiffTool,
  gitLogTool,
  runTestsTool,
  askPersonTool,
  submitTriageTool,
  submitArchitectureTool,
  submitPlanTool,
  finishTool,
  submitReviewTool,
];

/** The tools that a run's start allows; null: every tool of the stage. */
export type AllowedTools = readonly string[] | null;

/**
 * The tools of a stage in a mode, as far as the run may use them. Tools that end the stage, ask a person or read on in an output are
 * always there. `extra` come after the product's own. Throws Error when two tools have one name.
 */
export function toolsFor(
  stage: Stage,
  mode: RunMode,
  allowed: AllowedTools,
  extra: readonly Tool[] = [],
): readonly Tool[] {
  const all = [...builtInTools, ...extra];
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new Error(`two tools have the name ${twice.name}`);
  return all.filter(
    ({ constrainable, name, stages }) =>
      (stages.includes(stage) || (stages.includes("author") && modes[mode].author === stage)) &&
      (!constrainable || allowed === null || allowed.includes(name)),
  );
}

/** The name of the tool that ends a stage; `finish` where none does. */
export function endingTool(stage: Stage, mode: RunMode): string {
  return toolsFor(stage, mode, null).find(({ ends }) => ends !== undefined)?.name ?? "finish";
}

/** Lists of the product's own tools, by stage and mode. */
const shownLists = new Map<string, readonly LlmTool[]>();

/**
 * The tools of a stage as the model sees them. See `toolsFor`. A stage that is held to nothing gets the same list each time: its size and
 * text are worked out once.
 */
export function shownTools(
  stage: Stage,
  mode: RunMode,
  allowed: AllowedTools,
  extra: readonly Tool[] = [],
): readonly LlmTool[] {
  const make = (): readonly LlmTool[] => toolsFor(stage, mode, allowed, extra).map(({ shown }) => shown());
  if (allowed !== null || extra.length > 0) return make();
  const key = `${stage} ${mode}`;
  const known = shownLists.get(key) ?? make();
  shownLists.set(key, known);
  return known;
}
