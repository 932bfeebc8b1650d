import { pinnedImages, pinnedMessage, pinnedOf } from "../../../../../domain/run/pinned.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { StepContext } from "../deps.ts";
import { clearedOf, facts } from "../facts.ts";
import type { JournalWrite, StoredBlock } from "../journal.ts";
import { allWork, type Asked, vendorCannotShorten, windowOf } from "./shorten.ts";

type Sent = Pick<Asked, "messages" | "clearedToolResults">;

/**
 * Changes a conversation that its vendor refuses for the vendor's own parts in it: its clearing, thinking that it does not take back any
 * more, a summary that it can't open. Each is left out once, whole, so that the next call can't fail for it again.
 *
 * @returns the error to go on with: transient when the call is worth making again at once
 */
export function repaired(context: StepContext, conversation: string, sent: Sent, error: unknown): unknown {
  if (!(error instanceof PortError) || error.kind !== "permanent") return error;
  const write = repairOf(context, conversation, sent, error.code);
  if (write === undefined) return error;
  context.journal.commit(write, context.epoch);
  return new PortError("llm", "transient", error.code, error.message, { retryAfterMs: 0 });
}

function repairOf(context: StepContext, conversation: string, sent: Sent, code: string): JournalWrite | undefined {
  // Its own clearing is what this request had over one that works anywhere.
  if (code === "bad_request" && sent.clearedToolResults !== undefined)
    return { events: [], facts: vendorCannotShorten };
  if (code !== "stale_thinking") return undefined;
  const has = (isIt: (block: StoredBlock) => boolean): boolean =>
    sent.messages.some(({ blocks }) => blocks.some((block) => isIt(block)));
  if (has((block) => block.type === "thinking" && block.opaque !== undefined))
    return withoutThinking(context, conversation);
  if (has((block) => block.type === "compaction" && block.opaque !== null))
    return withoutSummary(context, conversation);
  return undefined;
}

function withoutThinking({ journal }: StepContext, conversation: string): JournalWrite {
  const cleared = clearedOf(journal, conversation);
  const message =
    "The model's provider does not take back the model's earlier thinking: key, organisation or conversation are not the ones that it came from. It was left out, and the work goes on.";
  return {
    events: [{ type: "notice", data: { level: "info", message } }],
    facts: {
      ...facts.compacted(conversation).write({ ...cleared, thinking: windowOf({ journal }, conversation).length }),
      ...facts.clearedBy(conversation).write("rule"),
    },
  };
}

/** The conversation begins anew with all that outlives a summary word for word. */
function withoutSummary(context: StepContext, conversation: string): JournalWrite {
  const { journal } = context;
  const told = journal.conversation(conversation);
  const message =
    "The model's provider can't open its own summary of the conversation any more. The agent goes on with the request, what it was told and its work.";
  return {
    events: [{ type: "notice", data: { level: "warning", message } }],
    messages: [
      { conversation, message: { role: "assistant", blocks: [{ type: "compaction", text: "", opaque: null }] } },
      {
        conversation,
        message: {
          role: "user",
          blocks: [
            { type: "text", text: pinnedMessage(pinnedOf(told, allWork(context)), false) },
            ...pinnedImages<StoredBlock>(told),
          ],
        },
      },
    ],
    facts: { ...facts.compacted(conversation).write(null), ...facts.clearedBy(conversation).write(null) },
  };
}
