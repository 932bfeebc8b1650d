import { useMutation } from "@tanstack/react-query";
import type { Plan } from "../../../../contracts/plan.ts";
import { api, bodyOf } from "../../../lib/api.ts";

/** The plan that waits, as a decision names it. */
export interface WaitingPlan {
  readonly hash: string;
  readonly baseCommit: string;
}

/** Puts a plan in the place of the one that it was made from. The same plan sent again is stored once. */
export function storePlan(runId: string, base: WaitingPlan, plan: Plan): Promise<WaitingPlan> {
  const body = { baseHash: base.hash, baseCommit: base.baseCommit, plan };
  return bodyOf(api.PUT("/api/runs/{id}/plan", { params: { path: { id: runId } }, body }));
}

/** Stores changes of the plan without a decision on it. */
export function useStorePlan(runId: string) {
  return useMutation({
    mutationFn: ({ base, plan }: { readonly base: WaitingPlan; readonly plan: Plan }) => storePlan(runId, base, plan),
  });
}
