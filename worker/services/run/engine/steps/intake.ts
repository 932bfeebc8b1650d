import type { NewRunEvent, PromptPart } from "../../../../../contracts/run-events.ts";
import { architectureGate, intakeGate } from "../../../../../domain/gates/evaluate.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { chosenLanes } from "../../../../../domain/run/lanes.ts";
import { hasStage } from "../../../../../domain/run/modes.ts";
import type { StepContext } from "../deps.ts";
import { facts } from "../facts.ts";
import { move } from "../../../../../domain/run/move.ts";
import { findTests } from "../repository-facts.ts";
import { readRepositoryInstructions } from "../repository-instructions.ts";
import { baseCommitOf, ensureWorkspace, laneDir, sandboxId, sandboxOf, workDir } from "../workspace.ts";

/** Gate G0 and the facts of each repository, once a run. Returns true when the run ended there. Throws PortError. */
export async function runIntake(context: StepContext): Promise<boolean> {
  const { epoch, journal } = context;
  const view = journal.view();
  const lanes = chosenLanes(view);
  await ensureWorkspace(context);
  const fileCounts = await Promise.all(lanes.map((lane) => countFiles(context, lane)));
  const intake = intakeGate({
    promptCharacters: view.created?.prompt.trim().length ?? 0,
    repositories: lanes.map((lane, index) => ({
      name: `${lane.owner}/${lane.name}`,
      baseCommit: baseCommitOf(lane),
      fileCount: fileCounts[index] ?? 0,
    })),
  });
  const events: NewRunEvent[] = [{ type: "gate.evaluated", data: { repositoryId: null, ...intake } }];
  if (!hasStage(view.mode, "architect"))
    events.push({ type: "gate.evaluated", data: { repositoryId: null, ...architectureGate(view.mode) } });
  if (intake.status === "fail") {
    const failed = move(view, "failed", "The repository has no files at its base commit.");
    journal.commit({ events: [...events, failed.event] }, epoch);
    return true;
  }
  const instructions: PromptPart[] = [];
  for (const lane of lanes) {
    const inspected = await inspect(context, lane);
    events.push(...inspected.events);
    instructions.push(...inspected.instructions);
  }
  const kept = { ...facts.intakeDone.write("yes"), ...facts.repositoryInstructions.write(instructions) };
  journal.commit({ events, facts: kept }, epoch);
  return false;
}

async function countFiles(context: StepContext, lane: LaneView): Promise<number> {
  const options = { recursive: true, limit: 50_000 };
  const { entries } = await sandboxOf(context).list(
    sandboxId(context.journal.spec.runId),
    laneDir(workDir, lane),
    options,
  );
  return entries.filter((entry) => entry.kind !== "directory").length;
}

/** A lane's test command, as an event, and its own instructions. Throws PortError. */
export async function inspect(
  context: StepContext,
  lane: LaneView,
): Promise<{ readonly events: readonly NewRunEvent[]; readonly instructions: readonly PromptPart[] }> {
  const view = context.journal.view();
  const { command, notice } = await findTests(context, lane);
  const inspected: NewRunEvent = {
    type: "repository.inspected",
    data: { repositoryId: lane.id, testCommand: command },
  };
  const hasNotice = notice !== undefined && hasStage(view.mode, "tester");
  return {
    events: hasNotice ? [inspected, { type: "notice", data: notice }] : [inspected],
    instructions: await readRepositoryInstructions(context, lane),
  };
}
