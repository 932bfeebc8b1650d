import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { RunMode, Stage } from "../../../../../contracts/run.ts";
import { cutAnswerMessage, outputLimit } from "../../../../../domain/budget/output-limit.ts";
import {
  steerMessage,
  systemPrompt,
  useToolsMessage,
  windDownMessage,
} from "../../../../../domain/instruction/prompts.ts";
import type { RunView } from "../../../../../domain/run/fold.ts";
import { unansweredCalls } from "../../../../../domain/run/conversation.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import { nearsBudget, nextStep, type Step } from "../../../../../domain/run/next.ts";
import type { LlmBlock, LlmPort, LlmRequest, LlmTurn } from "../../../../ports/llm.ts";
import { endingTool, shownTools } from "../../tools/registry.ts";
import { allowedTools } from "../constraints.ts";
import { bookCutCall, bookFailedCall } from "../cut-call.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { loadImages, withImages } from "../images.ts";
import type { StoredBlock, StoredMessage } from "../journal.ts";
import { move } from "../../../../../domain/run/move.ts";
import { notRun } from "../not-run.ts";
import { reserveCall } from "../spending.ts";
import { keepAnswer } from "./keep-answer.ts";
import { repaired } from "./repair-conversation.ts";
import { type Asked, sentConversation, shortenConversation } from "./shorten.ts";
import { llmOf, turnFailed } from "./turn-failed.ts";

/** Most tool calls of one turn that are run; further ones are refused with a message. */
export const maxToolCallsPerTurn = 40;

type TurnStep = Extract<Step, { kind: "turn" }>;

/** The conversation that a stage's attempt speaks in. An author keeps one over all attempts; a review of it starts fresh. */
export function conversationOf(stage: Stage, mode: RunMode, attempt: number): string {
  return stage === "reviewer" && modes[mode].author !== stage ? `${stage}#${attempt}` : stage;
}

/**
 * One model call: reserved in the project's budget and journaled before, streamed to the watchers, journaled after. Nothing of a failed
 * call counts but its cost.
 */
export async function turn(context: StepContext, step: TurnStep): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const before = journal.view();
  const { created, mode, stage, stageAttempt } = before;
  if (created === undefined || stage === undefined) throw new Error("a turn needs a stage");
  const llm = await llmOf(context, created.provider);
  if (typeof llm === "string") {
    journal.commit({ events: [move(journal.view(), "human_needed", llm).event] }, epoch);
    return "again";
  }
  const name = conversationOf(stage, mode, stageAttempt);
  const callIdOf = (call: string) => `run-${journal.spec.runId}:${stage}:${stageAttempt}:${step.turn}:${call}`;
  const system = systemPrompt(before.prompts[`${stage}#${stageAttempt}`] ?? before.prompts[`${stage}#1`] ?? []);
  const tools = shownTools(stage, mode, allowedTools(before), deps.extraTools);
  const maxOutputTokens = outputLimit(created.model, stage, before.cutTurns);
  // One reservation serves the call for a summary or the turn's own: after a summary the next step is looked for anew.
  const admitted = await reserveCall(context, {
    callId: callIdOf(`${step.attempt}`),
    model: created.model,
    parts: [
      sentConversation(context, name).messages,
      system,
      tools,
      before.queue,
      useToolsMessage,
      windDownMessage(0, ""),
    ],
    maxOutputTokens,
  });
  if (admitted !== "go") return admitted;
  const images = created.images.length === 0 ? undefined : await loadImages(context, name);
  if (!isStill(context, step, before)) return "again";
  const at = { stage, turn: step.turn, attempt: step.attempt };
  const askFor = (messages: readonly StoredMessage[], call: string): Asked => ({
    provider: created.provider,
    model: created.model,
    ...(created.effort === null ? {} : { effort: created.effort }),
    system,
    messages,
    tools,
    maxOutputTokens,
    callId: callIdOf(call),
  });
  const send = senderOf(context, at, images);
  const shortened = await shortenConversation(context, {
    conversation: name,
    stage,
    turn: step.turn,
    llm,
    send,
    ask: (messages) => askFor(messages, `${step.attempt}.${before.turnFailures}:compact`),
  });
  if (shortened === "done") return "again";
  if (shortened !== undefined) return turnFailed(context, at, shortened);
  if (!isStill(context, step, before)) return "again";
  const told = openTurn(context, step, { conversation: name, stage, model: created.model });
  return askModel(context, { name, at, llm, askFor, send, told });
}

/** The request of a call as the vendor's adapter takes it: with its images, and with live text for the watchers. */
function senderOf(
  { journal, signal }: StepContext,
  { stage, turn: number }: Talk["at"],
  images: Awaited<ReturnType<typeof loadImages>> | undefined,
): Talk["send"] {
  return (asked) => ({
    ...asked,
    messages: withImages(asked.messages, images),
    signal,
    onDelta: (delta) => {
      if (delta.type !== "tool_use_start")
        journal.stream({ t: "delta", stage, turn: number, kind: delta.type, text: delta.text });
    },
  });
}

/** A conversation that is ready for its next answer. */
interface Talk {
  readonly name: string;
  readonly at: { readonly stage: Stage; readonly turn: number; readonly attempt: number };
  readonly llm: LlmPort;
  /** The request with these messages, under the name of its call. */
  readonly askFor: (messages: readonly StoredMessage[], call: string) => Asked;
  readonly send: (asked: Asked) => LlmRequest;
  /** The conversation as it was before the turn. */
  readonly told: readonly StoredMessage[];
}

/** Calls the model and journals its answer, or the failure with its cost. */
async function askModel(context: StepContext, { askFor, at, llm, name, send, told }: Talk): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const place = { stage: at.stage, turn: at.turn };
  const sent = sentConversation(context, name);
  const asked: Asked = { ...askFor(sent.messages, `${at.attempt}`), ...sent };
  const startedAtMs = deps.nowMs();
  const call = { ...place, asked, isCompaction: false, startedAtMs };
  let answer: LlmTurn;
  try {
    answer = await llm.complete(send(asked));
  } catch (error) {
    bookFailedCall(context, call, error);
    if (context.signal.aborted || journal.epoch() !== epoch) return "again";
    return turnFailed(context, at, repaired(context, name, sent, error));
  }
  if (journal.epoch() !== epoch) {
    // The run moved on while the answer was under way: nothing of it counts but its cost.
    bookCutCall(context, { ...call, code: "aborted", spent: { told: answer.usage, isFinal: true, receivedBytes: 0 } });
    return "again";
  }
  // The clock may have been set back meanwhile.
  const latencyMs = Math.max(0, deps.nowMs() - startedAtMs);
  keepAnswer(context, { conversation: name, told, ...place, asked, answer, startedAtMs, latencyMs });
  return "again";
}

/** Journals the beginning of a turn with everything that the model is told before it. Answers the conversation as it was before. */
function openTurn(
  { deps, epoch, journal }: StepContext,
  step: TurnStep,
  { conversation, model, stage }: { readonly conversation: string; readonly model: string; readonly stage: Stage },
): readonly StoredMessage[] {
  const view = journal.view();
  const { queue } = view;
  const told = journal.conversation(conversation);
  const open = unansweredCalls<StoredBlock>(told);
  // Vendors refuse a conversation in which the model spoke last.
  const isIdle = told.at(-1)?.role === "assistant" && open.length === 0;
  const next = nextStep(view, deps.nowMs());
  // Said once for a turn, at whichever of its attempts the limit came to be near.
  const ending =
    next.kind === "turn" && next.windDown !== undefined
      ? `${stage}#${view.stageAttempt} ${step.turn}: ${next.windDown}`
      : undefined;
  const isNew = ending !== undefined && facts.windDown.read(journal) !== ending;
  const prompts = [
    ...ownWords(journal, {
      isIdle,
      limitTokens: outputLimit(model, stage, Math.max(0, view.cutTurns - 1)),
      windDown: next.kind === "turn" && isNew ? next.windDown : undefined,
    }),
    ...queue.map(({ by, text }) => steerMessage(by.name, text)),
  ];
  // Calls that were left open are answered for good, so that the next requests repeat these very bytes.
  const blocks: readonly LlmBlock[] = [
    ...open.map(notRun),
    ...(prompts.length > 0 ? [{ type: "text" as const, text: prompts.join("\n\n") }] : []),
  ];
  const delivered = queue.map(({ messageId }): NewRunEvent => ({
    type: "message.delivered",
    data: { messageId, stage, turn: step.turn },
  }));
  const warning: readonly NewRunEvent[] =
    nearsBudget(view) && !view.budgetWarned
      ? [
          {
            type: "budget.warned",
            data: { spentMicros: view.costMicros ?? 0, limitMicros: view.limits.costMicros ?? 0 },
          },
        ]
      : [];
  journal.commit(
    {
      events: [
        ...delivered,
        ...warning,
        { type: "turn.started", data: { stage, turn: step.turn, attempt: step.attempt, model } },
      ],
      ...(ending === undefined ? {} : { facts: facts.windDown.write(ending) }),
      ...(blocks.length > 0 ? { messages: [{ conversation, message: { role: "user", blocks } }] } : {}),
    },
    epoch,
  );
  return told;
}

/** The words that the engine itself has for the model before a turn. */
function ownWords(
  journal: StepContext["journal"],
  { isIdle, limitTokens, windDown }: { isIdle: boolean; limitTokens: number; windDown: number | undefined },
): readonly string[] {
  const view = journal.view();
  const { mode, stage } = view;
  if (stage === undefined) return [];
  const last = isIdle ? journal.conversation(conversationOf(stage, mode, view.stageAttempt)).at(-1) : undefined;
  const saidText = last?.blocks.some((block) => block.type === "text" && block.text.trim() !== "") === true;
  const goOn = view.cutTurns > 0 ? cutAnswerMessage(limitTokens, saidText) : useToolsMessage;
  return [
    ...(isIdle ? [goOn] : []),
    ...(windDown === undefined ? [] : [windDownMessage(windDown, endingTool(stage, mode))]),
  ];
}

/**
 * Whether the turn is still the next step: messages and limits may have come, and time has passed, while other sides were
 * asked. New messages are looked at, so that the reservation fits what is sent.
 */
function isStill({ deps, journal }: StepContext, step: TurnStep, before: RunView): boolean {
  const view = journal.view();
  const now = nextStep(view, deps.nowMs());
  return now.kind === "turn" && now.attempt === step.attempt && view.queue === before.queue;
}
