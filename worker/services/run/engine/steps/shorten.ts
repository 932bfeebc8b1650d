import type { NewRunEvent, RunEventData } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { findModel, type ModelEntry } from "../../../../../domain/budget/models.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import {
  canSendWhole,
  clear,
  type Cleared,
  clearedResults,
  shortening,
  sinceSummary,
} from "../../../../../domain/run/compaction.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { normaliseConversation } from "../../../../../domain/run/conversation.ts";
import { lawfulText } from "../../../../../domain/run/lawful.ts";
import { pinnedImages, pinnedMessage, pinnedOf } from "../../../../../domain/run/pinned.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { chosenLanes, rootPath } from "../../../../../domain/run/lanes.ts";
import { requestText, wholeRequest } from "../../../../../domain/run/request-text.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { LlmCompaction, LlmPort, LlmRequest } from "../../../../ports/llm.ts";
import { bookedUsage, usageOf } from "../booked-usage.ts";
import { bookFailedCall } from "../cut-call.ts";
import type { StepContext } from "../deps.ts";
import { clearedOf, facts } from "../facts.ts";
import type { StoredBlock, StoredMessage } from "../journal.ts";
import { notRun } from "../not-run.ts";

/** The longest answer that counts. A model's own limit is far below; a row of the journal holds twice this. */
export const maxAnswerCharacters = 1_000_000;
/** Failed calls in a row after which a summary is not waited for: old tool results go instead. */
const patience = 2;
/** So many turns go by before it is asked for again. */
const turnsWithout = 6;

/** A request as it is kept and hashed: images are named, not held. */
export type Asked = Omit<LlmRequest, "messages" | "onDelta" | "signal"> & {
  readonly messages: readonly StoredMessage[];
};

/** One stage's conversation before a turn of it. */
export interface Shortened {
  readonly conversation: string;
  readonly stage: Stage;
  readonly turn: number;
  readonly llm: LlmPort;
  /** The call that would summarise these messages. */
  readonly ask: (messages: readonly StoredMessage[]) => Asked;
  readonly send: (asked: Asked) => LlmRequest;
}

/**
 * Shortens a conversation that has grown too long, before its next turn. `done`: a summary was journaled, look for the next step
 * anew. A PortError: the vendor could not summarise now, try again later. Undefined: the turn may go on.
 */
export async function shortenConversation(
  context: StepContext,
  at: Shortened,
): Promise<"done" | PortError | undefined> {
  const { epoch, journal } = context;
  const window = windowOf(context, at.conversation);
  const { canSummarise, clearer, present } = stateOf(context, at, window);
  const next = shortening(window, present, canSummarise);
  if (next.kind === "summarise") {
    const outcome = await summarise(context, at, window, present);
    if (outcome !== "without") return outcome;
    return shortenConversation(context, { ...at, llm: { complete: (request) => at.llm.complete(request) } });
  }
  const moved = next.kind === "clear" ? next.cleared : present;
  const before = facts.clearedBy(at.conversation).read(journal);
  // Messages that the vendor cleared so far were sent whole; now that they aren't, no thinking is valid any more.
  const cleared = before === "vendor" && clearer === "rule" ? { ...moved, thinking: window.length } : moved;
  if (cleared === present) return undefined;
  const event: NewRunEvent = {
    type: "context.compacted",
    data: {
      stage: at.stage,
      turn: at.turn,
      messages: cleared.messages,
      by: clearer === "vendor" ? providerOf(context) : "rule",
      how: "cleared",
      summary: "",
      call: null,
    },
  };
  const kept = {
    ...facts.compacted(at.conversation).write(cleared),
    ...facts.clearedBy(at.conversation).write(clearer),
  };
  journal.commit({ events: [event], facts: kept }, epoch);
  return undefined;
}

/** The conversation as it is sent: well-formed, from the newest summary on, without what is cleared. */
export function sentConversation(
  { journal }: Pick<StepContext, "journal">,
  conversation: string,
): Pick<Asked, "messages" | "clearedToolResults"> {
  const window = windowOf({ journal }, conversation);
  const cleared = clearedOf(journal, conversation);
  if (cleared.messages === 0 && cleared.thinking === 0) return { messages: window };
  return facts.clearedBy(conversation).read(journal) === "vendor"
    ? { messages: window, clearedToolResults: clearedResults(window, cleared) }
    : { messages: shorter(window, cleared) };
}

/** The facts to keep when a vendor turned out not to know how to shorten: from then on the run does it by rule. */
export const vendorCannotShorten = facts.vendorContext.write("off");

/** The conversation from its newest summary on, well-formed. */
export function windowOf({ journal }: Pick<StepContext, "journal">, conversation: string): readonly StoredMessage[] {
  return normaliseConversation<StoredBlock>(sinceSummary<StoredBlock>(journal.conversation(conversation)), notRun);
}

interface State {
  readonly present: Cleared;
  readonly canSummarise: boolean;
  /** The side that clears from now on. */
  readonly clearer: "vendor" | "rule";
}

function stateOf(context: StepContext, at: Shortened, window: readonly StoredMessage[]): State {
  const { journal } = context;
  const entry: ModelEntry | undefined = findModel(journal.view().created?.model ?? "");
  const known = facts.vendorContext.read(journal) === undefined ? entry : undefined;
  const byRule = facts.clearedBy(at.conversation).read(journal) === "rule";
  return {
    present: clearedOf(journal, at.conversation),
    canSummarise:
      known?.compacts === true &&
      at.llm.compact !== undefined &&
      journal.view().totalTurns >= (facts.summaryFromTurn.read(journal) ?? 0),
    clearer: known?.editsContext === true && !byRule && canSendWhole(window) ? "vendor" : "rule",
  };
}

async function summarise(
  context: StepContext,
  at: Shortened,
  window: readonly StoredMessage[],
  present: Cleared,
): Promise<"done" | PortError | "without"> {
  const { deps, epoch, journal } = context;
  // The vendor's own clearing can't go along. The cache holds nothing of this either way, so it is the short form.
  const messages =
    present.messages === 0 && present.thinking === 0
      ? window
      : shorter(window, { ...present, thinking: window.length });
  const asked = at.ask(messages);
  const startedAtMs = deps.nowMs();
  try {
    const answer = await at.llm.compact?.(at.send(asked));
    if (answer === undefined) return "without";
    const latencyMs = Math.max(0, deps.nowMs() - startedAtMs);
    const askedText = requestText({ ...asked, compact: true });
    const answerJson = canonicalJson([answer.block]);
    const spent = { told: answer.usage, isFinal: true, receivedBytes: 0 };
    if (journal.epoch() !== epoch) throw new PortError("llm", "permanent", "aborted", "the run moved on", { spent });
    if (answerJson.length > maxAnswerCharacters)
      throw new PortError("llm", "permanent", "no_summary", `a summary of ${answerJson.length} characters`, { spent });
    keepSummary(context, at, { answer, answerJson, asked, askedText, latencyMs, startedAtMs, window });
    return "done";
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    bookFailedCall(context, { stage: at.stage, turn: at.turn, asked, isCompaction: true, startedAtMs }, error);
    return withoutSummary(context, error);
  }
}

/** A summary as its vendor gave it, and the call that it came from. */
interface Summary {
  readonly answer: LlmCompaction;
  readonly answerJson: string;
  readonly asked: Asked;
  readonly askedText: ReturnType<typeof requestText>;
  readonly startedAtMs: number;
  readonly latencyMs: number;
  /** The messages that it stands for. */
  readonly window: readonly StoredMessage[];
}

/** Journals a summary with its call, and the messages that the conversation goes on from. */
function keepSummary(
  context: StepContext,
  at: Shortened,
  { answer, answerJson, asked, askedText, latencyMs, startedAtMs, window }: Summary,
): void {
  const { deps, epoch, journal } = context;
  const booked = bookedUsage(asked, answer.usage);
  const call: RunEventData<"context.compacted">["call"] = {
    usage: usageOf(booked.usage),
    callId: asked.callId,
    costMicros: deps.costMicros(asked.model, booked.usage),
    latencyMs,
    requestHash: sha256Hex(wholeRequest(askedText)),
    answerHash: sha256Hex(answerJson),
  };
  const { conversation: name, stage, turn } = at;
  const told = journal.conversation(name);
  const pinned: readonly StoredBlock[] = [
    { type: "text", text: pinnedMessage(pinnedOf(told, allWork(context)), answer.keepsUserMessages) },
    ...(answer.keepsUserMessages ? [] : pinnedImages<StoredBlock>(told)),
  ];
  journal.commit(
    {
      events: [
        {
          type: "context.compacted",
          data: {
            stage,
            turn,
            messages: window.length,
            by: asked.provider,
            how: "summarised",
            summary: redactSecrets(lawfulText(answer.block.text.slice(0, 50_000))),
            call,
          },
        },
        ...booked.events,
      ],
      messages: [
        { conversation: name, message: { role: "assistant", blocks: [answer.block] } },
        { conversation: name, message: { role: "user", blocks: pinned } },
      ],
      facts: { ...facts.compacted(name).write(null), ...facts.clearedBy(name).write(null) },
      modelCall: {
        callId: asked.callId,
        stage,
        turn,
        provider: asked.provider,
        model: asked.model,
        startedAtMs,
        latencyMs,
        request: askedText,
        answerJson,
        vendorRequestId: answer.vendorRequestId,
      },
    },
    epoch,
  );
}

/** The way on after a call for a summary failed: `done` when the run moved on, the error when it is to be tried again, else without one. */
function withoutSummary(
  { deps, epoch, journal, signal }: StepContext,
  error: PortError,
): "done" | PortError | "without" {
  if (signal.aborted || journal.epoch() !== epoch) return "done";
  deps.log("warn", "no summary", { runId: journal.spec.runId, code: error.code, detail: error.message });
  if (error.kind === "permanent") {
    // A wrong key or model would fail the turn too, and says so there.
    if (error.code === "bad_request" || error.code === "not_found" || error.code === "no_summary")
      journal.commit({ events: [], facts: vendorCannotShorten }, epoch);
    return "without";
  }
  const { totalTurns, turnFailures } = journal.view();
  if (turnFailures < patience) return error;
  journal.commit({ events: [], facts: facts.summaryFromTurn.write(totalTurns + turnsWithout) }, epoch);
  return "without";
}

/** The saved changes of all lanes, with paths from the workspace's root. */
export function allWork({ journal }: StepContext): readonly TreeChange[] {
  return chosenLanes(journal.view()).flatMap((lane) =>
    journal.work(lane.id).map((change) => ({ ...change, path: rootPath(lane, change.path) })),
  );
}

function shorter(messages: readonly StoredMessage[], cleared: Cleared): readonly StoredMessage[] {
  return clear<StoredBlock>(messages, cleared, (block, content) => ({ ...block, content }));
}

function providerOf({ journal }: StepContext): "anthropic" | "openai" {
  return journal.view().created?.provider ?? "anthropic";
}
