import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../../contracts/run.ts";
import { architectureGate } from "../../../../../../domain/gates/evaluate.ts";
import { submitArchitectureTool } from "../../../tools/definitions/stage-ends.ts";
import { architectureArtifacts, artifactEvent } from "../../artifacts.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { stageFinished } from "../../stage-finished.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends the architect's stage: keeps architecture and scope, and evaluates gate G1. */
export function endArchitecture(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const architecture = submitArchitectureTool.parse(input);
  const view = context.journal.view();
  const events: NewRunEvent[] = [
    ...architectureArtifacts(architecture).map((artifact) => artifactEvent(view, artifact)),
    stageFinished(context, stage, "done", null),
    {
      type: "gate.evaluated",
      data: {
        repositoryId: null,
        ...architectureGate(view.mode, {
          scope: architecture.scope.length,
          acceptanceCriteria: architecture.acceptance_criteria.length,
        }),
      },
    },
  ];
  return close("ok", "Recorded.", { events: [...events, move(viewAfter(context, events), "stage_passed").event] });
}
