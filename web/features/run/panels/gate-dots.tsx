import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { cx } from "../../../components/ui/cx.ts";
import type { Gates } from "../model/lanes.ts";

const looks = {
  pass: [CircleCheck, "text-green", "passed"],
  fail: [CircleX, "text-red", "failed"],
  skipped: [CircleDashed, "text-muted", "skipped"],
} as const;

/** The gates that were evaluated, each with its mark; the names are left out where `compact`, and stay for screen readers. */
export function GateDots({ gates, compact = false }: { gates: Gates; compact?: boolean }) {
  return (
    <span className={cx("flex flex-wrap gap-y-1", compact ? "gap-x-0.5" : "gap-x-2")}>
      {Object.values(gates).map(({ gate, status }) => {
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
