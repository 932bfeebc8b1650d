import { isFinal } from "../../../contracts/run.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import { applyEvent } from "../fold.ts";
import type { LaneView } from "../lane-view.ts";
import { chosenLanes, hasBegunToWrite, isMadeAnew } from "../lanes.ts";
import { modes } from "../modes.ts";
import { move } from "../move.ts";
import type { RunView } from "../view.ts";
import { refuse, type Decide, type Refusal } from "./command.ts";

/**
 * Changes which of its repositories a run works on. While the run is young the step that is under way is ended and the workspace laid out
 * anew; the saved work of the others is kept. From the approval view a repository that is left out takes its patch set along and the others are
 * proposed again, without their links to it; one that is added sends the run back to the author, and so does a choice that leaves nothing to
 * propose. A plan is of all its repositories, so it always goes back to the planner.
 */
export const chooseRepositories: Decide<"choose_repositories"> = (view, { reason, repositoryIds }, actor) => {
  const chosen = [...new Set(repositoryIds)];
  const refusal = refuseChoice(view, chosen);
  if (refusal !== undefined) return refusal;
  const event: NewRunEvent = {
    type: "repositories.chosen",
    data: { repositoryIds: chosen, reasons: chosen.map((repositoryId) => ({ repositoryId, reason })), by: actor },
  };
  const after = applyEvent(view, { ...event, atMs: 0 });
  const facts = { workspace_generation: null };
  const text = `A person changed the repositories of this run. It works on: ${namesOf(chosenLanes(after))}. The folders of the others are gone from the workspace.`;
  const message = { role: "user" as const, blocks: [{ type: "text" as const, text }] };
  // Before the author has begun there is no conversation: its first message names the repositories by itself.
  const hasBegun = view.firstStageAtMs !== undefined && view.state !== "TRIAGING";
  const messages = hasBegun ? [{ conversation: modes[view.mode].author, message }] : [];
  const isAsked = view.state === "WAITING_APPROVAL" || view.state === "BLOCKED_POLICY";
  if (!isAsked) return { ok: true, events: [event], facts, messages };
  const next = move(after, isMadeAnew(view, chosen) ? "changes_requested" : "repositories_changed");
  if (!next.ok) return refuse("run_not_waiting", `That is not possible now: ${next.reason}.`);
  return { ok: true, events: [event, next.event], facts, messages };
};

function refuseChoice(view: RunView, chosen: readonly string[]): Refusal | undefined {
  if (isFinal(view.state)) return refuse("conflict", `The run has ended (${view.state}).`);
  if (view.lanes.length < 2) return refuse("conflict", "This run was started with one repository: there is no choice.");
  const unknown = chosen.find((id) => !view.lanes.some((lane) => lane.id === id));
  if (unknown !== undefined || chosen.length === 0)
    return refuse("unknown_repository", "Choose among the repositories that the run was started with.");
  if (hasBegunToWrite(view))
    return refuse("conflict", "The run has begun to write: its repositories can't change any more.");
  const present = chosenLanes(view).map(({ id }) => id);
  if (present.length === chosen.length && present.every((id) => chosen.includes(id)))
    return refuse("conflict", "The run works on these repositories already.");
  return undefined;
}

/**
 * Sets the order in which lanes are written, for lanes that depend on each other. Every chosen repository is named once. Patch sets that wait for
 * a decision are proposed again, since their links name the pull request to merge first.
 */
export const orderLanes: Decide<"order_lanes"> = (view, { repositoryIds }, actor) => {
  if (isFinal(view.state)) return refuse("conflict", `The run has ended (${view.state}).`);
  const present = chosenLanes(view).map(({ id }) => id);
  const order = [...new Set(repositoryIds)];
  if (order.length !== present.length || !present.every((id) => order.includes(id)))
    return refuse("invalid_request", "Name every repository of the run once, in the order of their pull requests.");
  if (hasBegunToWrite(view))
    return refuse("conflict", "The run has begun to write: the order of its pull requests can't change any more.");
  const edges = order.flatMap((from, index) => {
    const to = order[index - 1];
    return to === undefined ? [] : [{ from, to, because: `${actor.name} ordered them so` }];
  });
  const ordered: NewRunEvent = { type: "lanes.ordered", data: { order, edges, cycle: [], by: actor } };
  const isAsked = view.state === "WAITING_APPROVAL" || view.state === "BLOCKED_POLICY";
  if (!isAsked || modes[view.mode].product !== "patch_set") return { ok: true, events: [ordered] };
  const next = move(applyEvent(view, { ...ordered, atMs: 0 }), "repositories_changed");
  if (!next.ok) return refuse("run_not_waiting", `That is not possible now: ${next.reason}.`);
  return { ok: true, events: [ordered, next.event] };
};

function namesOf(lanes: readonly LaneView[]): string {
  return lanes.map(({ folder }) => folder).join(", ");
}
