import { canonicalJson } from "../canonical-json.ts";

/** A request's canonical JSON in pieces: `head`, the messages with commas between, `tail`. One call's pieces are mostly those of the call before. */
export interface RequestText {
  readonly head: string;
  readonly messages: readonly string[];
  readonly tail: string;
}

const emptyList = '"messages":[]';
const noTools = '"tools":[]';

/** A stage's tools are the same at each of its calls, and most of a short request. */
const toolTexts = new WeakMap<object, string>();
/** A conversation grows at its end, and a block of it is never changed. */
const blockTexts = new WeakMap<object, string>();

/** A request in pieces. Put together again, they are the canonical JSON of the whole. */
export function requestText(request: {
  readonly callId: string;
  readonly messages: readonly unknown[];
  readonly tools?: readonly unknown[];
  /** Set on the call that asks for a summary, which is otherwise like a turn. */
  readonly compact?: true;
}): RequestText {
  const { tools } = request;
  const bare = canonicalJson({ ...request, messages: [], ...(tools === undefined ? {} : { tools: [] }) });
  const text = tools === undefined ? bare : withTools(bare, tools);
  // Keys are sorted and quotes inside of values escaped, so the first match is the list itself.
  const end = text.indexOf(emptyList) + emptyList.length - 1;
  return { head: text.slice(0, end), messages: request.messages.map(messageText), tail: text.slice(end) };
}

/** The canonical JSON that these are the pieces of. */
export function wholeRequest({ head, messages, tail }: RequestText): string {
  return `${head}${messages.join(",")}${tail}`;
}

function withTools(text: string, tools: readonly unknown[]): string {
  const known = toolTexts.get(tools) ?? canonicalJson(tools);
  toolTexts.set(tools, known);
  const at = text.lastIndexOf(noTools) + noTools.length - "[]".length;
  return `${text.slice(0, at)}${known}${text.slice(at + "[]".length)}`;
}

function messageText(message: unknown): string {
  if (!isMessage(message)) return canonicalJson(message);
  return `{"blocks":[${message.blocks.map(blockText).join(",")}],"role":${canonicalJson(message.role)}}`;
}

function blockText(block: unknown): string {
  if (typeof block !== "object" || block === null) return canonicalJson(block ?? null);
  const text = blockTexts.get(block) ?? canonicalJson(block);
  blockTexts.set(block, text);
  return text;
}

/** A message of these two fields alone. */
function isMessage(value: unknown): value is { readonly role: string; readonly blocks: readonly unknown[] } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) return false;
  return "role" in value && typeof value.role === "string" && "blocks" in value && Array.isArray(value.blocks);
}
