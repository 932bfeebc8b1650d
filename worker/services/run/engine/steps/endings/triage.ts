import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../../contracts/run.ts";
import { submitTriageTool } from "../../../tools/definitions/stage-ends.ts";
import { artifactEvent, decisionArtifact } from "../../artifacts.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { stageFinished } from "../../stage-finished.ts";
import { chosenRepositories } from "./choose-repositories.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends triage: the run goes on, is declined or is deferred, by the decision. */
export function endTriage(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const triage = submitTriageTool.parse(input);
  const events: NewRunEvent[] = [
    ...chosenRepositories(context, triage),
    artifactEvent(context.journal.view(), decisionArtifact(triage)),
    stageFinished(context, stage, triage.decision, null),
  ];
  const trigger = triage.decision === "GO" ? "stage_passed" : triage.decision === "NO_GO" ? "declined" : "deferred";
  const next = move(
    viewAfter(context, events),
    trigger,
    trigger === "stage_passed" ? null : triage.reasons.join(" ").slice(0, 2000),
  );
  return close("ok", "Recorded.", { events: [...events, next.event] });
}
