import type { ReviewDocument } from "../../../../contracts/review.ts";
import type { Run } from "../../../../contracts/run.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import type { Proposal, RunNow } from "../model/now.ts";
import { DecisionCard, Fact, HashFact } from "../panels/decision-card.tsx";
import { ReviewStep } from "../panels/write-steps.tsx";

interface ReviewCardProps {
  readonly run: Run;
  readonly now: RunNow;
  readonly proposal: Proposal;
  readonly review: ReviewDocument;
}

/** The decision on a review: post exactly this, yes or no. After a yes, whether it is posted. */
export function ReviewCard({ run, now, proposal, review }: ReviewCardProps) {
  const open = now.state === "WAITING_APPROVAL" && proposal.approval === null;
  const { reviewed } = now.view;
  const url = reviewed?.url ?? run.pullRequest?.url ?? null;
  return (
    <DecisionCard
      run={run}
      title={open ? "Post this review" : "The review"}
      hash={proposal.hash}
      baseCommit={proposal.baseCommit}
      approval={proposal.approval}
      open={open}
      waiting={now.view.queue}
      approves="Approving posts exactly this on that head commit, once, as a comment."
      outcome={<ReviewStep writes={now.history.writes} hash={proposal.hash} state={now.state} />}
      facts={
        <>
          <Fact name="Pull request">
            {url === null ? `#${review.pullRequestNumber}` : <OutLink href={url}>#{review.pullRequestNumber}</OutLink>}
            {reviewed !== undefined && <span className="truncate text-soft">{reviewed.title}</span>}
          </Fact>
          <Fact name="Head">
            <code className="font-mono text-xs" title={review.commit}>
              {shortHash(review.commit, 10)}
            </code>
            {reviewed !== undefined && reviewed.commit !== review.commit && (
              <span className="text-amber">has moved since</span>
            )}
          </Fact>
          <HashFact hash={proposal.hash} />
          <Fact name="Comments">
            {review.comments.length === 0
              ? "None on lines; the text alone"
              : `${plural(review.comments.length, "comment")} on lines, and the text`}
          </Fact>
        </>
      }
    />
  );
}
