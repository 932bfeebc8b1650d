import type { NewRunEvent } from "../../../../../../contracts/run-events.ts";
import { chosenLanes, isChoiceOpen } from "../../../../../../domain/run/lanes.ts";
import { ToolError } from "../../../tools/context.ts";
import type { SubmitTriageInput } from "../../../tools/definitions/stage-ends.ts";
import type { StepContext } from "../../deps.ts";

/**
 * The choice that a triage report makes among the run's repositories; none where the choice is not open or the request is not worked
 * on. Throws ToolError for a report that names none, or a folder that is not there.
 */
export function chosenRepositories({ journal }: StepContext, triage: SubmitTriageInput): readonly NewRunEvent[] {
  const view = journal.view();
  if (!isChoiceOpen(view) || triage.decision !== "GO") return [];
  const named = triage.repositories ?? [];
  if (named.length === 0) throw new ToolError("Name the repositories that the request needs, in repositories.");
  const lanes = chosenLanes(view);
  const reasons = named.map(({ reason, repository }) => {
    const lane = lanes.find(({ folder }) => folder === repository);
    if (lane === undefined)
      throw new ToolError(
        `There is no repository ${repository}. There are: ${lanes.map(({ folder }) => folder).join(", ")}.`,
      );
    return { repositoryId: lane.id, reason };
  });
  const repositoryIds = [...new Set(reasons.map(({ repositoryId }) => repositoryId))];
  const by = { kind: "run", id: journal.spec.runId, name: "triage" } as const;
  return [{ type: "repositories.chosen", data: { repositoryIds, reasons, by } }];
}
