import type { ProjectBudget } from "../../../../contracts/budget.ts";
import { cx } from "../../../components/ui/cx.ts";
import { formatCost } from "../../../lib/format.ts";
import { monthWords } from "./figures.ts";

/** The last twelve months as bars, the newest on the right; each shows its figure. */
export function Months({ months }: { months: ProjectBudget["months"] }) {
  const most = Math.max(...months.map(({ spentMicros }) => spentMicros));
  if (most === 0) return null;
  return (
    <ol className="mt-4 grid grid-cols-12 items-end gap-1" aria-label="Spent by month">
      {months.toReversed().map(({ month, spentMicros, unpricedCalls }, index) => {
        const said = `${monthWords(month)}: ${formatCost(spentMicros)}${unpricedCalls > 0 ? ` and ${unpricedCalls} of unknown cost` : ""}`;
        return (
          <li key={month} title={said} className="flex flex-col items-center gap-1">
            <span className="sr-only">{said}</span>
            <span aria-hidden className="flex h-10 w-full items-end">
              <span
                className={cx(
                  "w-full rounded-sm",
                  index === months.length - 1 ? "bg-lime" : spentMicros > 0 ? "bg-line-strong" : "bg-active",
                )}
                style={{ height: `${Math.max(4, (spentMicros / most) * 100)}%` }}
              />
            </span>
            <span aria-hidden className="text-[10px] text-muted">
              {monthWords(month, "short")}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
