import { Plus, Undo2 } from "lucide-react";
import { useState } from "react";
import type { Plan } from "../../../../contracts/plan.ts";
import { planLimits } from "../../../../contracts/plan-names.ts";
import { Button } from "../../../components/ui/button.tsx";
import { TabPanel, Tabs } from "../../../components/ui/tabs.tsx";
import { draftOf } from "./draft.ts";
import { added, countWords } from "./edits.ts";
import type { PlanRepositories } from "./item-details.tsx";
import { PlanGraph } from "./plan-graph.tsx";
import { PlanTree } from "./plan-tree.tsx";
import type { PlanEditor } from "./use-plan-draft.ts";

interface PlanPanelProps {
  /** The plan that waits. */
  readonly plan: Plan;
  /** The plan as the agent wrote it, where a person has changed it since. */
  readonly agents: Plan | null;
  /** Null: the plan can only be read. */
  readonly editor: PlanEditor | null;
  /** The person whose plan waits; null where it is the agent's. */
  readonly changedBy: string | null;
  readonly repositories: PlanRepositories;
}

type View = "tree" | "graph" | "agent";

/** A plan as tree and graph; a person who may approve it changes it here. */
export function PlanPanel({ plan, agents, editor, changedBy, repositories }: PlanPanelProps) {
  const [view, setView] = useState<View>("tree");
  const items = editor?.draft.items ?? draftOf(plan, "").items;
  const chosen = items.filter(({ isChosen }) => isChosen);
  const tabs = [
    { value: "tree", label: "Tree" },
    { value: "graph", label: "Graph" },
    ...(agents === null ? [] : [{ value: "agent", label: "The agent’s version" } as const]),
  ] as const;
  const shown = tabs.some(({ value }) => value === view) ? view : "tree";
  return (
    <div className="mt-2.5 rounded-lg border border-line">
      {editor?.isStale === true && (
        <Stale plan={plan} editor={editor} changedBy={changedBy} repositories={repositories} />
      )}
      <Tabs label="The plan as" value={shown} tabs={tabs} onChange={setView}>
        <TabPanel
          value={shown}
          className="max-h-[46vh] min-h-24 overflow-auto p-1.5 lg:max-h-[max(14rem,calc(100vh-34rem))]"
        >
          {shown === "tree" && (
            <PlanTree items={items} editor={editor} repositories={repositories} label="Items of the plan" keys={keys} />
          )}
          {shown === "graph" && <PlanGraph items={items} />}
          {shown === "agent" && agents !== null && (
            <PlanTree
              items={draftOf(agents, "").items}
              editor={null}
              repositories={repositories}
              label="Items of the plan as the agent wrote it"
            />
          )}
        </TabPanel>
      </Tabs>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-2.5 py-1.5 text-xs text-muted">
        <span>{countWords(chosen) || "Nothing is chosen"}</span>
        {editor !== null && <Tools editor={editor} />}
      </div>
      {editor?.removal !== null && editor?.removal !== undefined && (
        <p role="status" className="flex items-center gap-2 border-t border-line px-2.5 py-1.5 text-sm">
          <span className="min-w-0 flex-1 truncate">{editor.removal}</span>
          <Button size="sm" onClick={editor.undo}>
            Undo
          </Button>
        </p>
      )}
    </div>
  );
}

const keys =
  "Up and down walk, left and right fold. Enter edits the title, Space chooses, E opens the details, N adds, Delete removes, Control and Z takes back.";

function Tools({ editor }: { editor: PlanEditor }) {
  const { items } = editor.draft;
  const isFull = items.length >= planLimits.items;
  return (
    <>
      {!editor.draft.isTouched && (
        <span aria-hidden className="hidden min-w-0 flex-1 truncate @lg:inline" title={keys}>
          ↑↓ walk · Space choose · Enter title · E details · Del remove
        </span>
      )}
      <span className="ml-auto flex items-center gap-1">
        {editor.undo !== undefined && (
          <Button size="sm" look="ghost" onClick={editor.undo}>
            <Undo2 className="size-3.5" aria-hidden />
            Undo
          </Button>
        )}
        {editor.draft.isTouched && (
          <Button size="sm" look="ghost" onClick={editor.discard}>
            Discard changes
          </Button>
        )}
        <Button
          size="sm"
          look="ghost"
          disabled={isFull}
          title={isFull ? `A plan has at most ${planLimits.items} items` : undefined}
          onClick={() => editor.apply(added(items, epicOf(items))?.items ?? items)}
        >
          <Plus className="size-3.5" aria-hidden />
          Add a story
        </Button>
      </span>
    </>
  );
}

/** The epic that a new story belongs to, where the plan has one alone. */
function epicOf(items: PlanEditor["draft"]["items"]): string | null {
  const epics = items.filter(({ type }) => type === "epic");
  return epics.length === 1 ? (epics[0]?.key ?? null) : null;
}

/** Another plan waits than the one that the person's changes were made from: theirs are kept, and the person chooses. */
function Stale({
  plan,
  editor,
  changedBy,
  repositories,
}: Omit<PlanPanelProps, "agents" | "editor"> & { editor: PlanEditor }) {
  const [isShown, setShown] = useState(false);
  const who = changedBy === null ? "The planner has made a newer plan" : `${changedBy} changed the plan`;
  return (
    <div role="alert" className="rounded-t-lg border-b border-amber-line bg-amber-soft px-3 py-2">
      <p className="text-amber">
        {who} while you worked on it. Your changes are kept below and are not stored: put them in its place, or go on
        from the newer plan.
      </p>
      <div className="mt-1.5 flex flex-wrap gap-1.5">
        <Button size="sm" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? "Hide the newer plan" : "Look at the newer plan"}
        </Button>
        <Button size="sm" onClick={editor.discard}>
          Go on from the newer plan
        </Button>
        <Button size="sm" onClick={editor.keepMine}>
          Use mine in its place
        </Button>
      </div>
      {isShown && (
        <div className="mt-2 max-h-56 overflow-auto rounded-lg border border-line bg-card p-1.5">
          <PlanTree
            items={draftOf(plan, "").items}
            editor={null}
            repositories={repositories}
            label="Items of the newer plan"
          />
        </div>
      )}
    </div>
  );
}
