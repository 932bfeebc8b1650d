import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { otherBranchNames } from "../../../../../domain/patch-set/branch-name.ts";
import { reviewMarker } from "../../../../../domain/review/document.ts";
import { cancelCause } from "../../../../../domain/run/cancelling.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { move } from "../../../../../domain/run/move.ts";
import { PortError } from "../../../../ports/errors.ts";
import { branchHead } from "../../../patch-set/close-pull.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { firstRepository, repositoryOf } from "../run-spec.ts";

/** Failures in a row to look at the forge, after which the run ends and says that it could not look. */
const maxLooks = 5;

/**
 * Ends a run that a person cancelled while it wrote. A write whose reply is missing may have been done: the forge is asked, and what is there
 * is recorded before the run ends. Throws PortError while the forge can't be reached, a bounded number of times.
 */
export async function endCancelled(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const view = journal.view();
  const name = view.cancelledBy?.name ?? "a person";
  let found: readonly NewRunEvent[] = [];
  let unknown = "";
  try {
    found = [
      ...(await Promise.all(view.lanes.map((lane) => writtenIn(context, lane)))).flat(),
      ...(await posted(context)),
    ];
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const isOver = error.kind === "permanent" || (facts.stepFailures.read(journal) ?? 0) + 1 >= maxLooks;
    if (!isOver) throw error;
    unknown = ` The forge could not be asked (${error.code}) whether the write that was under way was done: look there for the run's branch and pull request.`;
  }
  const after = found.reduce((seen, event) => applyEvent(seen, { ...event, atMs: 0 }), view);
  const ended = move(after, "cancelled", `${cancelCause(after, name)}${unknown}`);
  journal.commit({ events: [...found, ended.event], facts: facts.stepFailures.write(null) }, epoch);
  return "again";
}

/** A lane's write that was begun, whose reply is missing, and that the forge has. A commit that no branch holds can't be seen. */
async function writtenIn(context: StepContext, lane: LaneView): Promise<readonly NewRunEvent[]> {
  const { deps, journal } = context;
  const { id: repositoryId, patchSet, writes } = lane;
  const { commit } = writes;
  if (patchSet === undefined || commit === undefined) return [];
  const { hash, headBranch } = patchSet;
  const isOpen = (kind: "branch" | "pull_request"): boolean =>
    writes[kind] === undefined && facts.writeStarted(hash, kind).read(journal) !== undefined;
  const repository = repositoryOf(journal.spec, repositoryId);
  const finished = (kind: "branch" | "pull_request", reference: string, url: string | null): NewRunEvent => ({
    type: "write.finished",
    data: { repositoryId, kind, hash, reference, url },
  });
  if (isOpen("branch")) {
    for (const name of [headBranch, ...otherBranchNames(headBranch)]) {
      const head = await branchHead(deps.forge, repository, name);
      if (head === commit) return [finished("branch", name, null)];
    }
    return [];
  }
  const { branch } = writes;
  if (branch === undefined || !isOpen("pull_request")) return [];
  const pull = await deps.forge.findPullRequest(repository, branch);
  if (pull === undefined || pull.headCommit !== commit) return [];
  const state = pull.merged ? "merged" : pull.state;
  const { number, url } = pull;
  return [
    finished("pull_request", String(number), url),
    { type: "pull_request.opened", data: { repositoryId, number, url, branch, commit, state } },
  ];
}

/** The review that was under way, where the forge has it. */
async function posted({ deps, journal }: StepContext): Promise<readonly NewRunEvent[]> {
  const { proposal, writes } = journal.view();
  const review = proposal?.review;
  if (proposal === undefined || review === undefined || review === null || writes.review !== undefined) return [];
  if (facts.writeStarted(proposal.hash, "review").read(journal) === undefined) return [];
  const marker = reviewMarker(proposal.hash);
  const repository = firstRepository(journal.spec);
  const found = await deps.forge.findReview(repository, review.pullRequestNumber, review.commit, marker);
  if (found === undefined) return [];
  const data = {
    repositoryId: null,
    kind: "review",
    hash: proposal.hash,
    reference: found.id,
    url: found.url,
  } as const;
  return [{ type: "write.finished", data }];
}
