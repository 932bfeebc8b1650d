import { getRouteApi } from "@tanstack/react-router";
import { Stamp } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";
import type { Run } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { Empty } from "../../components/ui/notices.tsx";
import { Tabs, TabPanel, type Tab } from "../../components/ui/tabs.tsx";
import { isFinal } from "../../lib/vocabulary.ts";
import { stateTone } from "../../lib/words.ts";
import { Composer } from "./composer.tsx";
import { Changes } from "./changes/changes.tsx";
import { CostPanel } from "./cost/panel.tsx";
import { LedgerPanel } from "./ledger/panel.tsx";
import type { Facts } from "./model/facts.ts";
import { ApprovalCard } from "./panels/approval-card.tsx";
import { DocumentsPanel } from "./panels/documents.tsx";
import { GatesPanel } from "./panels/gates.tsx";
import { Outcome } from "./panels/outcome.tsx";
import { PlanCard } from "./panels/plan-card.tsx";
import { PolicyPanel } from "./panels/policy.tsx";
import { PromptsPanel } from "./panels/prompts.tsx";
import { ReviewPanel } from "./panels/review.tsx";
import { TestsPanel } from "./panels/tests.tsx";
import { PullPanel } from "./review/pull-panel.tsx";
import { ReviewCard } from "./review/review-card.tsx";
import { SplitPane } from "./split-pane.tsx";
import { useRunView, type RunStore } from "./store.ts";
import { Transcript } from "./transcript/transcript.tsx";

const route = getRouteApi("/shell/runs/$runId");
const tabNames = [
  "transcript",
  "approval",
  "changes",
  "policy",
  "gates",
  "tests",
  "review",
  "documents",
  "prompts",
  "ledger",
  "cost",
] as const;
type TabName = (typeof tabNames)[number];

/** What a run without a patch set has nothing to show in. */
const proposals = { patch_set: "a patch set", plan: "a plan", review: "its review" };
const patchSetTabs: readonly TabName[] = ["changes", "policy", "tests", "documents"];

const wideQuery = "(min-width: 1024px)";

function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(wideQuery);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(wideQuery).matches,
  );
}

/** Transcript on the left, everything it led to on the right; on narrow screens one under tabs. */
export function Workbench({ run, store }: { run: Run; store: RunStore }) {
  const wide = useWide();
  if (!wide) return <Panels run={run} store={store} narrow />;
  return (
    <SplitPane left={<Told run={run} store={store} />} right={<Panels run={run} store={store} narrow={false} />} />
  );
}

function Panels({ run, store, narrow }: { run: Run; store: RunStore; narrow: boolean }) {
  const facts = useRunView(store, (view) => view.facts);
  const headSeq = useRunView(store, (view) => view.lastSeq);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = facts.state ?? run.state;
  const { product } = modes[run.mode];
  const documents = facts.artifacts.some((artifact) => artifact.kind !== "review" && artifact.kind !== "test_report");
  const offered = tabNames.filter((name) =>
    product === "review" && patchSetTabs.includes(name)
      ? false
      : name === "documents"
        ? documents
        : narrow || (name !== "transcript" && name !== "approval"),
  );
  const first = !narrow
    ? product === "review"
      ? "review"
      : product === "plan" && documents
        ? "documents"
        : "changes"
    : stateTone(state) === "working"
      ? "transcript"
      : "approval";
  const chosen = offered.find((name) => name === search.tab) ?? first;
  return (
    <div className="flex h-full min-h-0 flex-1 flex-col">
      {!narrow && <Standing run={run} facts={facts} className="max-h-[68%] shrink-0" />}
      <Tabs
        label="About the run"
        value={chosen}
        tabs={offered.map((name) => tabOf(name, facts))}
        onChange={(tab) => void navigate({ search: { tab }, replace: true })}
        className="flex-1"
      >
        <Panel name={chosen}>
          <PanelBody name={chosen} run={run} store={store} facts={facts} headSeq={headSeq} finished={isFinal(state)} />
        </Panel>
      </Tabs>
    </div>
  );
}

/** The transcript, with the place to say something under it. */
function Told({ run, store }: { run: Run; store: RunStore }) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1">
        <Transcript store={store} />
      </div>
      <Composer run={run} store={store} />
    </div>
  );
}

/** How the run stands and what it asks. */
function Standing({ run, facts, className }: { run: Run; facts: Facts; className: string }) {
  const newest = facts.patchSets.at(-1);
  return (
    <div className={`flex flex-col gap-2.5 overflow-y-auto px-3 pt-3 pb-2.5 empty:hidden ${className}`}>
      <Outcome run={run} facts={facts} />
      {newest !== undefined && <ApprovalCard key={newest.hash} run={run} facts={facts} patchSet={newest} />}
      {facts.proposal === null ? null : facts.proposal.review === null ? (
        <PlanCard key={facts.proposal.hash} run={run} facts={facts} proposal={facts.proposal} />
      ) : (
        <ReviewCard
          key={facts.proposal.hash}
          run={run}
          facts={facts}
          proposal={facts.proposal}
          review={facts.proposal.review}
        />
      )}
    </div>
  );
}

function Panel({ name, children }: { name: TabName; children: ReactNode }) {
  return (
    <TabPanel value={name} className="overflow-hidden">
      {children}
    </TabPanel>
  );
}

interface PanelBodyProps {
  readonly name: TabName;
  readonly run: Run;
  readonly store: RunStore;
  readonly facts: Facts;
  readonly headSeq: number;
  readonly finished: boolean;
}

function PanelBody({ name, run, store, facts, headSeq, finished }: PanelBodyProps) {
  switch (name) {
    case "transcript":
      return <Told run={run} store={store} />;
    case "approval":
      return (
        <>
          <Standing run={run} facts={facts} className="max-h-full" />
          {facts.patchSets.length === 0 && facts.proposal === null && (
            <Empty icon={<Stamp aria-hidden />} title="Nothing to approve">
              When the agent proposes {proposals[modes[run.mode].product]}, you decide on it here. Nothing is written to
              GitHub before.
            </Empty>
          )}
        </>
      );
    case "changes":
      return <Changes runId={run.id} patchSets={facts.patchSets} finished={finished} />;
    case "policy":
      return <PolicyPanel patchSet={facts.patchSets.at(-1)} />;
    case "gates":
      return <GatesPanel mode={run.mode} results={facts.gates} />;
    case "tests":
      return <TestsPanel tests={facts.tests} />;
    case "review":
      return modes[run.mode].product === "review" ? (
        <PullPanel runId={run.id} facts={facts} finished={finished} />
      ) : (
        <ReviewPanel reviews={facts.reviews} />
      );
    case "documents":
      return <DocumentsPanel artifacts={facts.artifacts} />;
    case "prompts":
      return <PromptsPanel prompts={facts.prompts} />;
    case "cost":
      return <CostPanel runId={run.id} turns={facts.turns} />;
    case "ledger":
      return <LedgerPanel runId={run.id} headSeq={headSeq} />;
  }
}

const labels: Record<TabName, string> = {
  transcript: "Transcript",
  approval: "Approval",
  changes: "Changes",
  policy: "Policy",
  gates: "Gates",
  tests: "Tests",
  review: "Review",
  documents: "Documents",
  prompts: "Prompts",
  ledger: "Ledger",
  cost: "Cost",
};

function tabOf(name: TabName, facts: Facts): Tab<TabName> {
  return { value: name, label: labels[name], badge: <TabBadge name={name} facts={facts} /> };
}

function TabBadge({ name, facts }: { name: TabName; facts: Facts }) {
  const newest = facts.patchSets.at(-1);
  const count = "tabular rounded-full bg-hover px-1.5 text-xs text-muted";
  if (name === "approval" && newest !== undefined && newest.approval === null)
    return <span aria-label="waits for you" role="img" className="size-1.5 rounded-full bg-amber" />;
  if (name === "changes" && newest !== undefined) return <span className={count}>{newest.patches.length}</span>;
  if (name === "policy" && newest !== undefined && newest.violations.length > 0) {
    const blocked = newest.violations.some((violation) => violation.severity === "BLOCK");
    return (
      <span
        className={`tabular rounded-full px-1.5 text-xs ${blocked ? "bg-red-soft text-red" : "bg-amber-soft text-amber"}`}
      >
        {newest.violations.length}
      </span>
    );
  }
  if (name === "review" && facts.proposal?.review !== null && facts.proposal?.review !== undefined)
    return <span className={count}>{facts.proposal.review.comments.length}</span>;
  if (name === "gates") {
    const results = Object.values(facts.gates);
    if (results.length === 0) return null;
    const passed = results.filter((result) => result.status === "pass").length;
    const counted = results.filter((result) => result.status !== "skipped").length;
    return (
      <span className={count}>
        {passed}/{counted}
      </span>
    );
  }
  return null;
}
