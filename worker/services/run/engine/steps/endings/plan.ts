import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../../contracts/run.ts";
import { planHash } from "../../../../../../domain/patch-set/plan-hash.ts";
import { planArtifact } from "../../../../../../domain/plan/artifact.ts";
import { planProblem } from "../../../../../../domain/plan/check.ts";
import { chosenLanes, firstLane } from "../../../../../../domain/run/lanes.ts";
import { modes } from "../../../../../../domain/run/modes.ts";
import { ToolError } from "../../../tools/context.ts";
import { submitPlanTool } from "../../../tools/definitions/stage-ends.ts";
import { artifactEvent } from "../../artifacts.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { stageFinished } from "../../stage-finished.ts";
import { baseCommitOf } from "../../workspace.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends planning: keeps the plan, and proposes it where the plan is the run's product. */
export function endPlanning(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const plan = submitPlanTool.parse(input);
  const view = context.journal.view();
  const problem = planProblem(plan, chosenLanes(view));
  if (problem !== undefined) throw new ToolError(problem);
  const artifact = artifactEvent(view, planArtifact(plan));
  const events: NewRunEvent[] = [artifact, stageFinished(context, stage, "done", null)];
  if (modes[view.mode].product === "plan") {
    const baseCommit = baseCommitOf(firstLane(view));
    events.push({
      type: "proposal.made",
      data: { kind: "plan", hash: planHash(baseCommit, artifact.data.data), baseCommit, review: null },
    });
  }
  return close("ok", "Recorded.", { events: [...events, move(viewAfter(context, events), "stage_passed").event] });
}
