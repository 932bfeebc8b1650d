import type { Stage } from "../../../../../../contracts/run.ts";
import type { TreeChange } from "../../../../../../domain/patch-set/types.ts";
import type { LaneView } from "../../../../../../domain/run/lane-view.ts";
import { chosenLanes, rootPath } from "../../../../../../domain/run/lanes.ts";
import type { RunView } from "../../../../../../domain/run/fold.ts";
import { ToolError } from "../../../tools/context.ts";
import { finishTool } from "../../../tools/definitions/stage-ends.ts";
import { allowedPathsText, forbiddenChanges } from "../../constraints.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { facts } from "../../facts.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { isProposedWork } from "../../proposed-work.ts";
import { stageFinished } from "../../stage-finished.ts";
import { loadBaseBlobs } from "../../base-blobs.ts";
import { applyProblemsOf } from "../../judge.ts";
import { saveWork, workAfter } from "../../workspace.ts";
import { viewAfter, type Ending } from "./ending.ts";

const maxProblems = 20;

/** Ends coding: saves the work and checks that it is a change which the run may make. */
export async function endCoding(context: StepContext, stage: Stage, { close, input }: Ending): Promise<StepOutcome> {
  const { journal } = context;
  const report = finishTool.parse(input);
  const saved = await saveWork(context);
  const lanes = chosenLanes(journal.view()).map((lane) => ({ lane, changes: workAfter(context, saved, lane) }));
  const changed = lanes.filter(({ changes }) => changes.length > 0);
  const declined = report.outcome === "declined";
  if (!declined && changed.length === 0) {
    throw new ToolError(
      "Nothing has changed yet. Make the change, or call finish with outcome declined and say why it can't be done.",
    );
  }
  const paths = changed.flatMap(({ changes, lane }) => changes.map(({ path }) => rootPath(lane, path)));
  const forbidden = declined ? [] : forbiddenChanges(journal.view(), paths);
  if (forbidden.length > 0)
    throw new ToolError(
      `This run may change only: ${allowedPathsText(journal.view())}. Undo the changes to: ${forbidden.slice(0, 20).join(", ")}.`,
    );
  if (!declined) await expectApplicable(context, changed, saved.unfiltered);
  if (!declined && changed.every(({ changes, lane }) => isWrittenAlready(context, lane, changes)))
    throw new ToolError("Nothing has changed since the pull request. Make the change, or say why it can't be done.");
  const taskCount = planTaskCount(journal.view());
  const unknown = (report.tasks ?? []).find((task) => task >= taskCount);
  if (unknown !== undefined)
    throw new ToolError(taskCount === 0 ? "There is no plan, so leave tasks out." : `The plan has no task ${unknown}.`);
  if (!declined && taskCount > 0 && (report.tasks ?? []).length === 0)
    throw new ToolError("Name the plan's tasks that this work does, in tasks.");
  const finished = stageFinished(context, stage, declined ? "declined" : "done", {
    title: report.title,
    summary: report.summary,
  });
  const view = viewAfter(context, [finished]);
  const next = declined ? declinedMove(view, report.summary) : move(view, "stage_passed");
  const baseBlobs = new Map<string, Uint8Array>();
  for (const { changes, lane } of changed)
    for (const [blob, bytes] of await loadBaseBlobs(context, lane, changes)) baseBlobs.set(blob, bytes);
  return close("ok", "Recorded.", {
    ...saved,
    baseBlobs,
    facts: facts.finishedTasks.write(report.tasks ?? []),
    events: [...saved.events, finished, next.event],
  });
}

/** A run whose pull requests are open is not over when its agent gives up: a person decides what becomes of them. */
function declinedMove(view: RunView, summary: string): ReturnType<typeof move> {
  const open = view.lanes.flatMap(({ name, owner, pullRequest }) =>
    pullRequest?.state === "open" ? [`#${pullRequest.number} of ${owner}/${name}`] : [],
  );
  if (open.length === 0) return move(view, "declined", summary.slice(0, 2000));
  const cause = `The agent says that it can't go on: ${summary.slice(0, 2000)} Pull request ${open.join(", ")} stays open as it is. Resume lets the agent try again; or merge or close it at the forge, and cancel the run.`;
  return move(view, "human_needed", cause);
}

/** Tells the coder what the forge would not take, while it can still be changed. Throws ToolError, and PortError. */
async function expectApplicable(
  context: StepContext,
  changed: readonly { readonly lane: LaneView; readonly changes: readonly TreeChange[] }[],
  unfiltered: readonly string[],
): Promise<void> {
  const problems = [...unfiltered];
  for (const { changes, lane } of changed)
    for (const problem of await applyProblemsOf(context, lane, changes))
      problems.push(lane.folder === "" ? problem : `${lane.folder}: ${problem}`);
  if (problems.length === 0) return;
  const more = problems.length > maxProblems ? ` (and ${problems.length - maxProblems} more)` : "";
  throw new ToolError(
    `This work can't be written to the repository. Put these right, then call finish again: ${problems.slice(0, maxProblems).join("; ")}${more}.`,
  );
}

/** Whether the work is, byte for byte, in the lane's pull request already. */
function isWrittenAlready({ journal }: StepContext, lane: LaneView, changes: readonly TreeChange[]): boolean {
  return lane.pullRequest !== undefined && isProposedWork(journal, lane, changes);
}

function planTaskCount(view: RunView): number {
  const tasks = view.artifacts.plan?.data["tasks"];
  return Array.isArray(tasks) ? tasks.length : 0;
}
