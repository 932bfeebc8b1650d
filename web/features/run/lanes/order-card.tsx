import { ArrowDown, ArrowUp, Waypoints } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Run } from "../../../../contracts/run.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { useCan, useRefusal } from "../../../lib/me.ts";
import { moved } from "../model/choice.ts";
import { edgeWords, laneNames, listed, nameOf } from "../model/lane-names.ts";
import type { RunNow } from "../model/now.ts";
import { useOrderRepositories } from "./actions.ts";

/** Asks for the order of repositories that depend on each other, and shows the reasons. */
export function OrderCard({ run, now }: { run: Run; now: RunNow }) {
  const { history, view } = now;
  const names = laneNames(view.created);
  const refusal = useRefusal("run.choose_repositories");
  const mayResume = useCan(modes[run.mode].permissions.steer);
  const [order, setOrder] = useState<readonly string[]>(() => chosenLanes(view).map(({ id }) => id));
  const set = useOrderRepositories(run.id, mayResume);
  const move = (index: number, by: -1 | 1) => {
    set.reset();
    setOrder(moved(order, index, by));
  };
  return (
    <section
      aria-label="Order of the repositories"
      className="shrink-0 rounded-xl border border-amber-line bg-amber-soft px-3.5 py-3"
    >
      <h2 className="flex items-center gap-2 font-semibold">
        <Waypoints className="size-4.5 shrink-0 text-amber" aria-hidden />
        Order the repositories
      </h2>
      <p className="mt-0.5 text-soft">
        {listed(view.laneCycle.map((id) => nameOf(names, id)))} depend on each other, so a person says which pull
        request opens and is merged first.
      </p>
      {history.cycleEdges.length > 0 && (
        <ul className="mt-1 list-disc pl-5 text-xs text-soft">
          {history.cycleEdges.map((edge) => (
            <li key={`${edge.from} ${edge.to}`}>{edgeWords(names, edge)}</li>
          ))}
        </ul>
      )}
      <ol className="mt-2.5 overflow-hidden rounded-lg border border-line bg-card">
        {order.map((id, index) => (
          <li key={id} className="flex min-h-10 items-center gap-2 border-b border-line pr-1.5 pl-3 last:border-b-0">
            <span className="tabular w-4 text-xs text-muted">{index + 1}</span>
            <span className="min-w-0 flex-1 truncate">{nameOf(names, id)}</span>
            {refusal === null && (
              <>
                <MoveButton
                  label={`Move ${nameOf(names, id)} up`}
                  disabled={index === 0}
                  onClick={() => move(index, -1)}
                >
                  <ArrowUp className="size-4" aria-hidden />
                </MoveButton>
                <MoveButton
                  label={`Move ${nameOf(names, id)} down`}
                  disabled={index === order.length - 1}
                  onClick={() => move(index, 1)}
                >
                  <ArrowDown className="size-4" aria-hidden />
                </MoveButton>
              </>
            )}
          </li>
        ))}
      </ol>
      {set.isError && <Failure error={set.error} className="mt-2.5" />}
      {refusal === null ? (
        <Button
          look="primary"
          className="mt-2.5"
          busy={set.isPending || set.isSuccess}
          onClick={() => set.mutate(order)}
        >
          {mayResume ? "Use this order and resume" : "Use this order"}
        </Button>
      ) : (
        <p className="mt-2 text-muted">{refusal}</p>
      )}
    </section>
  );
}

interface MoveButtonProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function MoveButton({ label, disabled, onClick, children }: MoveButtonProps) {
  return (
    <Button look="ghost" size="icon" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      {children}
    </Button>
  );
}
