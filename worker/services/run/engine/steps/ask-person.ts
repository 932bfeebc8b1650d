import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import { ToolError } from "../../tools/context.ts";
import { askPersonTool } from "../../tools/definitions/people.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../../../../../domain/run/move.ts";

interface Asking {
  readonly call: { readonly callId: string };
  readonly input: unknown;
  readonly close: (outcome: "ok" | "error", output: string) => StepOutcome;
}

/** Puts the question and the run into NEEDS_HUMAN; once the answer is there, hands it to the model as the call's result. */
export function askPerson(context: StepContext, stage: Stage, { call, close, input }: Asking): StepOutcome {
  const { epoch, journal } = context;
  const view = journal.view();
  if (view.question?.callId === call.callId && view.question.answer !== undefined)
    return close("ok", view.question.answer);
  try {
    const { question } = askPersonTool.parse(input);
    const asked: NewRunEvent = { type: "question.asked", data: { callId: call.callId, stage, question } };
    const next = move(
      applyEvent(view, { ...asked, atMs: context.deps.nowMs() }),
      "human_needed",
      "The agent asks a question.",
    );
    journal.commit({ events: [asked, next.event] }, epoch);
    return "again";
  } catch (error) {
    if (error instanceof ToolError) return close("error", error.message);
    throw error;
  }
}
