import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import type { Run } from "../../../contracts/run.ts";
import { RunRow } from "../../components/run-row.tsx";
import { Failure } from "../../components/ui/notices.tsx";
import { SkeletonRows } from "../../components/ui/skeleton.tsx";
import { moveFocusIn } from "../../lib/hotkeys.ts";
import { runsQuery } from "../../lib/queries.ts";

/** Waiting for me, running now, recent: each only when it has something. */
export function RunLists() {
  const waiting = useQuery(runsQuery("waiting", 20));
  const active = useQuery(runsQuery("active", 10));
  const final = useQuery(runsQuery("final", 6));
  const lists = useRef<HTMLDivElement>(null);
  const all = [waiting, active, final];
  const failed = all.find((query) => query.isError && query.data === undefined);
  if (failed !== undefined) {
    return (
      <Failure error={failed.error} className="mt-10" onRetry={() => all.forEach((query) => void query.refetch())} />
    );
  }
  if (all.some((query) => query.isPending)) {
    return (
      <div className="mt-10">
        <SkeletonRows count={4} />
      </div>
    );
  }
  const nothing = all.every((query) => query.data?.length === 0);
  return (
    <div
      ref={lists}
      className="@container mt-10 flex flex-col gap-8"
      onKeyDown={(event) => {
        if (moveFocusIn(lists.current, "[data-row]", event.key)) event.preventDefault();
      }}
    >
      <RunSection title="Waiting for a person" filter="waiting" runs={waiting.data ?? []} />
      <RunSection title="Running now" filter="active" runs={active.data ?? []} />
      <RunSection title="Recent" filter="final" runs={final.data ?? []} />
      {nothing && (
        <p className="px-1 text-muted">
          Your runs will be listed here: what waits for you first, then what runs, then what is done.
        </p>
      )}
    </div>
  );
}

function RunSection({
  title,
  filter,
  runs,
}: {
  title: string;
  filter: "waiting" | "active" | "final";
  runs: readonly Run[];
}) {
  if (runs.length === 0) return null;
  return (
    <section aria-label={title}>
      <header className="flex items-baseline gap-2 border-b border-line px-1 pb-2">
        <h2 className="font-semibold">{title}</h2>
        {filter !== "final" && <span className="tabular text-muted">{runs.length}</span>}
        <Link to="/runs" search={{ state: filter }} className="ml-auto text-xs text-muted hover:text-text">
          All
        </Link>
      </header>
      {runs.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </section>
  );
}
