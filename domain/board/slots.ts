import { isFinal, type RunState } from "../../contracts/run-names.ts";
import { isWaiting } from "../run/view.ts";

/** A slot that was taken for a ticket, until the run that fills it has a row. */
export interface SlotHold {
  readonly ticketId: number;
  /** The run that was started; null while that is not known. */
  readonly runId: number | null;
  /** When it was taken, in UTC milliseconds. */
  readonly atMs: number;
}

/** A run of the project, as its row has it. */
export interface SlotRun {
  readonly id: number;
  readonly ticketId: number | null;
  readonly state: RunState;
  /** Whether a rule of the project started it, and no person or key. */
  readonly isOfRule: boolean;
  readonly createdAtMs: number;
}

/** The facts that slots are counted by: all runs that have not ended, those that the holds name, and rules' runs as young as the holds. */
export interface SlotFacts {
  readonly holds: readonly SlotHold[];
  readonly runs: readonly SlotRun[];
}

/** A start that is not known to have happened after this time has failed, in ms. */
const startWithinMs = 300_000;

/**
 * Whether a run holds a slot. A rule's run does until it has ended, also while it waits for a person: if waiting gave the slot back, a night of
 * autopilot would end in as many unread changes as there were tickets, each on a base that the others are about to change. A run that a
 * person started does while it works; one that they left waiting must not stop the autopilot.
 */
export function holdsSlot({ isOfRule, state }: Pick<SlotRun, "isOfRule" | "state">): boolean {
  return !isFinal(state) && (isOfRule || !isWaiting(state));
}

/** The holds that still stand for a run without a row. */
export function openHolds({ holds, runs }: SlotFacts, nowMs: number): readonly SlotHold[] {
  return holds.filter(({ atMs, runId, ticketId }) => {
    if (runId !== null) return !runs.some(({ id }) => id === runId);
    if (nowMs - atMs >= startWithinMs) return false;
    return !runs.some((run) => run.isOfRule && run.ticketId === ticketId && run.createdAtMs >= atMs);
  });
}

/** The number of slots in use. */
export function slotsInUse(facts: SlotFacts, nowMs: number): number {
  return openHolds(facts, nowMs).length + facts.runs.filter(holdsSlot).length;
}

/** The tickets that have a run under way, or a slot for one. */
export function busyTickets(facts: SlotFacts, nowMs: number): ReadonlySet<number> {
  const runs = facts.runs.filter(({ state }) => !isFinal(state)).flatMap(({ ticketId }) => ticketId ?? []);
  return new Set([...runs, ...openHolds(facts, nowMs).map(({ ticketId }) => ticketId)]);
}

/** Whether a slot of `slots` can be taken for a ticket: `busy` when the ticket has a run, or a slot already. */
export function mayTakeSlot(
  facts: SlotFacts,
  ticketId: number,
  slots: number,
  nowMs: number,
): "taken" | "full" | "busy" {
  if (busyTickets(facts, nowMs).has(ticketId)) return "busy";
  return slotsInUse(facts, nowMs) < slots ? "taken" : "full";
}
