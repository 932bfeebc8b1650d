import type { Stage } from "../../../../contracts/run.ts";
import { tokensAtMost } from "../../../../domain/budget/bound.ts";
import { cutUsage } from "../../../../domain/budget/cut-call.ts";
import { sha256Hex } from "../../../../domain/hash.ts";
import { requestText, wholeRequest } from "../../../../domain/run/request-text.ts";
import { PortError } from "../../../ports/errors.ts";
import type { LlmSpent } from "../../../ports/llm.ts";
import { bookedUsage, usageOf } from "./booked-usage.ts";
import type { StepContext } from "./deps.ts";
import { facts } from "./facts.ts";
import type { Asked } from "./steps/shorten.ts";

/** A model call whose answer does not count. */
export interface CutCall {
  readonly stage: Stage;
  readonly turn: number;
  readonly asked: Asked;
  readonly isCompaction: boolean;
  readonly startedAtMs: number;
  /** The reason, by an error's code. */
  readonly code: string;
  readonly spent: LlmSpent;
}

/** The answer of a call that is not used: none. */
const noAnswer = "[]";

/**
 * Books a model call that its vendor bills although nothing of it counts: with the counts that the vendor told, else with an estimate that is
 * marked as one. It is booked whatever became of the run meanwhile, so also after a cancel; a repeated call has another id and is a call
 * of its own.
 */
export function bookCutCall({ deps, journal }: StepContext, call: CutCall): void {
  const { asked, code, spent, stage, startedAtMs, turn } = call;
  const { isEstimate, usage } = cutUsage(spent.told, {
    isFinal: spent.isFinal,
    receivedBytes: spent.receivedBytes,
    promptTokensAtMost: tokensAtMost([asked.messages, asked.system, asked.tools]),
    maxOutputTokens: asked.maxOutputTokens,
  });
  const booked = bookedUsage(asked, usage);
  const latencyMs = Math.max(0, deps.nowMs() - startedAtMs);
  const request = requestText(call.isCompaction ? { ...asked, compact: true } : asked);
  journal.commit({
    events: [
      {
        type: "call.cut",
        data: {
          stage,
          turn,
          callId: asked.callId,
          code,
          isEstimate: isEstimate || booked.events.length > 0,
          usage: usageOf(booked.usage),
          costMicros: deps.costMicros(asked.model, booked.usage),
          latencyMs,
          requestHash: sha256Hex(wholeRequest(request)),
          answerHash: sha256Hex(noAnswer),
        },
      },
      ...booked.events,
    ],
    // A run that rests already has told its account that nothing is open.
    facts: facts.spendingOpen.write("yes"),
    modelCall: {
      callId: asked.callId,
      stage,
      turn,
      provider: asked.provider,
      model: asked.model,
      startedAtMs,
      latencyMs,
      request,
      answerJson: noAnswer,
      vendorRequestId: undefined,
    },
  });
}

/** The same for a call that ended with an error; does nothing where its vendor had not begun to answer. */
export function bookFailedCall(context: StepContext, call: Omit<CutCall, "code" | "spent">, error: unknown): void {
  if (!(error instanceof PortError) || error.spent === undefined) return;
  bookCutCall(context, { ...call, code: error.code, spent: error.spent });
}
