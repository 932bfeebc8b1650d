import { CircleAlert, CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { cx } from "../../../components/ui/cx.ts";
import { gateOutcome, type GateOutcome } from "../model/gate-outcome.ts";
import type { Gates } from "../model/lanes.ts";

const looks = {
  passed: [CircleCheck, "text-green"],
  failed: [CircleX, "text-red"],
  "not proven": [CircleAlert, "text-amber"],
  skipped: [CircleDashed, "text-muted"],
  "not yet": [CircleDashed, "text-muted"],
} as const;

/** A gate's mark, named for screen readers. */
export function GateMark({
  outcome,
  label = outcome,
  className,
}: {
  outcome: GateOutcome | "not yet";
  label?: string;
  className?: string;
}) {
  const [Icon, tone] = looks[outcome];
  return <Icon className={cx(className, tone)} aria-label={label} role="img" />;
}

/** The gates that were evaluated, each with its mark; `compact` leaves the names to screen readers. Nothing before the first. */
export function GateDots({ gates, compact = false }: { gates: Gates; compact?: boolean }) {
  const results = Object.values(gates);
  if (results.length === 0) return null;
  return (
    <span className={cx("flex flex-wrap gap-y-1", compact ? "gap-x-0.5" : "gap-x-2")}>
      {results.map((result) => {
        const { gate } = result;
        const outcome = gateOutcome(result);
        return (
          <span key={gate} className="inline-flex items-center gap-0.5 text-xs" title={`${gate} ${outcome}`}>
            <GateMark outcome={outcome} className="size-3.5" {...(compact ? { label: `${gate} ${outcome}` } : {})} />
            {!compact && gate}
          </span>
        );
      })}
    </span>
  );
}
