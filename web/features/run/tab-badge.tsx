import type { RunNow } from "./model/now.ts";
import { gateOutcome } from "./model/gate-outcome.ts";
import { proposalOf } from "./model/now.ts";
import { findingsOf, lanePatchSet, laneWaits, type LaneView } from "./model/lanes.ts";
import { mismatches } from "./model/packages.ts";

export const tabNames = [
  "transcript",
  "approval",
  "changes",
  "policy",
  "versions",
  "gates",
  "tests",
  "review",
  "documents",
  "prompts",
  "ledger",
  "cost",
] as const;
export type TabName = (typeof tabNames)[number];

export const tabLabels: Readonly<Record<TabName, string>> = {
  transcript: "Transcript",
  approval: "Approval",
  changes: "Changes",
  policy: "Policy",
  versions: "Versions",
  gates: "Gates",
  tests: "Tests",
  review: "Review",
  documents: "Documents",
  prompts: "Prompts",
  ledger: "Ledger",
  cost: "Cost",
};

const count = "tabular rounded-full bg-hover px-1.5 text-xs text-muted";

/** The figure or dot beside a tab's name, of the selected lane. */
export function TabBadge({ name, now, lane }: { name: TabName; now: RunNow; lane: LaneView | undefined }) {
  const newest = lanePatchSet(lane);
  switch (name) {
    case "approval":
      return now.lanes.some((each) => laneWaits(each, now.state)) ? (
        <span aria-label="waits for you" role="img" className="size-1.5 rounded-full bg-amber" />
      ) : null;
    case "changes":
      return newest === undefined ? null : <span className={count}>{newest.patches.length}</span>;
    case "policy": {
      if (newest === undefined || newest.violations.length === 0) return null;
      const tone = findingsOf(newest).blocks > 0 ? "bg-red-soft text-red" : "bg-amber-soft text-amber";
      return <span className={`tabular rounded-full px-1.5 text-xs ${tone}`}>{newest.violations.length}</span>;
    }
    case "versions": {
      const wrong = mismatches(now.view.packages);
      return wrong === 0 ? null : (
        <span className="tabular rounded-full bg-amber-soft px-1.5 text-xs text-amber">{wrong}</span>
      );
    }
    case "review": {
      const review = proposalOf(now.view)?.review ?? null;
      return review === null ? null : <span className={count}>{review.comments.length}</span>;
    }
    case "gates": {
      const results = Object.values(lane?.gates ?? {});
      if (results.length === 0) return null;
      const passed = results.filter((result) => result.status === "pass").length;
      const counted = results.filter((result) => gateOutcome(result) !== "skipped").length;
      return (
        <span className={count}>
          {passed}/{counted}
        </span>
      );
    }
    default:
      return null;
  }
}
