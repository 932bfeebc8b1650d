import { isFinal, maxQueuedMessages } from "../../../contracts/run.ts";
import { unreadReason } from "../unread.ts";
import { refuse, type Decide } from "./command.ts";

/** Queues a message for the agent's next turn. Ten may wait. Refused in a state in which no agent would read it. */
export const sendMessage: Decide<"send_message"> = (view, { messageId, text }, actor) => {
  const reason = unreadReason(view.state);
  if (reason !== undefined) return refuse("conflict", reason);
  if (view.queue.length >= maxQueuedMessages)
    return refuse("conflict", `${maxQueuedMessages} messages wait already. Edit or remove one.`);
  return { ok: true, events: [{ type: "message.queued", data: { messageId, text, by: actor } }] };
};

/** Changes or removes a message that still waits. */
export const changeMessage: Decide<"change_message"> = (view, { messageId, text }, actor) => {
  if (isFinal(view.state)) return refuse("conflict", unreadReason(view.state) ?? "");
  if (!view.queue.some((message) => message.messageId === messageId))
    return refuse(
      "not_found",
      "That message does not wait any more: the agent has it, it was removed, or the work was approved without it.",
    );
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
