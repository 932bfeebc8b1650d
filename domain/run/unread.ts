import { isFinal, type RunState } from "../../contracts/run-names.ts";

const decided =
  "The work is approved, so the agent would not read the message. Comment on the pull request, or start a new run.";
const undecided =
  "The run waits for a decision, so the agent would not read the message. Request changes with this text instead.";

const unread: Readonly<Partial<Record<RunState, string>>> = {
  WAITING_APPROVAL: undecided,
  BLOCKED_POLICY: undecided,
  APPLYING: decided,
  PR_OPEN: decided,
  VERIFYING_CI: decided,
};

/** Why no agent would read a message that is sent in this state, and what helps; undefined where one would. */
export function unreadReason(state: RunState): string | undefined {
  if (isFinal(state)) return `The run has ended (${state}): the agent would not read the message.`;
  return unread[state];
}

/**
 * Why a message that waits when the run comes into this state is read by no agent any more; undefined where it goes on waiting. After an
 * approval that stays so: the person who approved has left it out, also when failed checks make an agent repair the work.
 */
export function passedOverReason(state: RunState): string | undefined {
  if (isFinal(state)) return `The run ended (${state}) before an agent read it.`;
  return state === "APPLYING"
    ? "The work was approved before an agent read it. Comment on the pull request, or start a new run."
    : undefined;
}
