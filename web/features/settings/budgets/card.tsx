import { useQuery } from "@tanstack/react-query";
import type { ProjectBudget } from "../../../../contracts/budget.ts";
import type { Project } from "../../../../contracts/project.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { dollarsOf } from "../../../lib/dollars.ts";
import { formatCost, plural } from "../../../lib/format.ts";
import { isOpen } from "../../../lib/projects.ts";
import { projectBudgetQuery } from "../../../lib/queries.ts";
import { BudgetForm } from "./form.tsx";
import { monthWords, shareOf } from "./figures.ts";
import { Months } from "./months.tsx";

const tones = {
  none: { bar: "bg-line-strong", tag: "plain", word: "no budget" },
  ok: { bar: "bg-green", tag: "green", word: "within budget" },
  low: { bar: "bg-amber", tag: "amber", word: "over 80 %" },
  used: { bar: "bg-red", tag: "red", word: "used up" },
  unknown: { bar: "bg-red", tag: "red", word: "can’t be kept" },
} as const;

/** One project's month: spent, reserved and limit as a bar, the months before, and the form for who may change it. */
export function BudgetCard({ project }: { project: Project }) {
  const query = useQuery(projectBudgetQuery(project.id));
  const budget = query.data;
  return (
    <section aria-label={`Budget of ${project.name}`} className="rounded-xl border border-line bg-card px-4 py-3.5">
      <h2 className="flex flex-wrap items-center gap-2 font-semibold">
        {project.name}
        {!isOpen(project) && <Tag>archived</Tag>}
        {budget !== undefined && <Tag tone={tones[budget.now.state].tag}>{tones[budget.now.state].word}</Tag>}
      </h2>
      {budget === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} className="mt-3" />
        ) : (
          <Skeleton className="mt-3 h-28 w-full rounded-lg" />
        )
      ) : (
        <>
          <Month budget={budget} />
          <Months months={budget.months} />
          <BudgetForm project={project} budget={budget} />
        </>
      )}
    </section>
  );
}

function Month({ budget: { monthBudgetMicros: limit, now } }: { budget: ProjectBudget }) {
  const spent = shareOf(now.spentMicros, limit);
  const reserved = Math.min(1 - spent, shareOf(now.reservedMicros, limit));
  return (
    <div className="mt-2">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="tabular text-xl font-semibold">{formatCost(now.spentMicros)}</span>
        <span className="tabular text-muted">
          {limit === null ? `spent in ${monthWords(now.month)}` : `of ${dollarsOf(limit)} in ${monthWords(now.month)}`}
        </span>
        {now.reservedMicros > 0 && (
          <span className="tabular text-xs text-muted" title="The most that the calls under way may cost">
            {formatCost(now.reservedMicros)} reserved
          </span>
        )}
      </div>
      {limit !== null && (
        <div
          role="meter"
          aria-label="Spent of the budget"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(spent * 100)}
          className="relative mt-2 flex h-2 overflow-hidden rounded-full bg-active"
        >
          <span className={tones[now.state].bar} style={{ width: `${spent * 100}%` }} />
          <span className={cx(tones[now.state].bar, "opacity-35")} style={{ width: `${reserved * 100}%` }} />
          <span className="absolute inset-y-0 left-[80%] w-px bg-card" title="80 %: runs are warned" />
        </div>
      )}
      {now.unpricedCalls > 0 && (
        <p className={cx("mt-2 text-xs", now.state === "unknown" ? "text-red" : "text-muted")}>
          The cost of {plural(now.unpricedCalls, "call")} this month is unknown and in no sum.{" "}
          {now.state === "unknown" && "Set the budget again to go on without counting them, or lift it."}
        </p>
      )}
    </div>
  );
}
