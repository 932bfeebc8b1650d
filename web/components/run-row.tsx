import { Link } from "@tanstack/react-router";
import type { Run } from "../../contracts/run.ts";
import { formatCost } from "../lib/format.ts";
import { modeLabels, stateLabel } from "../lib/words.ts";
import { ActorAvatar, StateDot, StateLabel } from "./ui/badges.tsx";
import { TimeAgo } from "./ui/time.tsx";

/** A run in a list: state, title, where, who, when, cost. The whole row is one link; `data-row` lets J and K find it. */
export function RunRow({ run }: { run: Run }) {
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: run.id }}
      data-row
      className="grid min-h-11 grid-cols-[auto_1fr_auto] items-center gap-x-3 border-b border-line px-3 py-2 -outline-offset-2 hover:bg-hover @xl:grid-cols-[9.5rem_1fr_auto] @4xl:grid-cols-[9.5rem_1fr_12rem_8rem_auto]"
    >
      <StateDot state={run.state} className="@xl:hidden" />
      <StateLabel state={run.state} className="hidden! text-xs @xl:inline-flex!" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{run.title}</span>
        <span className="block truncate text-xs text-muted @4xl:hidden">
          <span className="@xl:hidden">{stateLabel(run.state)} · </span>
          {run.repository.owner}/{run.repository.name} · {modeLabels[run.mode]}
        </span>
      </span>
      <span className="hidden truncate text-xs text-muted @4xl:block">
        {run.repository.owner}/{run.repository.name}
      </span>
      <span className="hidden truncate text-xs text-muted @4xl:block" title={run.model}>
        {modeLabels[run.mode]} · {run.provider === "anthropic" ? "Claude" : "Codex"}
      </span>
      <span className="flex items-center gap-3 text-xs text-muted">
        <span className="tabular hidden w-14 text-right @lg:block" title="Model cost">
          {formatCost(run.costMicros)}
        </span>
        <TimeAgo atMs={run.createdAtMs} className="w-18 text-right" />
        <ActorAvatar actor={run.startedBy} />
      </span>
    </Link>
  );
}
