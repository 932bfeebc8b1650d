import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import { cx } from "../../../components/ui/cx.ts";
import { plural, shortHash } from "../../../lib/format.ts";
import { approvalEffect, mergeOrder } from "../model/delivery.ts";
import { findingsOf, laneWaits, sizeOf, type LaneView } from "../model/lanes.ts";
import type { RunNow } from "../model/now.ts";
import { DecisionCard, Fact, HashFact } from "./decision-card.tsx";
import { GateDots } from "./gate-dots.tsx";
import { WriteSteps } from "./write-steps.tsx";

interface PatchSetCardProps {
  readonly run: Run;
  readonly now: RunNow;
  readonly lane: LaneView;
  /** The newest version of the lane's patch set. */
  readonly patchSet: PatchSet;
}

/** The decision on a patch set: these exact bytes, yes or no. After a yes, the write gate's steps. */
export function PatchSetCard({ run, now, lane, patchSet }: PatchSetCardProps) {
  const { lanes, state, view } = now;
  const merge = mergeOrder(patchSet.companions);
  const { blocks } = findingsOf(patchSet);
  const { additions, deletions, files } = sizeOf(patchSet);
  return (
    <DecisionCard
      run={run}
      title={patchSet.title}
      aside={`Patch set ${patchSet.version}`}
      hash={patchSet.hash}
      baseCommit={patchSet.baseCommit}
      approval={patchSet.approval}
      open={laneWaits(lane, state)}
      blocked={blocks > 0}
      approves={approvalEffect(lane, lanes, view)}
      undecided={
        patchSet.superseded
          ? "It was withdrawn: the run has other repositories or no changes here now."
          : state === "PATCHES_PROPOSED"
            ? "Policy is looking at it."
            : "No decision was made on it."
      }
      outcome={<WriteSteps now={now} lane={lane} patchSet={patchSet} />}
      facts={
        <>
          <Fact name="Repository">
            <span className="truncate">
              {lane.owner}/{lane.name}
            </span>
          </Fact>
          <Fact name="Branch">
            <code className="truncate font-mono text-xs" title={patchSet.headBranch}>
              {patchSet.headBranch}
            </code>
          </Fact>
          <Fact name="Base">
            <span className="truncate">{lane.base.branch}</span>
            <code className="font-mono text-xs text-muted" title={patchSet.baseCommit}>
              {shortHash(patchSet.baseCommit)}
            </code>
          </Fact>
          {merge !== null && (
            <Fact name="Merged">
              <span className="truncate" title={merge}>
                {merge}
              </span>
            </Fact>
          )}
          <HashFact hash={patchSet.hash} />
          <Fact name="Size">
            <span className="tabular">
              {plural(files, "file")} <span className="text-green">+{additions}</span>{" "}
              <span className="text-red">−{deletions}</span>
            </span>
          </Fact>
          <Fact name="Policy">
            <Findings patchSet={patchSet} />
          </Fact>
          <Fact name="Gates">
            {Object.keys(lane.gates).length === 0 ? (
              <span className="text-muted">None yet</span>
            ) : (
              <GateDots gates={lane.gates} />
            )}
          </Fact>
        </>
      }
    />
  );
}

function Findings({ patchSet }: { patchSet: PatchSet }) {
  const { blocks, warnings } = findingsOf(patchSet);
  const Icon = blocks > 0 ? ShieldAlert : ShieldCheck;
  return (
    <>
      <Icon
        className={cx("size-3.5", blocks > 0 ? "text-red" : warnings > 0 ? "text-amber" : "text-green")}
        aria-hidden
      />
      <span>
        {blocks > 0 && <span className="text-red">{plural(blocks, "BLOCK", "BLOCKs")}</span>}
        {blocks > 0 && warnings > 0 && ", "}
        {warnings > 0 && <span className="text-amber">{plural(warnings, "warning")}</span>}
        {blocks + warnings === 0 && "No findings"}
      </span>
    </>
  );
}
