import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { cx } from "../../../components/ui/cx.ts";
import type { Gates } from "../model/lanes.ts";

const looks = {
  pass: [CircleCheck, "text-green", "passed"],
  fail: [CircleX, "text-red", "failed"],
  skipped: [CircleDashed, "text-muted", "skipped"],
} as const;

/** The gates that were evaluated, each with its mark; `compact` leaves the names to screen readers. Nothing before the first. */
export function GateDots({ gates, compact = false }: { gates: Gates; compact?: boolean }) {
  const results = Object.values(gates);
  if (results.length === 0) return null;
  return (
    <span className={cx("flex flex-wrap gap-y-1", compact ? "gap-x-0.5" : "gap-x-2")}>
      {results.map(({ gate, status }) => {
        const [Icon, tone, word] = looks[status];
        return (
          <span key={gate} className="inline-flex items-center gap-0.5 text-xs" title={`${gate} ${word}`}>
            <Icon className={cx("size-3.5", tone)} aria-label={compact ? `${gate} ${word}` : word} role="img" />
            {!compact && gate}
          </span>
        );
      })}
    </span>
  );
}
