import type { Answer, Conversation, ToolCall } from "../wire/conversation.ts";
import { answerCount } from "../wire/conversation.ts";
import { countImages } from "../wire/images.ts";
import { afterFinish, coder } from "./coder.ts";
import { architect } from "./feature/architect.ts";
import { triage } from "./feature/triage.ts";
import { planner } from "./plan/planner.ts";
import { replay } from "./replay.ts";
import { readRequest, sinceLatestDiff } from "./request.ts";
import type { AgentRequest } from "./request.ts";
import { reviewer } from "./review/reviewer.ts";
import { clip, introduction } from "./work.ts";
import type { Work } from "./work.ts";

const endingTools = ["submit_triage", "submit_architecture", "submit_plan", "submit_review", "finish"];

/**
 * The offline demo agent's answer to a conversation. The offered tools decide which stage it plays; the
 * same conversation always gets the same answer.
 */
export function answerAsAgent(conversation: Conversation): Answer {
  const intro = answerCount(conversation) === 0 ? `${introduction} ${unseen(countImages(conversation))}` : "";
  const offered = new Set(conversation.tools);
  if (!endingTools.some((name) => offered.has(name))) {
    return { text: `${introduction} Without the tools of a stage there is nothing that I can do.`, calls: [] };
  }
  const first = readRequest(conversation);
  // A pull request that moved comes with a new diff, and the review starts again from it.
  const latest = offered.has("submit_review") ? sinceLatestDiff(conversation) : conversation;
  const request = latest === conversation ? first : { ...readRequest(latest), mode: first.mode };
  const [start, again] = stageOf(offered, request);
  const answer = replay(latest, start, again);
  const heard = remark(conversation);
  return { text: `${intro}${heard}${answer.text}`, calls: answer.calls.map((call) => withTasks(call, request.tasks)) };
}

/** The coder takes on the whole plan at once, so what it finishes does all of its tasks. */
function withTasks(call: ToolCall, tasks: readonly number[]): ToolCall {
  const { input, name } = call;
  if (name !== "finish" || tasks.length === 0 || typeof input !== "object" || input === null) return call;
  return "outcome" in input && input.outcome === "declined" ? call : { name, input: { ...input, tasks: [...tasks] } };
}

type Start = () => Work;

/** The stage's work, and the turns after it when the conversation continues. */
function stageOf(offered: ReadonlySet<string>, request: AgentRequest): readonly [Start, Start] {
  if (offered.has("submit_triage")) return [() => triage(request), () => triage(request)];
  if (offered.has("submit_architecture")) return [() => architect(request), () => architect(request)];
  if (offered.has("submit_plan")) return [() => planner(request), () => planner(request)];
  if (offered.has("submit_review"))
    return [
      () => reviewer(request, offered.has("read_file")),
      () => reviewer(request, request.mode?.start === "pull_request" && offered.has("read_file")),
    ];
  return [() => coder(request), () => afterFinish(request)];
}

/** The agent's statement that it can't see images. */
function unseen(images: number): string {
  if (images === 0) return "";
  return images === 1 ? "An image came along; I can't see it. " : `${images} images came along; I can't see them. `;
}

/** An acknowledgement of a message from a person or the engine during the work. */
function remark(conversation: Conversation): string {
  const last = conversation.messages.at(-1);
  if (conversation.messages.length < 2 || last?.role !== "user") return "";
  const said = last.blocks.flatMap((block) => (block.type === "text" ? [block.text.trim()] : [])).join(" ");
  if (said === "" || /^(?:You have \d+ turns? left|Go on with the tools)/u.test(said)) return "";
  return `I read "${clip(said.replace(/\s+/gu, " "), 80)}", but as the offline demo agent, no model, I can't follow words. `;
}
