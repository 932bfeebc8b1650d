import { isFinal, maxQueuedMessages } from "../../../contracts/run.ts";
import type { RunView } from "../view.ts";
import { refuse, type Decide, type Refusal } from "./command.ts";

/** Queues a message for the agent's next turn. Ten may wait. */
export const sendMessage: Decide<"send_message"> = (view, { messageId, text }, actor) => {
  const ended = refuseEnded(view);
  if (ended !== undefined) return ended;
  if (view.queue.length >= maxQueuedMessages)
    return refuse("conflict", `${maxQueuedMessages} messages wait already. Edit or remove one.`);
  return { ok: true, events: [{ type: "message.queued", data: { messageId, text, by: actor } }] };
};

/** Changes or removes a message that still waits. */
export const changeMessage: Decide<"change_message"> = (view, { messageId, text }, actor) => {
  const ended = refuseEnded(view);
  if (ended !== undefined) return ended;
  if (!view.queue.some((message) => message.messageId === messageId))
    return refuse("not_found", "That message does not wait any more: the agent has it, or it was removed.");
  const by = actor;
  return {
    ok: true,
    events: [
      text === null
        ? { type: "message.removed", data: { messageId, by } }
        : { type: "message.edited", data: { messageId, text, by } },
    ],
  };
};

function refuseEnded({ state }: RunView): Refusal | undefined {
  return isFinal(state)
    ? refuse("conflict", `The run has ended (${state}): the agent would not read the message.`)
    : undefined;
}
