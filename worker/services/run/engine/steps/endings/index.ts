import type { Stage } from "../../../../../../contracts/run.ts";
import { InvalidToolInput, ToolError } from "../../../tools/context.ts";
import type { StageEnding } from "../../../tools/definition.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { endArchitecture } from "./architecture.ts";
import type { Ending } from "./ending.ts";
import { endCoding } from "./finish.ts";
import { endPlanning } from "./plan.ts";
import { endReview } from "./review.ts";
import { endTriage } from "./triage.ts";

type EndStage = (context: StepContext, stage: Stage, ending: Ending) => Promise<StepOutcome> | StepOutcome;

const endings: Readonly<Record<StageEnding, EndStage>> = {
  finish: endCoding,
  review: endReview,
  plan: endPlanning,
  triage: endTriage,
  architecture: endArchitecture,
};

/** Carries out a stage's last tool call. The tool's schema checks the report; the state machine decides where the run goes. */
export async function endStage(
  context: StepContext,
  stage: Stage,
  kind: StageEnding,
  ending: Ending,
): Promise<StepOutcome> {
  try {
    return await endings[kind](context, stage, ending);
  } catch (error) {
    if (error instanceof ToolError) return ending.close("error", error.message, {}, error instanceof InvalidToolInput);
    throw error;
  }
}
