import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Run, RunState } from "../../contracts/run.ts";
import { runsQuery } from "../lib/queries.ts";
import { toast } from "../lib/toast.ts";
import { stateLabel } from "../lib/words.ts";

const worthTelling: readonly RunState[] = [
  "WAITING_APPROVAL",
  "NEEDS_HUMAN",
  "BLOCKED_POLICY",
  "DONE",
  "FAILED",
  "DECLINED",
];

/** Runs whose state is new since `known` and worth a word. The first look at a run only notes it. */
export function newlyWorthTelling(known: ReadonlyMap<string, RunState>, runs: readonly Run[]): readonly Run[] {
  return runs.filter((run) => {
    const before = known.get(run.id);
    return before !== undefined && before !== run.state && worthTelling.includes(run.state);
  });
}

/** Shows a toast when a run that isn't on the screen needs a person's attention. */
export function useRunWatch(): void {
  const router = useRouter();
  const { data: runs } = useQuery(runsQuery("all", 12));
  const known = useRef(new Map<string, RunState>());
  useEffect(() => {
    if (runs === undefined) return;
    const news = newlyWorthTelling(known.current, runs);
    for (const run of runs) known.current.set(run.id, run.state);
    for (const run of news) {
      const path = `/runs/${run.id}`;
      if (router.state.location.pathname === path || router.state.location.pathname === "/") continue;
      toast({
        id: `run-${run.id}`,
        title: stateLabel(run.state),
        detail: run.title,
        action: { label: "Open", run: () => void router.navigate({ to: "/runs/$runId", params: { runId: run.id } }) },
      });
    }
  }, [runs, router]);
}
