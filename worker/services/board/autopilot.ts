import { startsRuns } from "../../../contracts/autopilot-names.ts";
import type { Autopilot as AutopilotView } from "../../../contracts/autopilot.ts";
import {
  planAutopilot,
  type AutopilotFacts,
  type AutopilotPlan,
  type AutopilotTicket,
} from "../../../domain/board/autopilot.ts";
import type { StoredAutopilot } from "../../db/stores/autopilot.ts";
import { ServiceError } from "../../errors.ts";
import type { BoardPlace } from "../../ports/board-host.ts";

/** A ticket as the board's writes are decided by it. */
export type LineTicket = Pick<AutopilotTicket, "id" | "stage" | "rank" | "version" | "blockedBy">;

/** A project's slots as they are now. */
export interface SlotsNow {
  readonly inUse: number;
  /** The ids of tickets that have a run under way, or a slot for one. */
  readonly busyTickets: ReadonlySet<number>;
  /** The ids of tickets that have a slot, while it is not known whether their run was started. */
  readonly unfilled: readonly number[];
}

/** The slots of a project's runs: see `domain/board/slots.ts`. */
export interface AutopilotSlots {
  look(place: BoardPlace): Promise<SlotsNow>;
  /** Takes one of so many slots for a ticket, before a run is started on it; `fill` or `release` follows. */
  take(place: BoardPlace, ticketId: number, slots: number): Promise<"taken" | "full" | "busy">;
  fill(ticketId: number, runId: number): void;
  release(ticketId: number): void;
}

/** The collaborators of a project's autopilot. */
export interface AutopilotDeps {
  /** Undefined until the object knows its project. */
  readonly place: () => BoardPlace | undefined;
  readonly slots: AutopilotSlots;
  /** The board's tickets that are not deleted; undefined without the project. */
  readonly tickets: () => Promise<readonly LineTicket[] | undefined>;
  /** The project, these tickets and their runs as D1 has them. Throws whatever the database throws. */
  readonly read: (place: BoardPlace, ticketIds: readonly string[]) => Promise<StoredAutopilot | undefined>;
  readonly isBudgetSpent: (place: BoardPlace) => Promise<boolean>;
  /** Starts a run on a ticket at a version, once for each version, and returns its id. Throws a ServiceError that says why not. */
  readonly start: (place: BoardPlace, ticketId: string, version: number) => Promise<string>;
  /** Asks to be woken at this time, in UTC milliseconds; null: not at all. */
  readonly plan: (dueMs: number | null) => void;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A project's line at one moment. */
interface Look extends Pick<SlotsNow, "unfilled"> {
  readonly place: BoardPlace;
  readonly facts: AutopilotFacts;
  readonly plan: AutopilotPlan;
}

/** Changes of the board and ends of runs wake an autopilot; these waits heal what was missed, in ms. */
const lookAgainMs = { waiting: 60_000, quiet: 10 * 60_000 };
/** A refusal is tried again after this time, since its reason may lie outside the board, such as a model's key. */
const refusalLifeMs = 10 * 60_000;
const transient: readonly string[] = ["unavailable", "rate_limited", "internal"];

/**
 * Starts a project's ready tickets, one after the other, as far as slots and budget allow. It belongs to the project's one board object;
 * a start is keyed by ticket and version besides, so that a second object could not start the same ticket again.
 */
export class Autopilot {
  readonly #deps: AutopilotDeps;
  #isOn: boolean;
  readonly #refusals = new Map<string, { readonly version: number; readonly detail: string; readonly atMs: number }>();
  #work: Promise<void> | undefined;
  #again = false;

  /** @param isOn whether it was on when an earlier process planned its next look */
  constructor(deps: AutopilotDeps, isOn: boolean) {
    this.#deps = deps;
    this.#isOn = isOn;
  }

  /** Something happened that may let a ticket start. Costs nothing while the autopilot is off. */
  wake(): Promise<void> {
    if (!this.#isOn) return Promise.resolve();
    this.#again = true;
    this.#work ??= this.#startAll().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  /** Its settings were changed: refusals are forgotten, so that everything is tried again. */
  async settingsChanged(): Promise<void> {
    this.#isOn = true;
    this.#refusals.clear();
    await this.wake();
  }

  /** The line as it is now; undefined without the project. Throws whatever the database throws. */
  async view(): Promise<AutopilotView | undefined> {
    const now = await this.#look();
    if (now === undefined) return undefined;
    const { facts, plan } = now;
    return {
      level: facts.level,
      slots: facts.slots,
      running: facts.running,
      isBudgetSpent: facts.isBudgetSpent,
      next: [...plan.next],
      waiting: [...plan.waiting],
    };
  }

  async #startAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        const now = await this.#look();
        this.#isOn = now !== undefined && startsRuns[now.facts.level];
        if (now === undefined || !this.#isOn) return this.#deps.plan(null);
        const [unfilled] = now.unfilled;
        const [ticketId] = now.plan.start;
        if (unfilled !== undefined) await this.#fill(now.place, unfilled, now.facts);
        else if (ticketId !== undefined) await this.#start(now.place, Number(ticketId), now.facts);
        this.#again ||= unfilled !== undefined || ticketId !== undefined;
        const isWaiting = now.plan.start.length > 0 || now.plan.waiting.some(({ wait }) => wait.reason !== "blocked");
        this.#deps.plan(this.#deps.nowMs() + (isWaiting ? lookAgainMs.waiting : lookAgainMs.quiet));
      }
    } catch (error) {
      this.#deps.log("warn", "the autopilot could not look at its line and tries again", { detail: String(error) });
      this.#deps.plan(this.#deps.nowMs() + lookAgainMs.waiting);
    }
  }

  /** Takes a slot for a ticket and starts it. */
  async #start(place: BoardPlace, ticketId: number, facts: AutopilotFacts): Promise<void> {
    // A run that a person starts at the same moment may have the ticket or the last slot: the next look sees it.
    if ((await this.#deps.slots.take(place, ticketId, facts.slots)) === "taken")
      await this.#fill(place, ticketId, facts);
  }

  /**
   * Starts the run of a ticket that has a slot. Where the answer is lost the slot is kept, and the next look starts it again: the same ticket
   * at the same version is answered with the run that there is.
   */
  async #fill(place: BoardPlace, ticketId: number, { tickets }: AutopilotFacts): Promise<void> {
    const { slots } = this.#deps;
    const ticket = tickets.find(({ id }) => Number(id) === ticketId);
    if (ticket === undefined) return slots.release(ticketId);
    try {
      slots.fill(ticketId, Number(await this.#deps.start(place, ticket.id, ticket.version)));
    } catch (error) {
      if (!(error instanceof ServiceError) || transient.includes(error.code)) throw error;
      slots.release(ticketId);
      this.#refusals.set(ticket.id, { version: ticket.version, detail: error.message, atMs: this.#deps.nowMs() });
    }
  }

  async #look(): Promise<Look | undefined> {
    const place = this.#deps.place();
    const all = await this.#deps.tickets();
    if (place === undefined || all === undefined) return undefined;
    const line = all.filter(({ stage }) => stage === "todo");
    const ids = line.map(({ id }) => id);
    const [stored, isBudgetSpent, slots] = await Promise.all([
      this.#deps.read(place, ids),
      this.#deps.isBudgetSpent(place),
      this.#deps.slots.look(place),
    ]);
    if (stored === undefined) return undefined;
    const facts = this.#factsOf(line, stored, isBudgetSpent, slots);
    return { place, facts, plan: planAutopilot(facts), unfilled: slots.unfilled };
  }

  #factsOf(
    line: readonly LineTicket[],
    stored: StoredAutopilot,
    isBudgetSpent: boolean,
    { busyTickets, inUse }: SlotsNow,
  ): AutopilotFacts {
    const taken = new Map(stored.taken.map(({ ticketId, version }) => [String(ticketId), version]));
    const atMs = this.#deps.nowMs();
    const refusalOf = ({ id, version }: LineTicket): string | null => {
      const refusal = this.#refusals.get(id);
      return refusal?.version === version && atMs - refusal.atMs < refusalLifeMs ? refusal.detail : null;
    };
    return {
      level: stored.archivedAtMs === null ? stored.level : "off",
      slots: stored.slots,
      running: inUse,
      isBudgetSpent,
      tickets: stored.tickets.flatMap(({ id, priority, type }) => {
        const ticket = line.find((each) => each.id === String(id));
        if (ticket === undefined) return [];
        return {
          ...ticket,
          type,
          priority,
          isWorkedOn: busyTickets.has(id),
          takenVersion: taken.get(ticket.id) ?? null,
          refusal: refusalOf(ticket),
        };
      }),
    };
  }
}
