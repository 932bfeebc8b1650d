import type { RunView } from "../../../../domain/run/view.ts";
import { chosenLanes, hasBegunToWrite, isMadeAnew } from "../../../../domain/run/lanes.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { isFinal } from "../../../lib/vocabulary.ts";

/** True while a person may change which of its repositories the run works on: it has several, and has not begun to write. */
export function mayChangeRepositories(view: Pick<RunView, "lanes" | "returnTo" | "state">): boolean {
  return view.lanes.length > 1 && !isFinal(view.state) && !hasBegunToWrite(view);
}

/** True when repositories depend on each other, so that the run can't continue before a person has ordered them. */
export function needsOrder({ laneCycle, lanes, state }: Pick<RunView, "laneCycle" | "lanes" | "state">): boolean {
  return (
    state === "NEEDS_HUMAN" && laneCycle.length > 0 && lanes.every(({ writes }) => writes.pull_request === undefined)
  );
}

/** The consequence of another choice, in one sentence, or null when nothing would change. */
export function choiceEffect(
  view: Pick<RunView, "lanes" | "mode" | "state">,
  picked: readonly string[],
): string | null {
  const present = chosenLanes(view).map(({ id }) => id);
  const isAdded = picked.some((id) => !present.includes(id));
  if (!isAdded && picked.length === present.length) return null;
  if (view.state === "WAITING_APPROVAL" || view.state === "BLOCKED_POLICY")
    return isMadeAnew(view, picked)
      ? `The run goes back to the ${modes[view.mode].author}, and a new proposal is made for these repositories.`
      : "The proposal of a repository that is left out is withdrawn; the others are proposed again and wait for a new decision.";
  return "The step under way ends and begins anew on these repositories. Work on those that stay is kept.";
}

/** The ids with the one at `index` moved by one place, up or down; the same order where there is no place to go. */
export function moved(ids: readonly string[], index: number, by: -1 | 1): readonly string[] {
  const other = ids[index + by];
  const own = ids[index];
  if (other === undefined || own === undefined) return ids;
  return ids.map((id, at) => (at === index ? other : at === index + by ? own : id));
}
