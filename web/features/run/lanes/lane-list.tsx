import {
  CircleAlert,
  CircleCheck,
  CircleDot,
  CircleX,
  GitPullRequest,
  LoaderCircle,
  Minus,
  ShieldAlert,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import type { RunState } from "../../../../contracts/run.ts";
import { cx } from "../../../components/ui/cx.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { plural } from "../../../lib/format.ts";
import { useCan } from "../../../lib/me.ts";
import { mayChangeRepositories } from "../model/choice.ts";
import { progressOf } from "../model/delivery.ts";
import {
  findingsOf,
  laneApproval,
  laneCi,
  lanePatchSet,
  laneWaits,
  sizeOf,
  type CiState,
  type LaneView,
} from "../model/lanes.ts";
import type { RunNow } from "../model/now.ts";
import { GateDots } from "../panels/gate-dots.tsx";
import { ChangeRepositories } from "./change-repositories.tsx";

interface LaneListProps {
  readonly runId: string;
  readonly now: RunNow;
  /** The repository whose lane the other panels show. */
  readonly selected: string;
  readonly onSelect: (repositoryId: string) => void;
}

/** The run's repositories, one a row, in the order in which their pull requests open. Nothing for a run that was given one. */
export function LaneList({ runId, now, selected, onSelect }: LaneListProps) {
  const { lanes, state, view } = now;
  const mayChange = useCan("run.choose_repositories") && mayChangeRepositories(view);
  if (view.lanes.length < 2) return null;
  const isPartial = lanes.length < view.lanes.length;
  return (
    <section aria-label="Repositories" className="@container shrink-0 rounded-xl border border-line bg-card">
      <header className="flex min-h-9 items-center gap-2 border-b border-line py-1 pr-1.5 pl-3 text-xs text-muted">
        <h2 className="min-w-0 flex-1">
          <span className="font-medium text-soft">
            {isPartial
              ? `${lanes.length} of ${plural(view.lanes.length, "repository", "repositories")}`
              : `${lanes.length} repositories`}
          </span>{" "}
          · {progressOf(lanes, view)}
        </h2>
        {mayChange && <ChangeRepositories runId={runId} view={view} />}
      </header>
      <ol className="divide-y divide-line overflow-hidden rounded-b-xl">
        {lanes.map((lane, index) => (
          <li
            key={lane.repositoryId}
            className={cx(
              "flex flex-wrap items-center gap-x-3 gap-y-0.5 pr-3 @lg:flex-nowrap",
              lane.repositoryId === selected ? "bg-active" : "hover:bg-hover",
            )}
          >
            <button
              type="button"
              aria-pressed={lane.repositoryId === selected}
              onClick={() => onSelect(lane.repositoryId)}
              className="flex min-w-0 flex-1 basis-48 items-center gap-2 py-1.5 pl-3 text-left -outline-offset-2"
            >
              <span className="tabular w-4 shrink-0 text-xs text-muted">{index + 1}</span>
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium" title={`${lane.owner}/${lane.name}`}>
                  {lane.name}
                </span>
                <span className="block truncate text-xs text-muted">{under(lane, lanes)}</span>
              </span>
            </button>
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-2 pl-9 text-xs @lg:shrink-0 @lg:flex-nowrap @lg:pb-0 @lg:pl-0">
              <Size lane={lane} />
              <GateDots gates={lane.gates} compact />
              <ApprovalMark lane={lane} state={state} />
              <CiMark ci={laneCi(lane)} isOver={lane.gates.G5 !== undefined} />
              {lane.pullRequest !== null && (
                <OutLink href={lane.pullRequest.url}>
                  <GitPullRequest className="size-3.5" aria-hidden />#{lane.pullRequest.number}
                </OutLink>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The second line of a row: the lane's status, and the pull requests that must be merged before its own. */
function under(lane: LaneView, lanes: readonly LaneView[]): string {
  const first = lanes.filter((other) => lane.dependsOn.includes(other.repositoryId)).map((other) => other.name);
  return first.length === 0 ? lane.stateText : `${lane.stateText}, after ${first.join(" and ")}`;
}

function Size({ lane }: { lane: LaneView }) {
  const patchSet = lanePatchSet(lane);
  if (patchSet === undefined) return <span className="text-muted">no changes yet</span>;
  const { additions, deletions, files } = sizeOf(patchSet);
  if (files === 0) return <span className="text-muted">no changes</span>;
  return (
    <span className="tabular whitespace-nowrap">
      <span className="text-muted">{plural(files, "file")}</span> <span className="text-green">+{additions}</span>{" "}
      <span className="text-red">−{deletions}</span>
    </span>
  );
}

function ApprovalMark({ lane, state }: { lane: LaneView; state: RunState }) {
  const patchSet = lanePatchSet(lane);
  const decision = laneApproval(lane)?.decision;
  if (decision === "approve") return <Mark icon={CircleCheck} tone="text-green" words="Approved" />;
  if (decision === "reject") return <Mark icon={CircleX} tone="text-red" words="Rejected" />;
  if (decision === "request_changes") return <Mark icon={CircleDot} tone="text-amber" words="Sent back" />;
  if (patchSet === undefined || patchSet.patches.length === 0) return null;
  if (findingsOf(patchSet).blocks > 0) return <Mark icon={ShieldAlert} tone="text-red" words="Policy blocks it" />;
  return laneWaits(lane, state) ? <Mark icon={CircleDot} tone="text-lime-text" words="Waits for you" /> : null;
}

const ciLooks: Readonly<Record<Exclude<CiState, "none">, readonly [LucideIcon, string, string]>> = {
  running: [LoaderCircle, "animate-spin text-lime-text", "CI is running"],
  passed: [CircleCheck, "text-green", "CI passed"],
  failed: [CircleX, "text-red", "CI failed"],
  asks: [CircleAlert, "text-amber", "CI waits for a person"],
};

function CiMark({ ci, isOver }: { ci: CiState; isOver: boolean }): ReactNode {
  if (ci === "none")
    return isOver ? <Mark icon={Minus} tone="text-muted" words="No checks are configured" shown="no CI" /> : null;
  const [icon, tone, words] = ciLooks[ci];
  return <Mark icon={icon} tone={tone} words={words} shown="CI" />;
}

function Mark({
  icon: Icon,
  tone,
  words,
  shown = words,
}: {
  icon: LucideIcon;
  tone: string;
  words: string;
  shown?: string;
}) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap" title={words}>
      <Icon
        className={cx("size-3.5", tone)}
        role="img"
        aria-label={shown === words ? undefined : words}
        aria-hidden={shown === words}
      />
      {shown}
    </span>
  );
}
