import type { Answer, Conversation } from "../wire/conversation.ts";
import { answerCount } from "../wire/conversation.ts";
import { coder } from "./coder.ts";
import { replay } from "./replay.ts";
import { readRequest } from "./request.ts";
import { introduction } from "./work.ts";

/** What the offline demo agent answers to a conversation; the same conversation always gets the same answer. */
export function answerAsAgent(conversation: Conversation): Answer {
  const request = readRequest(conversation);
  const answer = replay(conversation, () => coder(request));
  const intro = answerCount(conversation) === 0 ? `${introduction} ` : "";
  return { text: intro + answer.text, calls: answer.calls };
}
