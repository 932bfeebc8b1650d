import type { ReviewedPull } from "../../../../../contracts/review.ts";
import type { NewRunEvent, PromptPart } from "../../../../../contracts/run-events.ts";
import { pullMovedMessage, pullReviewMessage } from "../../../../../domain/instruction/prompts.ts";
import { pullDiffText } from "../../../../../domain/review/diff-text.ts";
import { isTransient, PortError } from "../../../../ports/errors.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { firstMessage } from "../images.ts";
import type { JournalWrite } from "../journal.ts";
import { move } from "../../../../../domain/run/move.ts";
import { maxDiffCharacters, readPull, reviewedFiles } from "../reviewed-pull.ts";
import { accessAdvice } from "../forge-advice.ts";
import { firstRepository } from "../run-spec.ts";
import { sandboxId, sandboxOf } from "../workspace.ts";

/** Reads the pull request that is to be reviewed and fixes its head, so that everything later speaks of the same lines. */
export async function startReview({ deps, epoch, journal }: StepContext): Promise<StepOutcome> {
  const repository = firstRepository(journal.spec);
  const target = journal.view().created?.reviewOf;
  const end = (cause: string): StepOutcome => {
    journal.commit({ events: [move(journal.view(), "failed", cause).event] }, epoch);
    return "again";
  };
  if (target === undefined || target === null) return end("This run names no pull request to review.");
  try {
    const { baseBlobs, details, pull } = await readPull(deps.forge, repository, target.number);
    if (details.state !== "open")
      return end(
        `Pull request #${pull.number} is ${details.merged ? "merged" : "closed"}: there is nothing to review.`,
      );
    if (pull.files === 0) return end(`Pull request #${pull.number} changes no file: there is nothing to review.`);
    const events: NewRunEvent[] = [
      { type: "base.resolved", data: { repositoryId: repository.id, baseCommit: pull.baseCommit } },
      { type: "pull_request.read", data: pull },
      move(journal.view(), "started").event,
    ];
    journal.commit({ events, baseBlobs }, epoch);
    return "again";
  } catch (error) {
    if (!(error instanceof PortError) || isTransient(error)) throw error;
    return end(
      accessAdvice(error.code, `${repository.owner}/${repository.name}`) ??
        `Pull request #${target.number} of ${repository.owner}/${repository.name} can't be read (${error.code}).`,
    );
  }
}

/**
 * Looks whether the pull request has moved since it was read; if so the new head and diff are taken and the old sandbox given up.
 * `held` when it was closed meanwhile: the run then asks a person.
 */
export async function refreshPull({ deps, epoch, journal }: StepContext): Promise<"ready" | "held"> {
  const { reviewed } = journal.view();
  if (reviewed === undefined) throw new Error("no pull request was read");
  const { runId } = journal.spec;
  const repository = firstRepository(journal.spec);
  const { baseBlobs, details, pull } = await readPull(deps.forge, repository, reviewed.number);
  if (details.state !== "open") {
    const cause = `Pull request #${reviewed.number} was ${details.merged ? "merged" : "closed"}. Reopen it and resume, or cancel.`;
    journal.commit({ events: [move(journal.view(), "human_needed", cause).event] }, epoch);
    return "held";
  }
  const moved = pull.commit !== reviewed.commit;
  if (!moved && pull.diff === reviewed.diff) return "ready";
  if (moved) await sandboxOf({ deps, journal }).destroy(sandboxId(runId));
  const events: NewRunEvent[] = [{ type: "pull_request.read", data: pull }];
  journal.commit({ events, baseBlobs, ...(moved ? { facts: facts.workspaceGeneration.write(null) } : {}) }, epoch);
  return "ready";
}

/** The reviewer's first message: the request, the pull request and its diff. */
export function firstLook(
  { journal }: StepContext,
  conversation: string,
  parts: readonly PromptPart[],
  attempts: Readonly<Record<string, string | null>>,
): Pick<JournalWrite, "messages" | "facts"> {
  const { reviewed } = journal.view();
  if (reviewed === undefined) throw new Error("no pull request was read");
  const diff = pullDiffText(reviewedFiles(journal), maxDiffCharacters);
  return {
    messages: [{ conversation, message: firstMessage({ journal }, pullReviewMessage(parts, reviewed, diff)) }],
    facts: { ...attempts, ...facts.shownPull.write(shownNow(reviewed)) },
  };
}

/** The message to a further attempt of the reviewer: the new diff, when the head is another than the one it knows. */
export function newLook(
  { journal }: StepContext,
  conversation: string,
  attempts: Readonly<Record<string, string | null>>,
): Pick<JournalWrite, "messages" | "facts"> {
  const { reviewed } = journal.view();
  if (reviewed === undefined || facts.shownPull.read(journal) === shownNow(reviewed)) return { facts: attempts };
  const diff = pullDiffText(reviewedFiles(journal), maxDiffCharacters);
  return {
    messages: [{ conversation, message: userText(pullMovedMessage(reviewed, diff)) }],
    facts: { ...attempts, ...facts.shownPull.write(shownNow(reviewed)) },
  };
}

/** Names the version of a pull request that the reviewer was shown: its head and its diff. */
function shownNow({ commit, diff }: ReviewedPull): string {
  return `${commit} ${diff}`;
}

function userText(text: string): { readonly role: "user"; readonly blocks: readonly [{ type: "text"; text: string }] } {
  return { role: "user", blocks: [{ type: "text", text }] };
}
