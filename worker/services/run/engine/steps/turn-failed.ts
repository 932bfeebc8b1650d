import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { retryBaseMs, retryDelayMs } from "../../../../../domain/run/backoff.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { LlmPort, LlmProvider } from "../../../../ports/llm.ts";
import { cleanText } from "../clean-text.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../../../../../domain/run/move.ts";

/** The model's port, or what a person has to do before there is one. */
export async function llmOf({ deps, journal }: StepContext, provider: LlmProvider): Promise<LlmPort | string> {
  const [agent, setting] = provider === "anthropic" ? ["Claude", "ANTHROPIC_API_KEY"] : ["Codex", "OPENAI_API_KEY"];
  try {
    const llm = await deps.llm(provider, journal.spec.tenantId);
    return (
      llm ??
      `There is no key for ${agent}: an admin sets the tenant's own under Settings, Models, or the deployment's is added (${setting}). Then resume.`
    );
  } catch (error) {
    if (!(error instanceof PortError) || error.port !== "vault") throw error;
    deps.log("error", "provider key does not open", { runId: journal.spec.runId, code: error.code });
    return `The tenant's key for ${agent} can't be opened any more. An admin sets it again under Settings, Models; then resume.`;
  }
}

/**
 * Records a model call that failed. A transient fault is tried again after a wait that grows, or as long as the provider says; a
 * permanent one asks a person.
 */
export function turnFailed(
  context: StepContext,
  at: { readonly stage: Stage; readonly turn: number; readonly attempt: number },
  error: unknown,
): StepOutcome {
  const { deps, epoch, journal } = context;
  const fault = error instanceof PortError ? error : new PortError("llm", "transient", "server_error", String(error));
  const base = fault.code === "overloaded" || fault.code === "rate_limited" ? retryBaseMs.overload : retryBaseMs.other;
  const retryAtMs =
    fault.kind === "transient"
      ? deps.nowMs() + retryDelayMs(journal.view().turnFailures, deps.random(), fault.retryAfterMs, base)
      : null;
  const event: NewRunEvent = {
    type: "turn.failed",
    data: { ...at, code: fault.code, message: modelFault(fault), retryAtMs },
  };
  deps.log("warn", "model call failed", {
    runId: journal.spec.runId,
    code: fault.code,
    status: fault.status,
    detail: fault.message,
  });
  journal.commit({ events: [event] }, epoch);
  if (retryAtMs === null) {
    journal.commit(
      { events: [move(journal.view(), "human_needed", `${modelFault(fault)} Fix it, then resume.`).event] },
      epoch,
    );
    return "again";
  }
  return { sleepUntilMs: retryAtMs };
}

function modelFault(fault: PortError): string {
  const known: Readonly<Record<string, string>> = {
    rate_limited: "The model's provider limits our rate; waiting.",
    overloaded: "The model's provider is overloaded; waiting.",
    answer_too_large: "The model's answer was too long to be taken; nothing of it was used.",
    timeout: "The model did not answer in time.",
    stream_cut: "The model's answer broke off; nothing of it was used.",
    unauthorized: "The model's provider refused the key.",
    not_found: "The provider does not know this model.",
    context_too_long: "The conversation is longer than the model can read.",
    bad_request: "The provider refused the request.",
    refused: `The provider refuses this request by its policy: ${cleanText(fault.message).slice(0, 2_000).toWellFormed()}`,
    stale_thinking: "The provider does not take the model's earlier thinking back.",
  };
  return known[fault.code] ?? "The model's provider failed.";
}
