import { Check } from "lucide-react";
import type { RunMode } from "../../../../contracts/run.ts";
import { cx } from "../../../components/ui/cx.ts";
import { Elapsed } from "../../../components/ui/time.tsx";
import { formatDuration } from "../../../lib/format.ts";
import { stateTone } from "../../../lib/words.ts";
import type { Visit } from "../model/history.ts";
import { stepsOf, type Step } from "../model/steps.ts";

const statusWords = { ahead: "ahead", now: "now", passed: "passed", stopped: "stopped here" } as const;

/** The run's way from queue to done: the current step lit, time under each. */
export function Stepper({ mode, visits }: { mode: RunMode; visits: readonly Visit[] }) {
  const steps = stepsOf(mode, visits);
  const last = visits.at(-1);
  const waits = last !== undefined && stateTone(last.state) !== "working";
  const current = steps.findLast((step) => step.status !== "ahead");
  return (
    <>
      <ol aria-label="Steps of the run" className="flex min-w-0 items-stretch gap-1 sm:gap-3">
        {steps.map((step) => (
          <li
            key={step.id}
            aria-current={step.status === "now" ? "step" : undefined}
            className="flex min-w-0 flex-1 flex-col gap-1"
          >
            <span
              aria-hidden
              className={cx(
                "h-1 rounded-full",
                step.status === "now"
                  ? waits
                    ? "bg-lime"
                    : "bg-lime at-work"
                  : step.status === "passed"
                    ? "bg-soft"
                    : step.status === "stopped"
                      ? "bg-amber"
                      : "bg-active",
              )}
            />
            <span className="hidden min-w-0 items-center gap-1 text-xs sm:flex">
              {step.status === "passed" && <Check className="size-3 shrink-0 text-muted" aria-hidden />}
              <span
                aria-hidden
                className={cx(
                  "truncate",
                  step.status === "now"
                    ? "font-semibold text-lime-text"
                    : step.status === "ahead"
                      ? "text-muted"
                      : "text-soft",
                )}
              >
                {step.label}
              </span>
              <StepTime step={step} />
            </span>
            <span className="sr-only">
              {step.label}: {statusWords[step.status]}
            </span>
          </li>
        ))}
      </ol>
      {current !== undefined && (
        <p aria-hidden className="mt-1.5 flex items-center gap-1.5 text-xs sm:hidden">
          <span className={cx("font-medium", current.status === "now" && "text-lime-text")}>{current.label}</span>
          <span className="text-muted">
            step {steps.indexOf(current) + 1} of {steps.length}
          </span>
          <StepTime step={current} />
        </p>
      )}
    </>
  );
}

function StepTime({ step }: { step: Step }) {
  const title = step.times > 1 ? `${step.times} times` : undefined;
  if (step.sinceMs !== null) {
    return (
      <span className="tabular ml-auto text-muted" title={title}>
        <Elapsed sinceMs={step.sinceMs - step.spentMs} />
      </span>
    );
  }
  if (step.spentMs === 0) return null;
  return (
    <span className="tabular ml-auto text-muted" title={title}>
      {formatDuration(step.spentMs)}
    </span>
  );
}
