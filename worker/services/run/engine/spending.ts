import { tokensAtMost } from "../../../../domain/budget/bound.ts";
import { lowNotice, refusalOf, waitNotice } from "../../../../domain/budget/month.ts";
import { isFinal } from "../../../../contracts/run.ts";
import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { BudgetState, RunSpending } from "../../../ports/budget.ts";
import { PortError } from "../../../ports/errors.ts";
import type { EngineDeps, StepContext, StepOutcome } from "./deps.ts";
import { facts } from "./facts.ts";
import type { RunJournal } from "./journal.ts";
import { move } from "../../../../domain/run/move.ts";

const waitMs = { least: 2_000, more: 3_000 };

/** A model call before it is made: `parts` is everything that is sent. */
export interface CallToMake {
  readonly callId: string;
  readonly model: string;
  readonly parts: readonly unknown[];
  readonly maxOutputTokens: number;
}

/**
 * Reserves a call's cost in the project's budget, after recording what the run has spent. `go`: the call may be made. Else the
 * step's outcome: to wait for other runs' calls, or to stop for a person. Throws a PortError when the project's object
 * does not answer: no call is made that is not reserved.
 */
export async function reserveCall(
  { deps, epoch, journal }: StepContext,
  call: CallToMake,
): Promise<"go" | StepOutcome> {
  if (facts.spendingOpen.read(journal) === undefined)
    journal.commit({ events: [], facts: facts.spendingOpen.write("yes") }, epoch);
  const micros = mostMicros(deps, call);
  const spending = spendingOf(deps, journal);
  let answer: Awaited<ReturnType<EngineDeps["budget"]["reserve"]>>;
  try {
    answer = await deps.budget.reserve({ ...spending, callId: call.callId, micros });
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError("database", "transient", "database_failed", String(error), { cause: error });
  }
  // A call that was not admitted holds no reservation.
  keepSettled(journal, spending, answer.admitted ? {} : facts.spendingOpen.write(null));
  warn(journal, answer);
  if (answer.admitted) return "go";
  if (answer.month === undefined) return stop(journal, epoch, "The run's project is gone.");
  const refusal = refusalOf(answer.month, micros, call.model);
  if (refusal.kind === "stop") return stop(journal, epoch, refusal.cause);
  const { stage, stageAttempt } = journal.view();
  const attempt = `${stage}#${stageAttempt}`;
  if (facts.spendingWait.read(journal) !== attempt) {
    const notice: NewRunEvent = { type: "notice", data: { level: "info", message: waitNotice(answer.month) } };
    journal.commit({ events: [notice], facts: facts.spendingWait.write(attempt) }, epoch);
  }
  return { sleepUntilMs: deps.nowMs() + waitMs.least + Math.round(deps.random() * waitMs.more) };
}

/**
 * Charges the project's account with what the run has spent and takes the reservation back: the run's `spending` effect. Charged are
 * sums over the journal, so it may be repeated. Not to be called while a model call is under way: its reservation would be lost.
 * Throws whatever the project's object throws.
 */
export async function settleSpending(deps: Pick<EngineDeps, "budget" | "nowMs">, journal: RunJournal): Promise<void> {
  if (facts.spendingOpen.read(journal) === undefined) return;
  const spending = spendingOf(deps, journal);
  warn(journal, await deps.budget.settle(spending));
  keepSettled(journal, spending, facts.spendingOpen.write(null));
}

/** The most that a call can cost, in millionths of a dollar: all of it written to the cache, and the longest answer. */
function mostMicros({ costMicros }: EngineDeps, { maxOutputTokens, model, parts }: CallToMake): number | null {
  return costMicros(model, {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: tokensAtMost(parts),
    outputTokens: maxOutputTokens,
  });
}

function spendingOf(deps: Pick<EngineDeps, "nowMs">, journal: RunJournal): RunSpending {
  const { spec } = journal;
  const now = journal.view();
  const recorded = facts.spendingSettled.read(journal) ?? {};
  const unrecorded = Object.entries(now.spendByDay).filter(
    ([day, spend]) => spend.micros !== recorded[day]?.micros || spend.unpricedCalls !== recorded[day]?.unpricedCalls,
  );
  return {
    tenantId: spec.tenantId,
    projectId: Number(spec.projectId),
    runId: Number(spec.runId),
    days: Object.fromEntries(unrecorded),
    atMs: deps.nowMs(),
    canWarn: !isFinal(now.state),
  };
}

function keepSettled(
  journal: RunJournal,
  { days }: RunSpending,
  others: Readonly<Record<string, string | null>> = {},
): void {
  const recorded = facts.spendingSettled.read(journal) ?? {};
  const isNew = Object.keys(days).length > 0;
  if (!isNew && Object.keys(others).length === 0) return;
  journal.commit({
    events: [],
    facts: { ...others, ...(isNew ? facts.spendingSettled.write({ ...recorded, ...days }) : {}) },
  });
}

function warn(journal: RunJournal, { month, warns }: BudgetState): void {
  if (!warns || month === undefined || isFinal(journal.view().state)) return;
  const key = `${month.month} ${month.limitMicros}`;
  if (facts.spendingWarned.read(journal) === key) return;
  const notice: NewRunEvent = { type: "notice", data: { level: "warning", message: lowNotice(month) } };
  journal.commit({ events: [notice], facts: facts.spendingWarned.write(key) });
}

function stop(journal: RunJournal, epoch: number, cause: string): StepOutcome {
  journal.commit({ events: [move(journal.view(), "human_needed", cause).event] }, epoch);
  return "again";
}
