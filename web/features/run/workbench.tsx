import { getRouteApi } from "@tanstack/react-router";
import { Stamp } from "lucide-react";
import { useSyncExternalStore } from "react";
import type { Run } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { Empty } from "../../components/ui/notices.tsx";
import { Tabs, TabPanel } from "../../components/ui/tabs.tsx";
import { isFinal } from "../../lib/vocabulary.ts";
import { stateTone } from "../../lib/words.ts";
import { Composer } from "./composer.tsx";
import { Changes } from "./changes/changes.tsx";
import { CostPanel } from "./cost/panel.tsx";
import { LedgerPanel } from "./ledger/panel.tsx";
import { laneNames } from "./model/lane-names.ts";
import { laneAt, lanePatchSet, type LaneView } from "./model/lanes.ts";
import { documentsOf, proposalOf, type RunNow } from "./model/now.ts";
import { DocumentsPanel } from "./panels/documents.tsx";
import { GatesPanel } from "./panels/gates.tsx";
import { PolicyPanel } from "./panels/policy.tsx";
import { PromptsPanel } from "./panels/prompts.tsx";
import { ReviewPanel } from "./panels/review.tsx";
import { TestsPanel } from "./panels/tests.tsx";
import { VersionsPanel } from "./panels/versions.tsx";
import { PullPanel } from "./review/pull-panel.tsx";
import { SplitPane } from "./split-pane.tsx";
import { StatusCards } from "./status-cards.tsx";
import { useRunNow, useRunPage, type RunStore } from "./store.ts";
import { TabBadge, tabLabels, tabNames, type TabName } from "./tab-badge.tsx";
import { Transcript } from "./transcript/transcript.tsx";

const route = getRouteApi("/shell/runs/$runId");

/** The proposal of a run by its product, in a sentence. */
const proposals = { patch_set: "a patch set", plan: "a plan", review: "its review" };
/** Tabs that stay empty for a run without a patch set. */
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
    <SplitPane
      left={<TranscriptPane run={run} store={store} />}
      right={<Panels run={run} store={store} narrow={false} />}
    />
  );
}

/** The tabs that this run has something to show in. */
function offeredTabs(run: Run, { view }: RunNow, hasDocuments: boolean, narrow: boolean): readonly TabName[] {
  const isOffered = (name: TabName): boolean => {
    if (modes[run.mode].product === "review" && patchSetTabs.includes(name)) return false;
    if (name === "documents") return hasDocuments;
    if (name === "versions") return view.packages.length > 0;
    return narrow || (name !== "transcript" && name !== "approval");
  };
  return tabNames.filter(isOffered);
}

function firstTab(run: Run, now: RunNow, hasDocuments: boolean, narrow: boolean): TabName {
  if (narrow) return stateTone(now.state) === "working" ? "transcript" : "approval";
  const { product } = modes[run.mode];
  if (product === "review") return "review";
  return product === "plan" && hasDocuments ? "documents" : "changes";
}

function Panels({ run, store, narrow }: { run: Run; store: RunStore; narrow: boolean }) {
  const now = useRunNow(run, store);
  const headSeq = useRunPage(store, (page) => page.lastSeq);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const hasDocuments = documentsOf(now.view).some(({ kind }) => kind !== "review" && kind !== "test_report");
  const offered = offeredTabs(run, now, hasDocuments, narrow);
  const chosen = offered.find((name) => name === search.tab) ?? firstTab(run, now, hasDocuments, narrow);
  const lane = laneAt(now.lanes, search.lane);
  const onLane = (repositoryId: string) =>
    void navigate({ search: (before) => ({ ...before, lane: repositoryId }), replace: true });
  return (
    <div className="flex h-full min-h-0 flex-1 flex-col">
      {!narrow && (
        <StatusCards
          run={run}
          now={now}
          lane={lane}
          onLane={onLane}
          // A plan is read and changed in its card; its document below says the same.
          className={`shrink-0 ${modes[run.mode].product === "plan" ? "max-h-[88%]" : "max-h-[68%]"}`}
        />
      )}
      <Tabs
        label="About the run"
        value={chosen}
        tabs={offered.map((name) => ({
          value: name,
          label: tabLabels[name],
          badge: <TabBadge name={name} now={now} lane={lane} />,
        }))}
        onChange={(tab) => void navigate({ search: (before) => ({ ...before, tab }), replace: true })}
        className="flex-1"
      >
        <TabPanel value={chosen} className="overflow-hidden">
          <PanelBody name={chosen} run={run} store={store} now={now} lane={lane} onLane={onLane} headSeq={headSeq} />
        </TabPanel>
      </Tabs>
    </div>
  );
}

/** The transcript, with the place to write to the agent under it. */
function TranscriptPane({ run, store }: { run: Run; store: RunStore }) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1">
        <Transcript store={store} />
      </div>
      <Composer run={run} store={store} />
    </div>
  );
}

interface PanelBodyProps {
  readonly name: TabName;
  readonly run: Run;
  readonly store: RunStore;
  readonly now: RunNow;
  readonly lane: LaneView | undefined;
  readonly onLane: (repositoryId: string) => void;
  readonly headSeq: number;
}

const none: readonly never[] = [];

function PanelBody({ name, run, store, now, lane, onLane, headSeq }: PanelBodyProps) {
  const finished = isFinal(now.state);
  switch (name) {
    case "transcript":
      return <TranscriptPane run={run} store={store} />;
    case "approval":
      return (
        <>
          <StatusCards run={run} now={now} lane={lane} onLane={onLane} className="max-h-full" />
          {lanePatchSet(lane) === undefined && proposalOf(now.view) === null && (
            <Empty icon={<Stamp aria-hidden />} title="Nothing to approve">
              When the agent proposes {proposals[modes[run.mode].product]}, you decide on it here. Nothing is written to
              GitHub before.
            </Empty>
          )}
        </>
      );
    case "changes":
      return (
        <Changes key={lane?.repositoryId ?? ""} runId={run.id} patchSets={lane?.versions ?? none} finished={finished} />
      );
    case "policy":
      return <PolicyPanel patchSet={lanePatchSet(lane)} />;
    case "versions":
      return <VersionsPanel packages={now.view.packages} names={laneNames(now.view.created)} />;
    case "gates":
      return <GatesPanel mode={run.mode} results={lane?.gates ?? {}} />;
    case "tests":
      return <TestsPanel tests={lane?.tests ?? none} />;
    case "review":
      return modes[run.mode].product === "review" ? (
        <PullPanel runId={run.id} now={now} finished={finished} />
      ) : (
        <ReviewPanel reviews={now.history.reviews} />
      );
    case "documents":
      return <DocumentsPanel artifacts={documentsOf(now.view)} />;
    case "prompts":
      return <PromptsPanel prompts={now.history.prompts} />;
    case "cost":
      return <CostPanel runId={run.id} turns={now.view.totalTurns} />;
    case "ledger":
      return <LedgerPanel runId={run.id} headSeq={headSeq} />;
  }
}
