import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { ProjectBudget, SetProjectBudget } from "../../../../contracts/budget.ts";
import type { Project } from "../../../../contracts/project.ts";
import { LimitFields } from "../../../components/limit-fields.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { api, ApiError, bodyOf } from "../../../lib/api.ts";
import { plainDollars, readDollars } from "../../../lib/dollars.ts";
import { limitsInWords, readLimits, setLimitsOnly, typedLimits, type LimitName } from "../../../lib/limits.ts";
import { useProjectRefusal } from "../../../lib/me.ts";
import { projectBudgetQuery } from "../../../lib/queries.ts";

const mostDollars = 1_000_000;

function useSetBudget(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: SetProjectBudget) =>
      bodyOf(api.PUT("/api/projects/{id}/budget", { params: { path: { id: projectId } }, body: change })),
    onSuccess: (budget) => queryClient.setQueryData(projectBudgetQuery(projectId).queryKey, budget),
  });
}

/** Sets or lifts the month's budget, and folded below it the limits that runs begin with. A person who may not change them reads them. */
export function BudgetForm({ project, budget }: { project: Project; budget: ProjectBudget }) {
  const refusal = useProjectRefusal(project, "budget.update");
  const projectId = project.id;
  const mayChange = refusal === null;
  return (
    <div className="mt-4 flex flex-col gap-3 border-t border-line pt-3.5">
      {mayChange ? (
        <MonthForm projectId={projectId} budget={budget} />
      ) : (
        <p className="text-muted">Changing the budget: {refusal}</p>
      )}
      <RunLimitsForm projectId={projectId} budget={budget} mayChange={mayChange} />
    </div>
  );
}

function MonthForm({ projectId, budget: { monthBudgetMicros: limit } }: { projectId: string; budget: ProjectBudget }) {
  const [typed, setTyped] = useState(limit === null ? "" : plainDollars(limit));
  const [problem, setProblem] = useState<string | null>(null);
  const set = useSetBudget(projectId);
  const id = useId();
  const refused = set.error instanceof ApiError ? set.error.issueAt("monthBudgetMicros") : null;
  const said = problem ?? refused;
  return (
    <form
      className="flex flex-col gap-1"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const read = readDollars(typed, 0, mostDollars);
        setProblem("problem" in read ? read.problem : null);
        if ("micros" in read) set.mutate({ monthBudgetMicros: read.micros });
      }}
    >
      <label htmlFor={id} className="text-xs font-medium text-soft">
        All runs of a month may cost
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <span
          className={cx(
            "flex h-8 w-36 items-center gap-1 rounded-lg border bg-bg px-2.5 focus-within:border-lime-line",
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
            placeholder="No budget"
            aria-invalid={said !== null}
            aria-describedby={said === null ? undefined : `${id}-problem`}
            onChange={(event) => {
              setTyped(event.target.value);
              setProblem(null);
              set.reset();
            }}
            className="tabular w-full min-w-0 flex-1 bg-transparent focus-visible:outline-none"
          />
        </span>
        <Button type="submit" look="primary" busy={set.isPending && set.variables.monthBudgetMicros !== null}>
          Set budget
        </Button>
        {limit !== null && (
          <Button
            look="ghost"
            busy={set.isPending && set.variables.monthBudgetMicros === null}
            onClick={() => {
              setTyped("");
              setProblem(null);
              set.mutate({ monthBudgetMicros: null });
            }}
          >
            Lift it
          </Button>
        )}
        <Saved shown={set.isSuccess} />
      </div>
      {said !== null && (
        <p id={`${id}-problem`} role="alert" className="text-xs text-red">
          {said}
        </p>
      )}
      {set.isError && refused === null && <Failure error={set.error} kept="The budget is as before." />}
    </form>
  );
}

function RunLimitsForm({
  projectId,
  budget: { runLimits },
  mayChange,
}: {
  projectId: string;
  budget: ProjectBudget;
  mayChange: boolean;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(() => typedLimits(runLimits));
  const [problems, setProblems] = useState<Readonly<Partial<Record<LimitName, string>>>>({});
  const set = useSetBudget(projectId);
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-mx-1.5 flex min-h-7 items-center gap-1.5 rounded-md px-1.5 text-left hover:bg-hover"
      >
        <ChevronRight
          className={cx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
          aria-hidden
        />
        <span className="font-medium">Limits of each run</span>
        <span className="text-xs text-muted">{limitsInWords(runLimits) ?? "none, but 50 turns a stage"}</span>
      </button>
      {open && (
        <form
          className="mt-2 flex flex-col gap-3"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const read = readLimits(typed);
            setProblems("problems" in read ? read.problems : {});
            if ("limits" in read) set.mutate({ runLimits: setLimitsOnly(read.limits) });
          }}
        >
          <p className="text-muted">
            For runs that are started without limits of their own. A run under way keeps its own.
          </p>
          <LimitFields
            typed={typed}
            problems={problems}
            readOnly={!mayChange}
            onChange={(name, text) => {
              setTyped((before) => ({ ...before, [name]: text }));
              setProblems((before) => ({ ...before, [name]: undefined }));
              set.reset();
            }}
          />
          {mayChange && (
            <div className="flex items-center gap-2">
              <Button type="submit" look="primary" busy={set.isPending}>
                Set limits
              </Button>
              <Saved shown={set.isSuccess} />
            </div>
          )}
          {set.isError && <Failure error={set.error} kept="The limits are as before." />}
        </form>
      )}
    </div>
  );
}

function Saved({ shown }: { shown: boolean }) {
  return (
    <span role="status" className="flex items-center gap-1 text-xs text-green empty:hidden">
      {shown && (
        <>
          <Check className="size-3.5" aria-hidden />
          Saved
        </>
      )}
    </span>
  );
}
