import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import { unseenPaths } from "../../../../domain/run/lane-view.ts";
import { cx } from "../../../components/ui/cx.ts";
import { plural, shortHash } from "../../../lib/format.ts";
import { approvalEffect, branchOf, commitText, mergeOrder, otherNameText } from "../model/delivery.ts";
import { findingsOf, laneWaits, sizeOf, type LaneView } from "../model/lanes.ts";
import type { RunNow } from "../model/now.ts";
import { DecisionCard, Fact, HashFact } from "./decision-card.tsx";
import { GateDots } from "./gate-dots.tsx";
import { PullRequestPreview } from "./pull-request-preview.tsx";
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
  const branch = branchOf(lane, patchSet);
  const isOpen = laneWaits(lane, state);
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
      open={isOpen}
      blocked={blocks > 0}
      unseen={unseenPaths(patchSet.violations)}
      waiting={now.view.queue}
      approves={approvalEffect(lane, lanes, view)}
      undecided={
        patchSet.superseded
          ? "It was withdrawn: the run has other repositories or no changes here now."
          : state === "PATCHES_PROPOSED"
            ? "Policy is looking at it."
            : "No decision was made on it."
      }
      text={
        <>
          {isOpen && <OtherName text={otherNameText(lane, patchSet)} />}
          <CommitText text={commitText(patchSet)} isOpen={isOpen} />
          {!patchSet.superseded && <PullRequestPreview runId={run.id} hash={patchSet.hash} state={state} />}
        </>
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
            <code className="truncate font-mono text-xs" title={branch}>
              {branch}
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
          {lane.gates.G4?.status === "skipped" && (
            <Fact name="Tests">
              <span className="text-amber">Don’t prove this change</span>
            </Fact>
          )}
        </>
      }
    />
  );
}

/** The name that the branch gets where its own can't be had; the approval covers it too. */
function OtherName({ text }: { text: string | null }) {
  return text === null ? null : <p className="mt-2 text-xs break-words text-muted">{text}</p>;
}

/** The message of the commit: its title and the people whom it names. The approval covers it. */
function CommitText({ text, isOpen }: { text: string; isOpen: boolean }) {
  return (
    <details className="mt-2 text-sm" open={isOpen}>
      <summary className="cursor-pointer text-xs text-muted">Commit message</summary>
      <pre className="mt-1 max-h-40 overflow-auto font-mono text-xs break-words whitespace-pre-wrap">
        {text.trimEnd()}
      </pre>
    </details>
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
