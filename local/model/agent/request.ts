import { runModes } from "../../../contracts/run.ts";
import { modes, type Mode } from "../../../domain/run/modes.ts";
import type { Conversation } from "../wire/conversation.ts";

/** The request as the engine's first message states it. */
export interface AgentRequest {
  /** Undefined when the message names none. */
  readonly mode: Mode | undefined;
  /** The test command that the caller states; `undefined` when it states none. */
  readonly testCommand: string | undefined;
  /** The person's prompt with the ticket behind it, without the header and without a diff to review. */
  readonly prompt: string;
  /** The diff to review; "" when there is none. */
  readonly diff: string;
  /** Numbers of the plan's tasks, when the message holds a plan. */
  readonly tasks: readonly number[];
  /** Folders of the run's repositories under the workspace's root; empty when the root is the one repository itself. */
  readonly folders: readonly string[];
  /** Triage is asked which of the repositories the request needs. */
  readonly isChoiceOpen: boolean;
}

/** Where the repositories are: their folders, or the root ("") alone. */
export function placesOf(request: Pick<AgentRequest, "folders">): readonly string[] {
  return request.folders.length === 0 ? [""] : request.folders;
}

/** The conversation from the last message on that shows a diff to review; the whole when only its first one does. */
export function sinceLatestDiff(conversation: Conversation): Conversation {
  const at = conversation.messages.findLastIndex(
    ({ blocks, role }) =>
      role === "user" && blocks.some((block) => block.type === "text" && block.text.includes("\n\nDiff to review:\n")),
  );
  return at <= 0 ? conversation : { ...conversation, messages: conversation.messages.slice(at) };
}

/** Reads the first user message: a header of `Name: value` lines, `Request:`, then free text, then perhaps a diff. */
export function readRequest(conversation: Conversation): AgentRequest {
  const first = conversation.messages.find((message) => message.role === "user");
  const text = (first?.blocks ?? []).flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n");
  const [header = "", ...behind] = text.split(/^Request:[ \t]*/mu);
  const body = behind.length > 0 ? behind.join("Request:") : text;
  const diffAt = /^(?:#+ )?(?:The )?diff(?: to review)?:?[ \t]*$/imu.exec(body)?.index;
  // The text before the last heading may quote a person, with a diff of its own.
  const heading = body.lastIndexOf("\nDiff to review:\n");
  const tail = heading < 0 ? body : body.slice(heading);
  const fenced = /^(`{3,})diff\n([^]*?)^\1[ \t]*$/mu.exec(tail);
  const plainDiff = /^diff --git [^]*/mu.exec(tail)?.[0] ?? "";
  const diff = fenced?.[2] ?? plainDiff;
  const promptEnd = Math.min(
    diffAt ?? body.length,
    fenced === null ? body.length : body.length - tail.length + fenced.index,
    plainDiff === "" ? body.length : body.length - plainDiff.length,
  );
  const mode = runModes.find((name) => name === field(header, "Mode")?.toLowerCase());
  const testCommand = field(header, "Test command");
  return {
    mode: mode === undefined ? undefined : modes[mode],
    testCommand: testCommand === undefined || /^none\b/iu.test(testCommand) ? undefined : testCommand,
    prompt: body.slice(0, promptEnd).trim(),
    diff,
    tasks: planTasks(text),
    folders: behind.length > 0 ? foldersIn(header) : [],
    isChoiceOpen: behind.length > 0 && /^Which of these repositories [^\n]* is open\b/mu.test(header),
  };
}

/** Reads lines such as `Repository: lime-labs/lime-units (base branch main) in lime-units/`. */
function foldersIn(header: string): readonly string[] {
  const lines = header.matchAll(/^Repository: \S+ \(base branch .+\) in ([\w.-]+)\/[ \t]*$/gmu);
  return [...new Set([...lines].flatMap(([, folder]) => folder ?? []))];
}

/** A plan's document numbers its tasks in headings: `### 0. Title`. */
function planTasks(text: string): readonly number[] {
  const plan = text.split(/^Plan:\s*$/mu)[1] ?? "";
  return [...plan.matchAll(/^### (\d+)\. /gmu)].map((heading) => Number(heading[1]));
}

function field(header: string, name: string): string | undefined {
  const found = new RegExp(`^[*\\s]*${name}[*\\s]*:[*\\s]*(.+?)\\s*$`, "imu").exec(header)?.[1];
  return found?.replace(/^`(.*)`$/u, "$1");
}
