import { useId } from "react";
import { limitNames, limitWords, type LimitName, type TypedLimits } from "../lib/limits.ts";
import { cx } from "./ui/cx.ts";

interface LimitFieldsProps {
  readonly typed: TypedLimits;
  readonly problems: Readonly<Partial<Record<LimitName, string>>>;
  readonly onChange: (name: LimitName, text: string) => void;
  readonly only?: readonly LimitName[];
  readonly readOnly?: boolean;
  /** The meaning of an empty field, where it isn't "no limit". */
  readonly empty?: Readonly<Partial<Record<LimitName, string>>>;
  readonly className?: string;
}

/** The limits of a run to fill in: cost, time, and what one stage may take. */
export function LimitFields(props: LimitFieldsProps) {
  const { className, empty = {}, onChange, only = limitNames, problems, readOnly = false, typed } = props;
  const id = useId();
  return (
    <div className={cx("grid gap-x-4 gap-y-3 sm:grid-cols-2", className)}>
      {only.map((name) => {
        const words = limitWords[name];
        const problem = problems[name];
        return (
          <div key={name} className="min-w-0">
            <label htmlFor={`${id}-${name}`} className="text-xs font-medium text-soft">
              {words.label}
            </label>
            <span
              className={cx(
                "mt-1 flex h-8 items-center gap-1.5 rounded-lg border bg-bg px-2.5 focus-within:border-lime-line",
                problem === undefined ? "border-line-strong" : "border-red-line",
              )}
            >
              {words.unit === "$" && (
                <span className="text-muted" aria-hidden>
                  $
                </span>
              )}
              <input
                id={`${id}-${name}`}
                value={typed[name]}
                readOnly={readOnly}
                inputMode="decimal"
                autoComplete="off"
                maxLength={20}
                placeholder={empty[name] ?? words.empty}
                aria-invalid={problem !== undefined}
                aria-describedby={`${id}-${name}-about`}
                onChange={(event) => onChange(name, event.target.value)}
                className="tabular w-full min-w-0 flex-1 bg-transparent focus-visible:outline-none"
              />
              {words.unit !== "$" && <span className="text-xs text-muted">{words.unit}</span>}
            </span>
            <p
              id={`${id}-${name}-about`}
              role={problem === undefined ? undefined : "alert"}
              className={cx("mt-0.5 text-xs", problem === undefined ? "text-muted" : "text-red")}
            >
              {problem ?? words.hint}
            </p>
          </div>
        );
      })}
    </div>
  );
}
