import type { NewRunEvent, RunEventData } from "../../contracts/run-events.ts";
import { inlineMarkdown } from "../text/forge-text.ts";
import type { LaneView } from "./lane-view.ts";

/** The end of a request to delete a branch without a pull request, as the forge has it then. */
export type BranchDeleted =
  | { readonly outcome: "deleted" | "gone" }
  /** The head is a commit that the run did not write, by this author, so nothing was deleted. */
  | { readonly outcome: "moved"; readonly headCommit: string; readonly author: string }
  /** A person opened a pull request from the branch, which the deletion would close, so nothing was deleted. */
  | { readonly outcome: "in_use"; readonly number: number; readonly url: string };

/** The event of a request that came to its end at the forge. */
export function deletedEvents(lane: LaneView, deleted: BranchDeleted): readonly NewRunEvent[] {
  const isKept = deleted.outcome === "moved" || deleted.outcome === "in_use";
  return [endedEvent(lane, isKept ? "kept" : deleted.outcome, deletedText(lane, deleted))];
}

/**
 * The event of a request that failed. `reason` ends a sentence: the forge's own words, or why it could not be asked.
 *
 * @param isKnown false where the forge may have done it without saying so
 */
export function deleteFailedEvent(lane: LaneView, reason: string, isKnown: boolean): NewRunEvent {
  const named = branchName(lane);
  const failed = isKnown ? `Branch ${named} was not deleted` : `It is not known whether branch ${named} was deleted`;
  const advice =
    "Look whether the GitHub App still reaches the repository and may write there, then try again; or delete it at the forge.";
  return endedEvent(lane, "failed", `${failed}: ${reason} ${advice}`);
}

function endedEvent(
  lane: LaneView,
  outcome: RunEventData<"branch.delete_ended">["outcome"],
  text: string,
): NewRunEvent {
  const branch = lane.deleting?.branch ?? "";
  return { type: "branch.delete_ended", data: { repositoryId: lane.id, branch, outcome, text } };
}

function deletedText(lane: LaneView, deleted: BranchDeleted): string {
  const named = branchName(lane);
  switch (deleted.outcome) {
    case "deleted":
      return `${lane.deleting?.by.name ?? "A person"} deleted branch ${named}.`;
    case "gone":
      return `Branch ${named} is not at the forge any more, so nothing is left to delete.`;
    case "moved": {
      const author = inlineMarkdown(deleted.author, 80);
      const by = author === "" ? "" : ` by ${author}`;
      return `Branch ${named} was not deleted: its head is ${deleted.headCommit.slice(0, 10)}, a commit${by} that this run did not write. The branch stays with every commit on it. Delete it at the forge if it is not wanted.`;
    }
    case "in_use":
      return `Branch ${named} was not deleted: pull request #${deleted.number} was opened from it after the run had written it, and the deletion would close that. The branch stays as it is. Close the pull request at the forge if it is not wanted, then try again: ${deleted.url}`;
  }
}

function branchName({ deleting, name, owner }: LaneView): string {
  return `${deleting?.branch ?? "?"} of ${owner}/${name}`;
}
