import { Wallet } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { Popover } from "../../../components/ui/popover.tsx";
import { ApiError } from "../../../lib/api.ts";
import { dollarsOf, plainDollars, readDollars } from "../../../lib/dollars.ts";
import { formatCost } from "../../../lib/format.ts";
import { limitsInWords } from "../../../lib/limits.ts";
import type { AllRunLimits } from "../../../../contracts/run.ts";
import type { Budget } from "../model/budget.ts";
import { useSetLimits } from "../steering.ts";
import { LimitsForm } from "./limits.tsx";

const tones = { ok: "text-muted", low: "text-amber", used: "text-red" } as const;

interface BudgetReadoutProps {
  readonly runId: string;
  readonly budget: Budget | null;
  readonly limits: AllRunLimits;
  /** Null when the cost so far isn't known. */
  readonly spentMicros: number | null;
  /** True when the reader may change the limit and the run hasn't ended. */
  readonly changeable: boolean;
}

/** The spent part of the run's budget, as a ring and figures; it opens to set, raise or remove the limit where that is allowed. */
export function BudgetReadout({ runId, budget, limits, spentMicros, changeable }: BudgetReadoutProps) {
  const [open, setOpen] = useState(false);
  const shown =
    budget === null ? (
      <>
        <Wallet className="size-3.5" aria-hidden />
        {limitsInWords(limits) ?? "Set limits"}
      </>
    ) : (
      <>
        <Ring share={budget.share ?? 1} />
        <span className="tabular">
          {budget.spentMicros === null ? "unknown" : formatCost(budget.spentMicros)} of {dollarsOf(budget.limitMicros)}
        </span>
        {budget.tone !== "ok" && <span>{budget.tone === "low" ? "budget runs low" : "budget used up"}</span>}
      </>
    );
  const look = cx("inline-flex items-center gap-1.5", budget === null ? "text-muted" : tones[budget.tone]);
  if (!changeable) {
    return budget === null && limitsInWords(limits) === null ? null : (
      <span className={look} title={budget === null ? "Limits of this run" : "Spent of the budget"}>
        {shown}
      </span>
    );
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Limits of this run"
      className="w-[min(27rem,calc(100vw-1rem))]"
      trigger={
        <button
          type="button"
          className={cx(look, "-mx-1 h-6 rounded-md px-1 hover:bg-hover hover:text-text data-[state=open]:bg-hover")}
          title={budget === null ? "Limit what this run may use up" : "Spent of the budget; change the limits"}
        >
          {shown}
        </button>
      }
    >
      <h2 className="font-semibold">Limits of this run</h2>
      <p className="mt-0.5 mb-3 text-muted">
        When one is reached the run stops and waits; nothing is lost. Raise it, and resume goes on.
      </p>
      <LimitsForm runId={runId} limits={limits} spentMicros={spentMicros} onDone={() => setOpen(false)} />
    </Popover>
  );
}

function Ring({ share }: { share: number }) {
  const around = 2 * Math.PI * 5;
  return (
    <svg viewBox="0 0 14 14" className="size-3.5 -rotate-90" fill="none" strokeWidth="2.5" aria-hidden>
      <circle cx="7" cy="7" r="5" stroke="var(--line-strong)" />
      <circle cx="7" cy="7" r="5" stroke="currentcolor" strokeDasharray={`${share * around} ${around}`} />
    </svg>
  );
}

interface BudgetFormProps {
  readonly runId: string;
  readonly budget: Budget | null;
  readonly spentMicros: number | null;
  readonly onDone?: () => void;
  /** Shown in the same line, after the buttons. */
  readonly beside?: ReactNode;
}

/** Sets, raises or removes the cost limit. A refusal of the server shows here, and the typed value stays. */
export function BudgetForm({ runId, budget, spentMicros, onDone, beside }: BudgetFormProps) {
  const [typed, setTyped] = useState(budget === null ? "" : plainDollars(budget.limitMicros));
  const [problem, setProblem] = useState<string | null>(null);
  const set = useSetLimits(runId);
  const id = useId();
  const refused = set.error instanceof ApiError ? set.error.issueAt("costMicros") : null;
  const said = problem ?? refused;
  const send = (costMicros: number | null) =>
    set.mutate({ costMicros }, onDone === undefined ? {} : { onSuccess: onDone });
  return (
    <form
      className="flex min-w-0 flex-col gap-1.5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const read = readDollars(typed, spentMicros ?? 0);
        setProblem("problem" in read ? read.problem : null);
        if ("micros" in read) send(read.micros);
      }}
    >
      <label htmlFor={id} className="text-xs font-medium text-soft">
        {budget === null ? "It may cost" : budget.tone === "used" ? "Raise it to" : "Change it to"}
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <span
          className={cx(
            "flex h-8 w-28 items-center gap-1 rounded-lg border bg-bg px-2.5 focus-within:border-lime-line",
            said === null ? "border-line-strong" : "border-red-line",
          )}
        >
          <span className="text-muted" aria-hidden>
            $
          </span>
          <input
            id={id}
            value={typed}
            inputMode="decimal"
            autoComplete="off"
            maxLength={20}
            placeholder="5.00"
            aria-label="Budget in dollars"
            aria-invalid={said !== null}
            aria-describedby={said === null ? undefined : `${id}-problem`}
            onChange={(event) => {
              setTyped(event.target.value);
              setProblem(null);
            }}
            className="tabular min-w-0 flex-1 bg-transparent focus-visible:outline-none"
          />
        </span>
        <Button type="submit" look="primary" busy={set.isPending && set.variables.costMicros !== null}>
          {budget === null ? "Set" : budget.tone === "used" ? "Raise" : "Change"}
        </Button>
        {budget !== null && (
          <Button look="ghost" busy={set.isPending && set.variables.costMicros === null} onClick={() => send(null)}>
            Remove limit
          </Button>
        )}
        {beside}
      </div>
      {said !== null && (
        <p id={`${id}-problem`} role="alert" className="text-xs text-red">
          {said}
        </p>
      )}
      {set.isError && refused === null && <Failure error={set.error} kept="The limit is as before." />}
    </form>
  );
}
