import { isFinal } from "../../../contracts/run.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { planHash } from "../../patch-set/plan-hash.ts";
import { planArtifact } from "../../plan/artifact.ts";
import { planProblem } from "../../plan/check.ts";
import { chosenLanes } from "../lanes.ts";
import { modes } from "../modes.ts";
import type { RunView } from "../view.ts";
import { refuse, type CommandOf, type Decide, type Refusal } from "./command.ts";

/**
 * Puts a person's plan in the place of the one that waits for approval: it becomes the plan's next version and the proposal, with a hash of
 * its own, so the plan before can't be approved any more. Refused with `conflict` where it was made from another plan than the one that waits.
 */
export const revisePlan: Decide<"revise_plan"> = (view, command) => {
  const refusal = refuseRevision(view, command);
  if (refusal !== undefined) return refusal;
  const { baseCommit, baseHash, by, plan, role, sessionId } = command;
  const version = (view.artifacts.plan?.version ?? 0) + 1;
  const hash = planHash(baseCommit, plan);
  const events: readonly NewRunEvent[] = [
    { type: "artifact.created", data: { ...planArtifact(plan), version } },
    { type: "proposal.made", data: { kind: "plan", hash, baseCommit, review: null } },
    { type: "plan.revised", data: { baseHash, hash, version, by, role, sessionId: String(sessionId) } },
  ];
  return { ok: true, events };
};

/** Whether the plan that waits is this one already: it changes nothing, or the same change was taken before. */
export function isRevised(
  { planRevision, proposal }: RunView,
  { baseCommit, baseHash, plan }: CommandOf<"revise_plan">,
): boolean {
  if (proposal?.kind !== "plan" || proposal.baseCommit !== baseCommit) return false;
  const isFromIt = baseHash === proposal.hash || baseHash === planRevision?.baseHash;
  return isFromIt && proposal.hash === planHash(baseCommit, plan);
}

function refuseRevision(view: RunView, { baseCommit, baseHash, plan }: CommandOf<"revise_plan">): Refusal | undefined {
  const { planRevision, proposal } = view;
  if (isFinal(view.state)) return refuse("run_not_waiting", `The run has ended (${view.state}).`);
  if (modes[view.mode].product !== "plan" || proposal === undefined)
    return refuse("not_found", "This run has no plan that waits for approval.");
  if (view.state !== "WAITING_APPROVAL")
    return refuse("run_not_waiting", `The plan can't be changed now: it does not wait for approval (${view.state}).`);
  if (proposal.hash !== baseHash || proposal.baseCommit !== baseCommit) {
    const cause =
      planRevision === undefined
        ? "The planner has made a newer plan"
        : `${planRevision.by.name} has changed the plan meanwhile`;
    return refuse("conflict", `${cause}. Yours was not stored: look at the newest plan and make your changes there.`);
  }
  const problem = planProblem(plan, chosenLanes(view));
  return problem === undefined ? undefined : refuse("invalid_request", problem);
}
