import type { NewRunEvent, Review } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { architectureGate } from "../../../../../domain/gates/evaluate.ts";
import { sentBackMessage } from "../../../../../domain/instruction/prompts.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { chosenLanes, firstLane, rootPath } from "../../../../../domain/run/lanes.ts";
import { patchSetHash, sortChanges } from "../../../../../domain/patch-set/content-hash.ts";
import { planHash } from "../../../../../domain/patch-set/plan-hash.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { reviewDocument, reviewHash } from "../../../../../domain/review/document.ts";
import type { EndingToolName } from "../../tools/catalogue.ts";
import { ToolError, ToolMisfit } from "../../tools/context.ts";
import { parseToolInput } from "../../tools/run-tool.ts";
import { architectureArtifacts, artifactEvent, decisionArtifact, planArtifact, planProblem } from "../artifacts.ts";
import { allowedPathsText, forbiddenChanges } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import type { JournalWrite } from "../journal.ts";
import { move } from "../move.ts";
import { reviewedFiles } from "../reviewed-pull.ts";
import { facts } from "../facts.ts";
import { firstRepository } from "../run-spec.ts";
import { baseCommitOf, loadBaseBlobs, saveWork, workAfter } from "../workspace.ts";
import { chosenRepositories } from "./choose-repositories.ts";

interface Ending {
  readonly call: { readonly callId: string; readonly name: EndingToolName };
  readonly input: unknown;
  readonly close: (
    outcome: "ok" | "error",
    output: string,
    write?: Partial<JournalWrite>,
    misfit?: boolean,
  ) => StepOutcome;
}

/** A stage's last tool call. The report is checked by its schema; where the run goes, the machine decides. */
export async function endStage(context: StepContext, stage: Stage, ending: Ending): Promise<StepOutcome> {
  try {
    switch (ending.call.name) {
      case "finish":
        return await endCoding(context, stage, ending);
      case "submit_review":
        return endReview(context, stage, ending);
      case "submit_triage":
        return endTriage(context, stage, ending);
      case "submit_architecture":
        return endArchitecture(context, stage, ending);
      case "submit_plan":
        return endPlanning(context, stage, ending);
    }
  } catch (error) {
    if (error instanceof ToolError) return ending.close("error", error.message, {}, error instanceof ToolMisfit);
    throw error;
  }
}

/** The view as it will be once these events are stored. */
function after(context: StepContext, events: readonly NewRunEvent[]): RunView {
  return events.reduce(
    (view, event) => applyEvent(view, { ...event, atMs: context.deps.nowMs() }),
    context.journal.view(),
  );
}

function endTriage(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const triage = parseToolInput("submit_triage", input);
  const choice = chosenRepositories(context, triage);
  const events: NewRunEvent[] = [
    ...choice,
    artifactEvent(context.journal.view(), decisionArtifact(triage)),
    stageFinished(context, stage, triage.decision, null),
  ];
  const trigger = triage.decision === "GO" ? "stage_passed" : triage.decision === "NO_GO" ? "declined" : "deferred";
  const next = move(
    after(context, events),
    trigger,
    trigger === "stage_passed" ? null : triage.reasons.join(" ").slice(0, 2000),
  );
  return close("ok", "Recorded.", { events: [...events, next.event] });
}

function endArchitecture(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const architecture = parseToolInput("submit_architecture", input);
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
  return close("ok", "Recorded.", { events: [...events, move(after(context, events), "stage_passed").event] });
}

function endPlanning(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const plan = parseToolInput("submit_plan", input);
  const problem = planProblem(plan);
  if (problem !== undefined) throw new ToolError(problem);
  const view = context.journal.view();
  const artifact = artifactEvent(view, planArtifact(plan));
  const events: NewRunEvent[] = [artifact, stageFinished(context, stage, "done", null)];
  if (view.mode === "plan") {
    const baseCommit = baseCommitOf(firstLane(view));
    events.push({
      type: "proposal.made",
      data: { kind: "plan", hash: planHash(baseCommit, artifact.data.data), baseCommit, review: null },
    });
  }
  return close("ok", "Recorded.", { events: [...events, move(after(context, events), "stage_passed").event] });
}

async function endCoding(context: StepContext, stage: Stage, { close, input }: Ending): Promise<StepOutcome> {
  const { journal } = context;
  const report = parseToolInput("finish", input);
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
  if (!declined && changed.every(({ changes, lane }) => isWrittenAlready(lane, changes)))
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
  const view = after(context, [finished]);
  const next = declined ? move(view, "declined", report.summary.slice(0, 2000)) : move(view, "stage_passed");
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

function endReview(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const { journal } = context;
  const submitted = parseToolInput("submit_review", input);
  const review: Review = {
    verdict: submitted.verdict,
    summary: submitted.summary,
    findings: submitted.findings.map(({ end_line: endLine, line, suggestion, ...finding }) => ({
      ...finding,
      line: line ?? null,
      endLine: endLine ?? null,
      suggestion: suggestion ?? null,
    })),
  };
  const document = {
    kind: "review" as const,
    title: `Review: ${review.verdict}`,
    markdown: review.summary,
    data: { ...review },
  };
  const events: NewRunEvent[] = [
    { type: "review.submitted", data: review },
    artifactEvent(journal.view(), document),
    stageFinished(context, stage, review.verdict, null),
  ];
  if (journal.view().mode === "review") {
    events.push(proposedReview(context, review));
    return close("ok", "Recorded.", { events: [...events, move(after(context, events), "stage_passed").event] });
  }
  const view = after(context, events);
  if (review.verdict === "send_back") {
    const back = move(view, "sent_back", "The reviewer found something to mend.");
    if (back.ok) {
      const message = { role: "user" as const, blocks: [{ type: "text" as const, text: sentBackMessage(review) }] };
      return close("ok", "Recorded.", {
        events: [...events, back.event],
        messages: [{ conversation: "coder", message }],
      });
    }
    // Sent back once already: the findings stand beside the patch set, and a person decides.
    return close("ok", "Recorded.", { events: [...events, back.event, move(view, "stage_passed").event] });
  }
  return close("ok", "Recorded.", { events: [...events, move(view, "stage_passed").event] });
}

/** The review as it would be posted, for a person to approve: bound to the head commit that was read. */
function proposedReview({ journal }: StepContext, review: Review): NewRunEvent {
  const { reviewed } = journal.view();
  if (reviewed === undefined) throw new Error("no pull request was read");
  const document = reviewDocument(reviewed, review, reviewedFiles(journal));
  const hash = reviewHash(firstRepository(journal.spec).id, document);
  return { type: "proposal.made", data: { kind: "review", hash, baseCommit: reviewed.commit, review: document } };
}

/** The event that ends the present stage. */
export function stageFinished(
  { deps, journal }: StepContext,
  stage: Stage,
  outcome: string,
  report: { readonly title: string; readonly summary: string } | null,
): Extract<NewRunEvent, { type: "stage.finished" }> {
  const view = journal.view();
  return {
    type: "stage.finished",
    data: {
      stage,
      attempt: view.stageAttempt,
      outcome,
      durationMs: Math.max(0, deps.nowMs() - view.stageStartedAtMs),
      report,
    },
  };
}

/** Whether the work is, byte for byte, in the lane's pull request already. */
function isWrittenAlready({ id, patchSet, pullRequest }: LaneView, changes: readonly TreeChange[]): boolean {
  if (patchSet === undefined || pullRequest === undefined) return false;
  return patchSetHash(id, patchSet.baseCommit, sortChanges(changes), patchSet.companions) === patchSet.hash;
}

function planTaskCount(view: RunView): number {
  const tasks = view.artifacts.plan?.data["tasks"];
  return Array.isArray(tasks) ? tasks.length : 0;
}
