import { Wallet } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Dialog } from "../../components/ui/dialog.tsx";
import { dollarsOf, plainDollars, readDollars } from "../../lib/dollars.ts";
import { Chip } from "./chip.tsx";

interface BudgetChipProps {
  /** Millionths of a dollar; null for no limit. */
  readonly value: number | null;
  readonly error: string | null;
  readonly onChange: (value: number | null) => void;
}

/** What the run may cost: nothing chosen means no limit. */
export function BudgetChip({ value, error, onChange }: BudgetChipProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const show = () => {
    setTyped(value === null ? "" : plainDollars(value));
    setProblem(null);
    setOpen(true);
  };
  const choose = (next: number | null) => {
    onChange(next);
    setOpen(false);
  };
  const submit = () => {
    const read = readDollars(typed);
    if ("micros" in read) choose(read.micros);
    else setProblem(read.problem);
  };
  const shown = value === null ? "No budget" : `Up to ${dollarsOf(value)}`;
  return (
    <span className="flex max-w-full flex-col">
      <Chip icon={<Wallet aria-hidden />} error={error} aria-label={`Budget: ${shown}`} title="Budget" onClick={show}>
        <span className="truncate">{value === null ? "Budget" : shown}</span>
      </Chip>
      {error !== null && (
        <span role="alert" className="px-2 pt-0.5 text-xs text-red">
          {error}
        </span>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Budget"
        description="What the run may cost. When it is used up the run stops and waits for you; nothing is lost."
        className="w-[min(26rem,calc(100vw-1.5rem))]"
      >
        <div className="flex flex-col gap-3">
          <div>
            <label htmlFor={id} className="sr-only">
              Budget in dollars
            </label>
            <span
              className={cx(
                "flex h-9 items-center gap-1.5 rounded-lg border bg-bg px-3 focus-within:border-lime-line",
                problem === null ? "border-line-strong" : "border-red-line",
              )}
            >
              <span className="text-muted" aria-hidden>
                $
              </span>
              <input
                id={id}
                value={typed}
                autoFocus
                inputMode="decimal"
                autoComplete="off"
                placeholder="5.00"
                maxLength={20}
                aria-invalid={problem !== null}
                aria-describedby={problem === null ? undefined : `${id}-problem`}
                onChange={(event) => {
                  setTyped(event.target.value);
                  setProblem(null);
                }}
                onKeyDown={(event) => {
                  if (event.key !== "Enter") return;
                  event.preventDefault();
                  submit();
                }}
                className="tabular min-w-0 flex-1 bg-transparent focus-visible:outline-none"
              />
            </span>
            {problem !== null && (
              <p id={`${id}-problem`} role="alert" className="mt-1 text-xs text-red">
                {problem}
              </p>
            )}
          </div>
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={() => choose(null)}>
              No limit
            </Button>
            <Button look="primary" onClick={submit}>
              Use this budget
            </Button>
          </div>
        </div>
      </Dialog>
    </span>
  );
}
