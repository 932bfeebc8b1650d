import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheckBig, CircleSlash, Hand, OctagonX, type LucideIcon } from "lucide-react";
import type { Run, RunState } from "../../../../contracts/run.ts";
import { modes, type Mode } from "../../../../domain/run/modes.ts";
import { Button, buttonClass } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { useCan } from "../../../lib/me.ts";
import { projectBudgetQuery } from "../../../lib/queries.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import { budgetOf, waitsForBudget, waitsForTime } from "../model/budget.ts";
import { pullsAdvice } from "../model/delivery.ts";
import { laneApproval, type LaneView } from "../model/lanes.ts";
import { pullRequestOf, questionOf, type RunNow } from "../model/now.ts";
import { BudgetForm } from "./budget.tsx";
import { ClosePulls } from "./close-pull.tsx";
import { LimitsForm } from "./limits.tsx";
import { QuestionCard } from "./question.tsx";
import { Cause } from "../cause.tsx";
import { useRunAction } from "../run-action.ts";

interface Words {
  readonly icon: LucideIcon;
  readonly tone: string;
  readonly title: string;
  /** Null where it depends on the mode. */
  readonly advice: string | null;
}

const words: Partial<Record<RunState, Words>> = {
  DONE: {
    icon: CircleCheckBig,
    tone: "border-line bg-green-soft [&>svg]:text-green",
    title: "Done",
    advice: null,
  },
  FAILED: {
    icon: OctagonX,
    tone: "border-red-line bg-red-soft [&>svg]:text-red",
    title: "The run failed",
    advice: "The transcript and the ledger stay. Start again with what you learned, or with another model.",
  },
  NEEDS_HUMAN: {
    icon: Hand,
    tone: "border-amber-line bg-amber-soft [&>svg]:text-amber",
    title: "The run needs a person",
    advice: "Nothing is lost. When the cause is out of the way, resume: it goes on from where it stopped.",
  },
  CANCELLED: {
    icon: CircleSlash,
    tone: "border-line bg-card [&>svg]:text-muted",
    title: "Cancelled",
    advice: "All that the agent did is kept here to read. Start again when you like.",
  },
  DECLINED: {
    icon: CircleSlash,
    tone: "border-line bg-card [&>svg]:text-muted",
    title: "The agent declined",
    advice: "It saw no way to do what was asked. Say more, or ask for less.",
  },
  DEFERRED: {
    icon: CircleSlash,
    tone: "border-line bg-card [&>svg]:text-muted",
    title: "Deferred",
    advice: "It was put off. Start again when its time has come.",
  },
};

/** The run's end or the reason for its stop, the cause, and the next step. Empty while an agent works. */
export function Outcome({ run, now }: { run: Run; now: RunNow }) {
  const { permissions, product } = modes[run.mode];
  const maySteer = useCan(permissions.steer);
  const mayStart = useCan(permissions.start);
  const maySetLimits = useCan("run.set_limits");
  const { history, state, view } = now;
  const act = useRunAction(run.id);
  const said = words[state];
  if (said === undefined) return null;
  const question = questionOf(view);
  if (state === "NEEDS_HUMAN" && question !== null)
    return <QuestionCard key={question.callId} runId={run.id} mode={run.mode} question={question.question} />;
  const cause = view.cause ?? run.cause;
  const pullRequest = pullRequestOf(now, run);
  const posted = history.writes.find((write) => write.kind === "review")?.finished?.url ?? undefined;
  const outOfBudget = waitsForBudget(state, view);
  const outOfTime = !outOfBudget && waitsForTime(state, view, Date.now());
  const held = outOfBudget || outOfTime;
  const Icon = said.icon;
  const again = state === "FAILED" || state === "CANCELLED" || state === "DECLINED" || state === "DEFERRED";
  const isRejected = state === "FAILED" && now.lanes.some((lane) => laneApproval(lane)?.decision === "reject");
  return (
    <section
      aria-label="How it stands"
      className={cx(
        "flex shrink-0 flex-wrap items-start gap-x-3 gap-y-2 rounded-xl border px-3.5 py-3 [&>svg]:mt-0.5 [&>svg]:size-4.5 [&>svg]:shrink-0",
        said.tone,
      )}
    >
      <Icon aria-hidden />
      <div className="min-w-48 flex-1">
        <h2 className="font-semibold">{isRejected ? "Rejected" : said.title}</h2>
        {cause !== null && <Cause state={state} text={cause} />}
        <p className="mt-0.5 text-soft">{said.advice ?? doneAdvice(product, now.lanes)}</p>
      </div>
      {state === "DONE" && pullRequest !== null && (
        <a
          href={posted ?? pullRequest.url}
          target="_blank"
          rel="noopener noreferrer"
          className={buttonClass("primary", "sm")}
        >
          {posted === undefined ? `Open pull request #${pullRequest.number}` : "Open the review"}
        </a>
      )}
      {(state === "DONE" ? now.lanes.length > 1 : product === "patch_set") && <PullRequests lanes={now.lanes} />}
      {state === "NEEDS_HUMAN" && <ProjectBudgetLink projectId={run.projectId} />}
      {state === "NEEDS_HUMAN" && maySteer && !held && (
        <Button look="primary" size="sm" busy={act.isPending} onClick={() => act.send("resume")}>
          Resume
        </Button>
      )}
      {outOfBudget && maySetLimits && (
        <BudgetForm
          runId={run.id}
          budget={budgetOf(view)}
          spentMicros={view.costMicros}
          beside={
            <Button disabled title="Raise or remove the budget first">
              Resume
            </Button>
          }
        />
      )}
      {outOfTime && maySetLimits && (
        <LimitsForm runId={run.id} limits={view.limits} spentMicros={view.costMicros} only={["wallTimeMs"]} />
      )}
      {isFinal(state) && product === "patch_set" && <ClosePulls runId={run.id} lanes={now.lanes} />}
      {again && mayStart && (
        <Link
          to="/"
          search={run.ticketId === null ? { again: run.id } : { ticket: run.ticketId, mode: run.mode }}
          className={buttonClass("secondary", "sm")}
        >
          New run
        </Link>
      )}
    </section>
  );
}

/** Says where the product of a finished run is. */
function doneAdvice(product: Mode["product"], lanes: readonly LaneView[]): string {
  if (product === "plan") return "The plan’s tickets are on the board.";
  if (product === "review")
    return "The review is posted on the pull request, as a comment that neither approves nor refuses.";
  return pullsAdvice(lanes);
}

/** A link to each repository's pull request, in the order in which they are merged. */
function PullRequests({ lanes }: { lanes: readonly LaneView[] }) {
  if (lanes.every(({ pullRequest }) => pullRequest === null)) return null;
  return (
    <ol aria-label="Pull requests" className="flex flex-wrap gap-1.5">
      {lanes.map(
        ({ name, pullRequest, repositoryId }) =>
          pullRequest !== null && (
            <li key={repositoryId}>
              <a
                href={pullRequest.url}
                target="_blank"
                rel="noopener noreferrer"
                className={buttonClass("secondary", "sm")}
              >
                {name} #{pullRequest.number}
              </a>
            </li>
          ),
      )}
    </ol>
  );
}

/** A link to the project's budget, shown when that budget holds the run back. */
function ProjectBudgetLink({ projectId }: { projectId: string }) {
  const state = useQuery(projectBudgetQuery(projectId)).data?.now.state;
  if (state !== "used" && state !== "unknown") return null;
  return (
    <Link to="/settings/budgets" className={buttonClass("secondary", "sm")}>
      Project’s budget
    </Link>
  );
}
