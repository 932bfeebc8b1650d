import { Save } from "lucide-react";
import { useEffect } from "react";
import type { Plan } from "../../../../contracts/plan.ts";
import type { Run } from "../../../../contracts/run.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { Avatar } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { plural } from "../../../lib/format.ts";
import { useCan } from "../../../lib/me.ts";
import type { Proposal, RunNow } from "../model/now.ts";
import { planOf } from "../plan/draft.ts";
import { MadeTickets } from "../plan/made-tickets.tsx";
import { PlanPanel } from "../plan/plan-panel.tsx";
import { readPlan } from "../plan/read-plan.ts";
import { storePlan, useStorePlan } from "../plan/store-plan.ts";
import { forgetPlanDraft, usePlanDraft, type PlanEditor } from "../plan/use-plan-draft.ts";
import { DecisionCard, Fact, HashFact } from "./decision-card.tsx";
import type { PreparedApproval } from "./decision.tsx";

interface PlanCardProps {
  readonly run: Run;
  readonly now: RunNow;
  readonly proposal: Proposal;
}

/** The decision on a plan: these tickets, or some of them, as they are or as a person changes them. After a yes, the tickets that it made. */
export function PlanCard({ run, now, proposal }: PlanCardProps) {
  const plan = readPlan(now.view.artifacts.plan);
  return plan === null ? null : <KnownPlanCard run={run} now={now} proposal={proposal} plan={plan} />;
}

function KnownPlanCard({ run, now, proposal, plan }: PlanCardProps & { readonly plan: Plan }) {
  const { approval, baseCommit, hash } = proposal;
  const isOpen = now.state === "WAITING_APPROVAL" && approval === null;
  const mayChange = useCan("patch_set.decide");
  const editor = usePlanDraft(run.id, plan, hash);
  const isApproved = approval?.decision === "approve";
  useEffect(() => {
    if (isApproved) forgetPlanDraft(run.id);
  }, [isApproved, run.id]);
  const { plans, tickets } = now.history;
  const version = plans.at(-1);
  const agents =
    version === undefined || version.by === null ? null : (plans.findLast(({ by }) => by === null) ?? null);
  const repositories = chosenLanes(now.view).map(({ folder, name }) => (folder === "" ? name : folder));
  return (
    <DecisionCard
      run={run}
      title={now.view.artifacts.plan?.title ?? "The plan"}
      {...(version === undefined || version.artifact.version === 1
        ? {}
        : { aside: `version ${version.artifact.version}` })}
      hash={hash}
      baseCommit={baseCommit}
      approval={approval}
      open={isOpen}
      waiting={now.view.queue}
      approves="Approving creates the chosen items’ tickets, once."
      prepared={approvalOf(run.id, { hash, baseCommit }, editor)}
      facts={
        <>
          <HashFact hash={hash} />
          {version !== undefined && version.by !== null && (
            <Fact name="Changed by">
              <Avatar person={version.by} className="size-4.5" />
              {version.by.name}
              <TimeAgo atMs={version.atMs} className="text-muted" />
            </Fact>
          )}
        </>
      }
      text={
        <>
          <PlanPanel
            plan={plan}
            agents={readPlan(agents?.artifact)}
            editor={isOpen && mayChange ? editor : null}
            changedBy={version?.by?.name ?? null}
            repositories={repositories}
          />
          {isOpen && mayChange && <SaveChanges runId={run.id} base={{ hash, baseCommit }} editor={editor} />}
        </>
      }
      outcome={<MadeTickets projectId={run.projectId} plan={plan} tickets={tickets} />}
    />
  );
}

/** The approval of the chosen items as the person changed them: they are stored first, and then that plan is approved. */
function approvalOf(
  runId: string,
  waits: { readonly hash: string; readonly baseCommit: string },
  { draft, isEdited, isStale }: PlanEditor,
): PreparedApproval {
  const count = draft.items.filter(({ isChosen }) => isChosen).length;
  const all = draft.items.length;
  const refusal = isStale
    ? "Choose first between your changes and the newer plan."
    : count === 0
      ? "Choose at least one item."
      : null;
  return {
    label: count === all ? `Create ${plural(all, "ticket")}` : `Create ${count} of ${plural(all, "ticket")}`,
    refusal,
    prepare: async () =>
      count === all && !isEdited
        ? waits
        : storePlan(runId, { hash: draft.baseHash, baseCommit: waits.baseCommit }, planOf(draft, "chosen")),
  };
}

interface SaveChangesProps {
  readonly runId: string;
  readonly base: { readonly hash: string; readonly baseCommit: string };
  readonly editor: PlanEditor;
}

/** Stores the changes of all items without a decision, so that others see them. */
function SaveChanges({ runId, base, editor }: SaveChangesProps) {
  const store = useStorePlan(runId);
  if (!editor.isEdited && !store.isError) return null;
  return (
    <div className="mt-2 flex flex-col gap-2">
      {store.isError && <Failure error={store.error} kept="Your changes are kept on this page." />}
      {editor.isEdited && (
        <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
          <Button
            size="sm"
            busy={store.isPending}
            disabled={editor.isStale || editor.draft.items.length === 0}
            onClick={() => store.mutate({ base, plan: planOf(editor.draft, "all") })}
          >
            <Save className="size-3.5" aria-hidden />
            Save changes
          </Button>
          Your changes are on this page alone until you save or create them.
        </p>
      )}
    </div>
  );
}
