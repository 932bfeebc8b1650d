import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../../contracts/run.ts";
import { submitTriageTool } from "../../../tools/definitions/stage-ends.ts";
import { artifactEvent, decisionArtifact } from "../../artifacts.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { facts } from "../../facts.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { stageFinished } from "../../stage-finished.ts";
import { chosenRepositories } from "./choose-repositories.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends triage: the run goes on, is declined or is deferred, by the decision. */
export function endTriage(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const triage = submitTriageTool.parse(input);
  const chosen = chosenRepositories(context, triage);
  const events: NewRunEvent[] = [
    ...chosen,
    artifactEvent(context.journal.view(), decisionArtifact(triage)),
    stageFinished(context, stage, triage.decision, null),
  ];
  const trigger = triage.decision === "GO" ? "stage_passed" : triage.decision === "NO_GO" ? "declined" : "deferred";
  const next = move(
    viewAfter(context, events),
    trigger,
    trigger === "stage_passed" ? null : triage.reasons.join(" ").slice(0, 2000),
  );
  // The workspace is laid out anew for the repositories that take part.
  const relaid = chosen.length === 0 ? {} : facts.workspaceGeneration.write(null);
  return close("ok", "Recorded.", { events: [...events, next.event], facts: relaid });
}
