import type { NewRunEvent, Review } from "../../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../../contracts/run.ts";
import { sentBackMessage } from "../../../../../../domain/instruction/prompts.ts";
import { reviewDocument, reviewHash } from "../../../../../../domain/review/document.ts";
import { modes } from "../../../../../../domain/run/modes.ts";
import { submitReviewTool } from "../../../tools/definitions/stage-ends.ts";
import { artifactEvent } from "../../artifacts.ts";
import type { StepContext, StepOutcome } from "../../deps.ts";
import { move } from "../../../../../../domain/run/move.ts";
import { reviewedFiles } from "../../reviewed-pull.ts";
import { firstRepository } from "../../run-spec.ts";
import { stageFinished } from "../../stage-finished.ts";
import { viewAfter, type Ending } from "./ending.ts";

/** Ends a review: proposes it where it is the run's product; else the work passes or goes back to the coder. */
export function endReview(context: StepContext, stage: Stage, { close, input }: Ending): StepOutcome {
  const { journal } = context;
  const submitted = submitReviewTool.parse(input);
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
  if (modes[journal.view().mode].product === "review") {
    events.push(proposedReview(context, review));
    return close("ok", "Recorded.", { events: [...events, move(viewAfter(context, events), "stage_passed").event] });
  }
  const view = viewAfter(context, events);
  if (review.verdict === "send_back") {
    const back = move(view, "sent_back", "The reviewer asks for changes.");
    if (back.ok) {
      const message = { role: "user" as const, blocks: [{ type: "text" as const, text: sentBackMessage(review) }] };
      return close("ok", "Recorded.", {
        events: [...events, back.event],
        messages: [{ conversation: "coder", message }],
      });
    }
    // The work went back once already: the findings are shown beside the patch set, and a person decides.
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
