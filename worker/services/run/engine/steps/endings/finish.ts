import type { Stage } from "../../../../../../contracts/run.ts";
import { patchSetHash, sortChanges } from "../../../../../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../../../../../domain/patch-set/types.ts";
import type { RunView } from "../../../../../../domain/run/fold.ts";
import { ToolError } from "../../../tools/context.ts";
import { finishTool } from "../../../tools/definitions/stage-ends.ts";
import { allowedPathsText, forbiddenChanges } from "../../constraints.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { move } from "../../move.ts";
import { stageFinished } from "../../stage-finished.ts";
import { loadBaseBlobs, saveWorkspace } from "../../workspace.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends coding: saves the work and checks that it is a change which the run may make. */
export async function endCoding(context: StepContext, stage: Stage, { close, input }: Ending): Promise<StepOutcome> {
  const { journal } = context;
  const report = finishTool.parse(input);
  const saved = await saveWorkspace(context);
  const changes = saved.workspace ?? journal.workspace();
  const declined = report.outcome === "declined";
  if (!declined && changes.length === 0) {
    throw new ToolError(
      "Nothing has changed yet. Make the change, or call finish with outcome declined and say why it can't be done.",
    );
  }
  const forbidden = declined ? [] : forbiddenChanges(journal.view(), changes);
  if (forbidden.length > 0)
    throw new ToolError(
      `This run may change only: ${allowedPathsText(journal.view())}. Undo the changes to: ${forbidden.slice(0, 20).join(", ")}.`,
    );
  if (!declined && isWrittenAlready(context, changes))
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
  const next = declined ? move(view, "declined", report.summary.slice(0, 2000)) : move(view, "stage_passed");
  const baseBlobs = await loadBaseBlobs(context, changes);
  return close("ok", "Recorded.", {
    ...saved,
    baseBlobs,
    facts: { tasks: JSON.stringify(report.tasks ?? []) },
    events: [...saved.events, finished, next.event],
  });
}

/** True when the work is byte for byte the same as the run's pull request. */
function isWrittenAlready({ journal }: StepContext, changes: readonly TreeChange[]): boolean {
  const { patchSet, pullRequest } = journal.view();
  if (patchSet === undefined || pullRequest === undefined) return false;
  return patchSetHash(journal.spec.repository.id, patchSet.baseCommit, sortChanges(changes)) === patchSet.hash;
}

function planTaskCount(view: RunView): number {
  const tasks = view.artifacts.plan?.data["tasks"];
  return Array.isArray(tasks) ? tasks.length : 0;
}
