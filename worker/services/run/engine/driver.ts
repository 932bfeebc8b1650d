import { retryDelayMs } from "../../../../domain/run/backoff.ts";
import { leftAtForge } from "../../../../domain/run/cancelling.ts";
import { closingLane } from "../../../../domain/run/closing.ts";
import { nextStep, type Step } from "../../../../domain/run/next.ts";
import { PortError } from "../../../ports/errors.ts";
import type { EngineDeps, StepContext, StepOutcome } from "./deps.ts";
import { StaleStep, type RunJournal } from "./journal.ts";
import { facts } from "./facts.ts";
import { accessAdvice } from "./forge-advice.ts";
import { move } from "../../../../domain/run/move.ts";
import { isResting, releaseSandboxes } from "./sandboxes.ts";
import { beginStage } from "./steps/begin-stage.ts";
import { checkCi, watchCi } from "./steps/ci.ts";
import { closePull, deleteLeftBranch } from "./steps/close-pull.ts";
import { createTickets } from "./steps/create-tickets.ts";
import { endCancelled } from "./steps/end-cancelled.ts";
import { resolveLateBases } from "./steps/late-lanes.ts";
import { postReview } from "./steps/post-review.ts";
import { propose } from "./steps/propose.ts";
import { start } from "./steps/start.ts";
import { test } from "./steps/test.ts";
import { tool } from "./steps/tool.ts";
import { turn } from "./steps/turn.ts";
import { endDelivery, write } from "./steps/write.ts";

/** Steps that are done without a repository's base. */
const needsNoBase: ReadonlySet<Step["kind"]> = new Set([
  "start",
  "end_cancelled",
  "close_pull_request",
  "delete_branch",
]);

/** Failures in a row of one step before a person is asked. */
const maxStepFailures = 8;

/**
 * Does the one next step of a run. Returns `idle` when the run waits for a person, or else when to take the next step.
 * Never throws: an error becomes a retry, a question to a person, or the run's recorded failure.
 */
export async function driveOnce(
  deps: EngineDeps,
  journal: RunJournal,
  signal: AbortSignal,
): Promise<StepOutcome | "idle"> {
  const view = journal.view();
  if (isResting(view) && closingLane(view) === undefined) return releaseSandboxes(deps, journal);
  const step = nextStep(view, deps.nowMs());
  if (step.kind === "wait") return step.untilMs === undefined ? "idle" : { sleepUntilMs: step.untilMs };
  const context: StepContext = { deps, journal, signal, epoch: journal.epoch() };
  try {
    if (!needsNoBase.has(step.kind)) await resolveLateBases(context);
    const outcome = await perform(context, step);
    if (facts.stepFailures.read(journal) !== undefined)
      journal.commit({ events: [], facts: facts.stepFailures.write(null) });
    return outcome;
  } catch (error) {
    if (error instanceof StaleStep || signal.aborted || journal.epoch() !== context.epoch) return "again";
    return stepFailed(context, step, error);
  }
}

function perform(context: StepContext, step: Exclude<Step, { kind: "wait" }>): Promise<StepOutcome> | StepOutcome {
  switch (step.kind) {
    case "start":
      return start(context);
    case "begin_stage":
      return beginStage(context);
    case "turn":
      return turn(context, step);
    case "tool":
      return tool(context, step);
    case "test":
      return test(context);
    case "propose":
      return propose(context);
    case "write":
      return write(context, step);
    case "end_delivery":
      return endDelivery(context);
    case "end_cancelled":
      return endCancelled(context);
    case "close_pull_request":
      return closePull(context, step.repositoryId);
    case "delete_branch":
      return deleteLeftBranch(context, step.repositoryId);
    case "create_tickets":
      return createTickets(context);
    case "post_review":
      return postReview(context);
    case "watch_ci":
      return watchCi(context);
    case "check_ci":
      return checkCi(context);
    case "give_up":
      context.journal.commit(
        { events: [move(context.journal.view(), "human_needed", step.reason).event] },
        context.epoch,
      );
      return "again";
  }
}

function stepFailed({ deps, epoch, journal }: StepContext, step: Step, error: unknown): StepOutcome {
  const fields = {
    runId: journal.spec.runId,
    step: step.kind,
    detail: error instanceof Error ? error.message : String(error),
  };
  const end = (trigger: "human_needed" | "failed", cause: string): StepOutcome => {
    journal.commit(
      { events: [move(journal.view(), trigger, cause).event], facts: facts.stepFailures.write(null) },
      epoch,
    );
    return "again";
  };
  if (!(error instanceof PortError)) {
    deps.log("error", "step failed", { ...fields, stack: error instanceof Error ? error.stack : undefined });
    const said = "Something inside Assembly Lime failed; the operator's log has it under this run's number.";
    return end("failed", `${said}${leftAtForge(journal.view())}`);
  }
  deps.log("warn", "port failed", { ...fields, port: error.port, code: error.code, status: error.status });
  if (error.kind === "permanent") {
    const advice = accessAdvice(error.code, "the repository");
    return end("human_needed", advice ?? `${portName[error.port]} refused (${error.code}). Fix it, then resume.`);
  }
  const failures = (facts.stepFailures.read(journal) ?? 0) + 1;
  if (failures >= maxStepFailures)
    return end(
      "human_needed",
      error.code === "host_full"
        ? `The sandbox host had no room for another sandbox, ${failures} times in a row. The work is kept. Resume when other runs have ended, or let the operator raise the host's limit.`
        : `${portName[error.port]} could not be reached (${error.code}), ${failures} times in a row. Resume tries again.`,
    );
  journal.commit({ events: [], facts: facts.stepFailures.write(failures) }, epoch);
  return { sleepUntilMs: deps.nowMs() + retryDelayMs(failures - 1, deps.random(), error.retryAfterMs) };
}

const portName: Readonly<Record<PortError["port"], string>> = {
  llm: "The model's provider",
  sandbox: "The sandbox host",
  forge: "The forge",
  tracker: "The tracker",
  vault: "The vault",
  database: "The database",
  blobs: "The object store",
};
