import { tokensAtMost } from "../../../../domain/budget/bound.ts";
import { lowNotice, refusalOf, waitNotice } from "../../../../domain/budget/month.ts";
import { parseStored } from "../../../../domain/parse-stored.ts";
import { isFinal } from "../../../../contracts/run.ts";
import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { BudgetState, RunSpending } from "../../../ports/budget.ts";
import { PortError } from "../../../ports/errors.ts";
import type { EngineDeps, StepContext, StepOutcome } from "./deps.ts";
import type { RunJournal } from "./journal.ts";
import { move } from "../../../../domain/run/move.ts";

/** While this fact stands, the project's account may hold a reservation of the run or miss a call of it. */
const openFact = "spending_open";
/** The attempt in which the run has said that it waits for the budget; the month and limit whose warning it has given. */
const waitFact = "spending_wait";
const warnedFact = "spending_warned";
/** The spending that the account recorded last, day by day: days that have not changed since are not sent again. */
const settledFact = "spending_settled";
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
 * step's outcome: to wait for other runs' calls, or to stop for a person. Throws a PortError when the database does not
 * answer: no call is made that is not reserved.
 */
export async function reserveCall(
  { deps, epoch, journal }: StepContext,
  call: CallToMake,
): Promise<"go" | StepOutcome> {
  if (journal.fact(openFact) === undefined) journal.commit({ events: [], facts: { [openFact]: "yes" } }, epoch);
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
  keepSettled(journal, spending, answer.admitted ? {} : { [openFact]: null });
  warn(journal, answer);
  if (answer.admitted) return "go";
  if (answer.month === undefined) return stop(journal, epoch, "The run's project is gone.");
  const refusal = refusalOf(answer.month, micros, call.model);
  if (refusal.kind === "stop") return stop(journal, epoch, refusal.cause);
  const { stage, stageAttempt } = journal.view();
  const attempt = `${stage}#${stageAttempt}`;
  if (journal.fact(waitFact) !== attempt) {
    const notice: NewRunEvent = { type: "notice", data: { level: "info", message: waitNotice(answer.month) } };
    journal.commit({ events: [notice], facts: { [waitFact]: attempt } }, epoch);
  }
  return { sleepUntilMs: deps.nowMs() + waitMs.least + Math.round(deps.random() * waitMs.more) };
}

/**
 * Charges the project's account with what the run has spent and takes the reservation back: the run's `spending` effect. Charged are
 * sums over the journal, so it may be repeated. Not to be called while a model call is under way: its reservation would be lost.
 * Throws whatever the database throws.
 */
export async function settleSpending(deps: Pick<EngineDeps, "budget" | "nowMs">, journal: RunJournal): Promise<void> {
  if (journal.fact(openFact) === undefined) return;
  const spending = spendingOf(deps, journal);
  warn(journal, await deps.budget.settle(spending));
  keepSettled(journal, spending, { [openFact]: null });
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
  const recorded: RunSpending["days"] = parseStored(journal.fact(settledFact) ?? "{}");
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

function keepSettled(journal: RunJournal, { days }: RunSpending, facts: Readonly<Record<string, null>> = {}): void {
  const recorded: RunSpending["days"] = parseStored(journal.fact(settledFact) ?? "{}");
  const isNew = Object.keys(days).length > 0;
  if (!isNew && Object.keys(facts).length === 0) return;
  journal.commit({
    events: [],
    facts: { ...facts, ...(isNew ? { [settledFact]: JSON.stringify({ ...recorded, ...days }) } : {}) },
  });
}

function warn(journal: RunJournal, { month, warns }: BudgetState): void {
  if (!warns || month === undefined || isFinal(journal.view().state)) return;
  const key = `${month.month} ${month.limitMicros}`;
  if (journal.fact(warnedFact) === key) return;
  const notice: NewRunEvent = { type: "notice", data: { level: "warning", message: lowNotice(month) } };
  journal.commit({ events: [notice], facts: { [warnedFact]: key } });
}

function stop(journal: RunJournal, epoch: number, cause: string): StepOutcome {
  journal.commit({ events: [move(journal.view(), "human_needed", cause).event] }, epoch);
  return "again";
}
