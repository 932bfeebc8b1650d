import { CircleStop, GitPullRequest, LoaderCircle, Pause, RotateCcw } from "lucide-react";
import { useState } from "react";
import type { Run } from "../../../../contracts/run.ts";
import { StateLabel, Tag } from "../../../components/ui/badges.tsx";
import { modes } from "../../../../domain/run/modes.ts";
import { Button, buttonClass } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { formatCost, formatCount, plural } from "../../../lib/format.ts";
import { useCan } from "../../../lib/me.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { modeLabels, stateTone } from "../../../lib/words.ts";
import { budgetOf, waitsForBudget, waitsForTime } from "../model/budget.ts";
import { needsOrder } from "../model/choice.ts";
import { laneNames, listed, nameOf } from "../model/lane-names.ts";
import { pullRequestOf, questionOf, type RunNow } from "../model/now.ts";
import { useRunAction } from "../run-action.ts";
import { BudgetReadout } from "./budget.tsx";
import { Stepper } from "./stepper.tsx";

/** Title, state, steps and cost, and the actions on the run as a whole. */
export function RunHeader({ run, now }: { run: Run; now: RunNow }) {
  const { history, state, view } = now;
  const allowed = useCan(modes[run.mode].permissions.steer);
  const maySetLimits = useCan("run.set_limits");
  const pullRequest = pullRequestOf(now, run);
  const { costMicros: cost, inputTokens: input, outputTokens: output } = view.totalTurns > 0 ? view : run;
  const act = useRunAction(run.id);
  // A write that is under way is waited for, which the other browsers see too.
  const isAsked = view.cancelledBy !== undefined || (act.verb === "cancel" && (act.isPending || act.isSuccess));
  const cancelling = isAsked && !isFinal(state);
  const paused = view.paused && !isFinal(state);
  const budget = budgetOf(view);
  const changeable = maySetLimits && !isFinal(state);
  const [asking, setAsking] = useState(false);

  return (
    <header className="shrink-0 border-b border-line px-4 pt-3 pb-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 flex-1 basis-60 truncate text-lg font-semibold tracking-tight" title={run.title}>
          {run.title}
        </h1>
        <div className="flex items-center gap-2">
          {cancelling ? (
            <span className="inline-flex items-center gap-1.5 text-amber">
              <LoaderCircle className="size-3.5 animate-spin" aria-hidden />
              Cancelling
            </span>
          ) : (
            <span role="status" className="inline-flex items-center gap-2">
              {paused ? (
                <Tag tone="amber">Paused{history.pausedBy !== null && ` by ${history.pausedBy}`}</Tag>
              ) : (
                <StateLabel state={state} className="font-medium" />
              )}
            </span>
          )}
          {pullRequest !== null && (
            <a
              href={pullRequest.url}
              target="_blank"
              rel="noopener noreferrer"
              className={buttonClass("secondary", "sm")}
            >
              <GitPullRequest className="size-3.5" aria-hidden />#{pullRequest.number}
            </a>
          )}
          {((state === "NEEDS_HUMAN" &&
            questionOf(view) === null &&
            !needsOrder(view) &&
            !waitsForBudget(state, view) &&
            !waitsForTime(state, view, Date.now())) ||
            paused) &&
            allowed && (
              <Button
                look="primary"
                size="sm"
                busy={act.verb === "resume" && act.isPending}
                onClick={() => act.send("resume")}
              >
                <RotateCcw className="size-3.5" aria-hidden />
                Resume
              </Button>
            )}
          {stateTone(state) === "working" && !paused && allowed && (
            <Button
              size="sm"
              busy={act.verb === "pause" && act.isPending}
              onClick={() => act.send("pause")}
              title="Stop after the step under way"
            >
              <Pause className="size-3.5" aria-hidden />
              Pause
            </Button>
          )}
          {!isFinal(state) && allowed && (
            <Button size="sm" disabled={cancelling} onClick={() => setAsking(true)}>
              <CircleStop className="size-3.5" aria-hidden />
              Cancel
            </Button>
          )}
        </div>
      </div>
      <p className="mt-1 mb-2.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <Tag>{modeLabels[run.mode]}</Tag>
        <Repositories run={run} now={now} />
        <span aria-hidden className="hidden sm:inline">
          ·
        </span>
        <span>{run.model}</span>
        <span aria-hidden className="hidden sm:inline">
          ·
        </span>
        {budget === null && (
          <span className="tabular" title="Model cost so far">
            {formatCost(cost)}
          </span>
        )}
        <BudgetReadout runId={run.id} budget={budget} limits={view.limits} spentMicros={cost} changeable={changeable} />
        <span aria-hidden className="hidden sm:inline">
          ·
        </span>
        <span className="tabular" title="Tokens so far">
          {formatCount(input)} in, {formatCount(output)} out
        </span>
      </p>
      <Stepper mode={run.mode} visits={history.visits} />
      {act.isError && (
        <Failure
          error={act.error}
          kept="The run goes on as before."
          className="mt-2.5"
          onRetry={() => act.verb !== null && act.send(act.verb)}
        />
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this run?"
        description="The agent stops at once. What it did so far stays here to read; nothing more is written to GitHub."
        className="w-[min(27rem,calc(100vw-1.5rem))]"
      >
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={() => setAsking(false)}>
            Let it run
          </Button>
          <Button
            look="danger"
            autoFocus
            onClick={() => {
              setAsking(false);
              act.send("cancel");
            }}
          >
            Cancel the run
          </Button>
        </div>
      </Dialog>
    </header>
  );
}

/** The repositories that the run works on: one with its branch, several by name. */
function Repositories({ run, now }: { run: Run; now: RunNow }) {
  const names = laneNames(now.view.created);
  if (now.lanes.length > 1) {
    const all = listed(now.lanes.map(({ repositoryId }) => nameOf(names, repositoryId)));
    return (
      <span className="truncate" title={all}>
        {now.lanes.length > 3 ? plural(now.lanes.length, "repository", "repositories") : all}
      </span>
    );
  }
  const { name, owner } = now.lanes[0] ?? run.repository;
  const baseBranch = now.lanes[0]?.base.branch ?? run.repository.baseBranch;
  const pullRequest = pullRequestOf(now, run);
  return (
    <span className="truncate">
      {owner}/{name}
      <span aria-hidden> · </span>
      {modes[run.mode].start === "pull_request" && pullRequest !== null
        ? `${pullRequest.branch} into ${baseBranch}`
        : baseBranch}
    </span>
  );
}
