import { isCutMessage } from "../budget/output-limit.ts";
import { pinnedTool } from "./compaction.ts";
import { useToolsMessage, type ConversationBlock, type ConversationMessage } from "./conversation.ts";

/** The most characters of people's messages since the request; the newest are kept. */
const maxSaidCharacters = 60_000;
const maxFiles = 400;

/** The texts that outlive every summary word for word. */
export interface Pinned {
  /** The stage's first message: request, ticket, architecture, scope, acceptance criteria, plan, or the diff to review. */
  readonly request: string;
  /** All input to the agent since: people's messages, findings of a review, failing tests. Oldest first. */
  readonly said: readonly string[];
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly files: readonly { readonly path: string; readonly status: string }[];
}

/** Collects what is pinned from a whole stored conversation and the agent's work as it stands. */
export function pinnedOf(messages: readonly ConversationMessage<ConversationBlock>[], files: Pinned["files"]): Pinned {
  const [first, ...rest] = messages;
  const questions = new Map<string, string>();
  const said: string[] = [];
  const answers: { readonly question: string; readonly answer: string }[] = [];
  for (const [index, { blocks, role }] of rest.entries()) {
    const repeats = followsSummary(rest, index);
    for (const block of blocks) {
      if (block.type === "tool_use" && block.name === pinnedTool) questions.set(block.id, questionOf(block));
      if (block.type === "tool_result" && questions.has(block.toolUseId) && !block.isError)
        answers.push({ question: questions.get(block.toolUseId) ?? "", answer: block.content });
      if (block.type === "text" && role === "user" && !repeats && !isEngines(block.text)) said.push(block.text);
    }
  }
  return { request: textOf(first), said, answers, files };
}

/** The images that people gave, each once: a summary in words leaves them out. */
export function pinnedImages<B extends ConversationBlock>(messages: readonly ConversationMessage<B>[]): readonly B[] {
  return messages.flatMap(({ blocks, role }, index) =>
    role === "user" && !followsSummary(messages, index) ? blocks.filter(({ type }) => type.startsWith("image")) : [],
  );
}

/**
 * The message behind a summary. `keepsUserMessages`: the vendor keeps the user messages itself, so only the rest is
 * repeated. The same input gives the same bytes.
 */
export function pinnedMessage({ answers, files, request, said }: Pinned, keepsUserMessages: boolean): string {
  const kept = newest(said, maxSaidCharacters);
  const parts = [
    "The conversation so far was summarised to save room. The rest of this message is exact, and it still holds.",
    ...(keepsUserMessages ? [] : ["# The request, as it was given", request]),
    ...(keepsUserMessages || kept.length === 0
      ? []
      : [
          kept.length < said.length
            ? `# What you were told since, oldest first (${said.length - kept.length} older ones left out)`
            : "# What you were told since, oldest first",
          ...kept,
        ]),
    ...(answers.length === 0
      ? []
      : [
          "# Your questions, and what a person answered",
          ...answers.map((each) => `Q: ${each.question}\nA: ${each.answer}`),
        ]),
    "# Files changed so far",
    files.length === 0 ? "None." : fileList(files),
    "Go on from where the summary leaves off. Read a file again before you change it.",
  ];
  return parts.join("\n\n");
}

function isEngines(text: string): boolean {
  return text === useToolsMessage || isCutMessage(text);
}

/** The message behind a summary repeats what is pinned, as it was then. */
function followsSummary(messages: readonly ConversationMessage<ConversationBlock>[], index: number): boolean {
  return messages[index - 1]?.blocks.some(({ type }) => type === "compaction") === true;
}

function fileList(files: Pinned["files"]): string {
  const lines = files.slice(0, maxFiles).map(({ path, status }) => `- ${status} ${path}`);
  return [...lines, ...(files.length > maxFiles ? [`- and ${files.length - maxFiles} more`] : [])].join("\n");
}

function newest(texts: readonly string[], limit: number): readonly string[] {
  let left = limit;
  const from = texts.findLastIndex((text) => (left -= text.length) < 0);
  return texts.slice(from + 1);
}

function textOf(message: ConversationMessage<ConversationBlock> | undefined): string {
  return (message?.blocks ?? []).flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n");
}

function questionOf(block: object): string {
  const input: unknown = "input" in block ? block.input : undefined;
  const question: unknown =
    typeof input === "object" && input !== null && "question" in input ? input.question : undefined;
  return typeof question === "string" ? question : "";
}
