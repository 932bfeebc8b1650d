import { ticketPriorities, type TicketStage } from "../../contracts/project.ts";
import { startsRuns, type AutopilotLevel } from "../../contracts/autopilot-names.ts";
import type { AutopilotWait } from "../../contracts/autopilot.ts";

/** A ticket as the autopilot looks at it. */
export interface AutopilotTicket {
  readonly id: string;
  readonly type: "epic" | "story" | "task" | "bug";
  /** The stage of the column that it is in. */
  readonly stage: TicketStage;
  readonly priority: (typeof ticketPriorities)[number];
  /** Orders the tickets of a column, compared by code unit. */
  readonly rank: string;
  /** Grows with each edit. */
  readonly version: number;
  /** Tickets that are not done and that it depends on. */
  readonly blockedBy: readonly string[];
  /** Whether a run is under way on it. */
  readonly isWorkedOn: boolean;
  /** The version at which a run last took it; null: none ever did. */
  readonly takenVersion: number | null;
  /** Why it could not be started when that was tried last at this version; null: it was not tried, or is tried again. */
  readonly refusal: string | null;
}

/** A project as the autopilot looks at it. */
export interface AutopilotFacts {
  readonly level: AutopilotLevel;
  /** The most runs that may be under way at once. */
  readonly slots: number;
  /** Slots in use: see `holdsSlot`. */
  readonly running: number;
  /** Whether the month's budget admits no more calls. */
  readonly isBudgetSpent: boolean;
  readonly tickets: readonly AutopilotTicket[];
}

/** The order of the line, and why each ticket in it waits. */
export interface AutopilotPlan {
  /** Tickets to start now, in order; empty unless the level is `on`. */
  readonly start: readonly string[];
  /** Tickets that would be next, in order, as far as slots are free: those that `start` names, also in other levels. */
  readonly next: readonly string[];
  /** Every other ticket of the stage `todo`, in the order of the line. */
  readonly waiting: readonly { readonly ticketId: string; readonly wait: AutopilotWait }[];
}

/**
 * Decides which tickets are started now, and why each other one waits. In the line are the stories, tasks and bugs of the stage `todo`:
 * a person has planned them. They go by priority, then by their place in the column. A ticket is started once at each version, so that
 * one whose run failed waits until somebody has changed it or starts it.
 */
export function planAutopilot(facts: AutopilotFacts): AutopilotPlan {
  const line = facts.tickets.filter(({ stage, type }) => stage === "todo" && type !== "epic").toSorted(byLine);
  let free = Math.max(0, facts.slots - facts.running);
  const next: string[] = [];
  const waiting: { ticketId: string; wait: AutopilotWait }[] = [];
  for (const ticket of line) {
    const own = ownWait(ticket);
    if (own === undefined && !facts.isBudgetSpent && free > 0) {
      free -= 1;
      next.push(ticket.id);
      continue;
    }
    const shared: AutopilotWait = facts.isBudgetSpent
      ? { reason: "budget_spent" }
      : { reason: "no_free_slot", slots: facts.slots };
    waiting.push({ ticketId: ticket.id, wait: own ?? shared });
  }
  return { start: startsRuns[facts.level] ? next : [], next, waiting };
}

/** Why a ticket waits for reasons of its own; undefined when it could be started. */
function ownWait({
  blockedBy,
  isWorkedOn,
  refusal,
  takenVersion,
  version,
}: AutopilotTicket): AutopilotWait | undefined {
  if (isWorkedOn) return { reason: "worked_on" };
  if (blockedBy.length > 0) return { reason: "blocked", blockedBy: [...blockedBy] };
  if (takenVersion !== null && takenVersion >= version) return { reason: "needs_change" };
  if (refusal !== null) return { reason: "refused", detail: refusal };
  return undefined;
}

function byLine(a: AutopilotTicket, b: AutopilotTicket): number {
  const priority = ticketPriorities.indexOf(a.priority) - ticketPriorities.indexOf(b.priority);
  if (priority !== 0) return priority;
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  return Number(a.id) - Number(b.id);
}
