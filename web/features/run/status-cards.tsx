import type { Run } from "../../../contracts/run.ts";
import { LaneList } from "./lanes/lane-list.tsx";
import { OrderCard } from "./lanes/order-card.tsx";
import { needsOrder } from "./model/choice.ts";
import { lanePatchSet, type LaneView } from "./model/lanes.ts";
import { proposalOf, type RunNow } from "./model/now.ts";
import { Outcome } from "./panels/outcome.tsx";
import { ParkedEffects } from "./panels/parked-effects.tsx";
import { PatchSetCard } from "./panels/patch-set-card.tsx";
import { PlanCard } from "./panels/plan-card.tsx";
import { ReviewCard } from "./review/review-card.tsx";

interface StatusCardsProps {
  readonly run: Run;
  readonly now: RunNow;
  /** The selected lane. */
  readonly lane: LaneView | undefined;
  readonly onLane: (repositoryId: string) => void;
  readonly className: string;
}

/** The run's state, its repositories when it has several, and the decision that it waits for. */
export function StatusCards({ run, now, lane, onLane, className }: StatusCardsProps) {
  const newest = lanePatchSet(lane);
  const proposal = proposalOf(now.view);
  return (
    <div className={`flex flex-col gap-2.5 overflow-y-auto px-3 pt-3 pb-2.5 empty:hidden ${className}`}>
      {needsOrder(now.view) ? (
        <OrderCard key={now.view.laneCycle.join()} run={run} now={now} />
      ) : (
        <Outcome run={run} now={now} />
      )}
      <ParkedEffects runId={run.id} />
      <LaneList runId={run.id} now={now} selected={lane?.repositoryId ?? ""} onSelect={onLane} />
      {lane !== undefined && newest !== undefined && (
        <PatchSetCard key={newest.hash} run={run} now={now} lane={lane} patchSet={newest} />
      )}
      {proposal === null ? null : proposal.review === null ? (
        <PlanCard run={run} now={now} proposal={proposal} />
      ) : (
        <ReviewCard key={proposal.hash} run={run} now={now} proposal={proposal} review={proposal.review} />
      )}
    </div>
  );
}
