import type { Approval } from "../../../../contracts/patch-set.ts";
import type { ReviewDocument } from "../../../../contracts/review.ts";
import type { Artifact } from "../../../../contracts/run-events.ts";
import type { PullRequest, Run, RunState } from "../../../../contracts/run.ts";
import type { OpenQuestion, RunView } from "../../../../domain/run/view.ts";
import type { RunHistory } from "./history.ts";
import type { LaneView } from "./lanes.ts";

/** Everything that the page's panels show of a run: its state by the domain's fold, its history, and its lanes. */
export interface RunNow {
  /** The run's state; the read model's until the first event has come. */
  readonly state: RunState;
  readonly view: RunView;
  readonly history: RunHistory;
  readonly lanes: readonly LaneView[];
}

/** A plan or a review that waits for a decision, or had one: no patch set, but approved by hash and commit like one. */
export interface Proposal {
  readonly hash: string;
  /** A plan's base, a review's head of the pull request. */
  readonly baseCommit: string;
  readonly approval: Approval | null;
  /** The review as it would be posted; null for a plan. */
  readonly review: ReviewDocument | null;
}

/** The newest proposal that is no patch set, or null. */
export function proposalOf({ proposal, approval }: RunView): Proposal | null {
  if (proposal === undefined) return null;
  const { hash, baseCommit, kind, review } = proposal;
  const own = approval?.hash === hash ? approval : null;
  return { hash, baseCommit, approval: own, review: kind === "review" ? review : null };
}

/** The agent's question that no person has answered yet, or null. */
export function questionOf({ question }: RunView): OpenQuestion | null {
  return question === undefined || question.answer !== undefined ? null : question;
}

/** The pull request of a run over one repository, or null. A run over several links them in the list of its lanes. */
export function pullRequestOf({ lanes }: RunNow, run: Run): PullRequest | null {
  if (lanes.length > 1) return null;
  return lanes[0]?.pullRequest ?? run.pullRequest;
}

/** The newest version of each document. */
export function documentsOf(view: RunView): readonly Artifact[] {
  return Object.values(view.artifacts);
}
