import type { NewRunEvent, Review } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { sentBackMessage } from "../../../../../domain/instruction/prompts.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { ToolError } from "../../tools/context.ts";
import { parseToolInput } from "../../tools/run-tool.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import type { JournalWrite } from "../journal.ts";
import { move } from "../move.ts";
import { loadBaseBlobs, saveWorkspace } from "../workspace.ts";

interface Ending {
  readonly call: { readonly callId: string; readonly name: string };
  readonly input: unknown;
  readonly close: (outcome: "ok" | "error", output: string, write?: Partial<JournalWrite>) => StepOutcome;
}

/** A stage's last tool call. The report is checked by its schema; where the run goes, the machine decides. */
export async function endStage(context: StepContext, stage: Stage, ending: Ending): Promise<StepOutcome> {
  try {
    if (ending.call.name === "finish") return await endCoding(context, stage, ending);
    if (ending.call.name === "submit_review") return endReview(context, stage, ending);
    throw new ToolError("This stage can't end that way.");
  } catch (error) {
    if (error instanceof ToolError) return ending.close("error", error.message);
    throw error;
  }
}

async function endCoding(context: StepContext, stage: Stage, { close, input }: Ending): Promise<StepOutcome> {
  const { journal } = context;
  const report = parseToolInput("finish", input);
  const saved = await saveWorkspace(context);
  const changes = saved.workspace ?? journal.workspace();
  const declined = report.outcome === "declined";
  if (!declined && changes.length === 0) {
    throw new ToolError("Nothing has changed yet. Make the change, or call finish with outcome declined and say why it can't be done.");
  }
  const finished = stageFinished(context, stage, declined ? "declined" : "done", { title: report.title, summary: report.summary });
  const view = applyEvent(journal.view(), { ...finished, atMs: context.deps.nowMs() });
  const next = declined ? move(view, "declined", report.summary.slice(0, 2000)) : move(view, "stage_passed");
  const baseBlobs = await loadBaseBlobs(context, changes);
  return close("ok", "Recorded.", { ...saved, baseBlobs, events: [...saved.events, finished, next.event] });
}

function endReview(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const { journal } = context;
  const submitted = parseToolInput("submit_review", input);
  const review: Review = {
    verdict: submitted.verdict,
    summary: submitted.summary,
    findings: submitted.findings.map((finding) => ({ ...finding, line: finding.line ?? null })),
  };
  const events: NewRunEvent[] = [{ type: "review.submitted", data: review }, stageFinished(context, stage, review.verdict, null)];
  const view = events.reduce((folded: RunView, event) => applyEvent(folded, { ...event, atMs: context.deps.nowMs() }), journal.view());
  if (review.verdict === "send_back") {
    const back = move(view, "sent_back", "The reviewer found something to mend.");
    if (back.ok) {
      const message = { role: "user" as const, blocks: [{ type: "text" as const, text: sentBackMessage(review) }] };
      return close("ok", "Recorded.", { events: [...events, back.event], messages: [{ conversation: "coder", message }] });
    }
    // Sent back once already: the findings stand beside the patch set, and a person decides.
    return close("ok", "Recorded.", { events: [...events, back.event, move(view, "stage_passed").event] });
  }
  return close("ok", "Recorded.", { events: [...events, move(view, "stage_passed").event] });
}

/** The event that ends the present stage. */
export function stageFinished(
  { deps, journal }: StepContext,
  stage: Stage,
  outcome: string,
  report: { readonly title: string; readonly summary: string } | null,
): Extract<NewRunEvent, { type: "stage.finished" }> {
  const view = journal.view();
  return { type: "stage.finished", data: { stage, attempt: view.stageAttempt, outcome, durationMs: Math.max(0, deps.nowMs() - view.stageStartedAtMs), report } };
}
