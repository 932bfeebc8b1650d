import type { ReactNode } from "react";
import type { ReviewDocument } from "../../../../contracts/review.ts";
import type { Run } from "../../../../contracts/run.ts";
import { Avatar } from "../../../components/ui/badges.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import type { Facts, Proposal } from "../model/facts.ts";
import { Decision } from "../panels/decision.tsx";
import { ReviewStep } from "../panels/write-steps.tsx";

interface ReviewCardProps {
  readonly run: Run;
  readonly facts: Facts;
  readonly proposal: Proposal;
  readonly review: ReviewDocument;
}

/** The question of a review run: post exactly this, yes or no. After a yes, the write and where it stands. */
export function ReviewCard({ run, facts, proposal, review }: ReviewCardProps) {
  const state = facts.state ?? run.state;
  const { approval } = proposal;
  const open = state === "WAITING_APPROVAL" && approval === null;
  const moved = facts.reviewed !== null && facts.reviewed.commit !== review.commit;
  const url = facts.reviewed?.url ?? run.pullRequest?.url ?? null;
  return (
    <section
      aria-label="Approval"
      className={cx("@container shrink-0 rounded-xl border bg-card", open ? "border-lime-line" : "border-line")}
    >
      <div className="px-3.5 pt-3 pb-2.5">
        <h2 className="text-base font-semibold">{open ? "Post this review" : "The review"}</h2>
        <dl className="mt-2 grid grid-cols-1 gap-x-6 gap-y-1.5 text-sm @md:grid-cols-2">
          <Fact name="Pull request">
            {url === null ? `#${review.pullRequestNumber}` : <OutLink href={url}>#{review.pullRequestNumber}</OutLink>}
            {facts.reviewed !== null && <span className="truncate text-soft">{facts.reviewed.title}</span>}
          </Fact>
          <Fact name="Head">
            <code className="font-mono text-xs" title={review.commit}>
              {shortHash(review.commit, 10)}
            </code>
            {moved && <span className="text-amber">has moved since</span>}
          </Fact>
          <Fact name="Content">
            <code className="font-mono text-xs" title={proposal.hash}>
              {shortHash(proposal.hash, 12)}
            </code>
            <CopyButton text={proposal.hash} label="content hash" className="-my-1" />
          </Fact>
          <Fact name="Comments">
            {review.comments.length === 0
              ? "None on lines; the text alone"
              : `${plural(review.comments.length, "comment")} on lines, and the text`}
          </Fact>
        </dl>
      </div>
      {open ? (
        <Decision
          run={run}
          hash={proposal.hash}
          baseCommit={proposal.baseCommit}
          blocked={false}
          approves="Approving posts exactly this on that head commit, once, as a comment."
        />
      ) : (
        approval !== null && (
          <div className="border-t border-line px-3.5 py-2.5">
            <p className="flex flex-wrap items-center gap-1.5">
              <Avatar person={approval.by} />
              <span className="font-medium">{approval.by.name}</span>
              {{ approve: "approved", reject: "rejected", request_changes: "asked for changes" }[approval.decision]}
              <TimeAgo atMs={approval.atMs} className="text-muted" />
            </p>
            {approval.comment !== "" && <p className="mt-1 whitespace-pre-wrap text-soft">{approval.comment}</p>}
            {approval.decision === "approve" && <ReviewStep facts={facts} hash={proposal.hash} state={state} />}
          </div>
        )
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="w-20 shrink-0 text-xs text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1.5">{children}</dd>
    </div>
  );
}
