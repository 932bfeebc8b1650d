import type { Autopilot as AutopilotView } from "../../../contracts/autopilot.ts";
import {
  planAutopilot,
  type AutopilotFacts,
  type AutopilotPlan,
  type AutopilotTicket,
} from "../../../domain/board/autopilot.ts";
import type { StoredAutopilot } from "../../db/stores/autopilot.ts";
import { ServiceError } from "../../errors.ts";

/** A ticket as the board's writes are decided by it. */
export type LineTicket = Pick<AutopilotTicket, "id" | "stage" | "rank" | "version" | "blockedBy">;

/** The collaborators of a project's autopilot. */
export interface AutopilotDeps {
  /** The board's tickets that are not deleted; undefined without the project. */
  readonly tickets: () => Promise<readonly LineTicket[] | undefined>;
  /** The project, these tickets and their runs as D1 has them. Throws whatever the database throws. */
  readonly read: (ticketIds: readonly string[]) => Promise<StoredAutopilot | undefined>;
  readonly isBudgetSpent: () => Promise<boolean>;
  /** Starts a run on a ticket at a version, once for each version. Throws a ServiceError that says why not. */
  readonly start: (ticketId: string, version: number) => Promise<void>;
  /** Asks to be woken at this time, in UTC milliseconds; null: not at all. */
  readonly plan: (dueMs: number | null) => void;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
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
  /** Versions that were started, until D1 shows their runs. */
  readonly #started = new Map<string, number>();
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
      mode: facts.mode,
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
        this.#isOn = now?.facts.mode === "on";
        if (now === undefined || !this.#isOn) return this.#deps.plan(null);
        const [ticketId] = now.plan.start;
        if (ticketId !== undefined && (await this.#start(ticketId, now.facts))) this.#again = true;
        const isWaiting = now.plan.start.length > 0 || now.plan.waiting.some(({ wait }) => wait.reason !== "blocked");
        this.#deps.plan(this.#deps.nowMs() + (isWaiting ? lookAgainMs.waiting : lookAgainMs.quiet));
      }
    } catch (error) {
      this.#deps.log("warn", "the autopilot could not look at its line and tries again", { detail: String(error) });
      this.#deps.plan(this.#deps.nowMs() + lookAgainMs.waiting);
    }
  }

  /** Starts one ticket. False when the reason is one that passes, so that no other start is tried before the next wake. */
  async #start(ticketId: string, { tickets }: AutopilotFacts): Promise<boolean> {
    const version = tickets.find(({ id }) => id === ticketId)?.version ?? 1;
    try {
      await this.#deps.start(ticketId, version);
      this.#started.set(ticketId, version);
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError) || transient.includes(error.code)) throw error;
      this.#refusals.set(ticketId, { version, detail: error.message, atMs: this.#deps.nowMs() });
      return true;
    }
  }

  async #look(): Promise<{ readonly facts: AutopilotFacts; readonly plan: AutopilotPlan } | undefined> {
    const all = await this.#deps.tickets();
    const line = all?.filter(({ stage }) => stage === "todo") ?? [];
    const [stored, isBudgetSpent] = await Promise.all([
      this.#deps.read(line.map(({ id }) => id)),
      this.#deps.isBudgetSpent(),
    ]);
    if (all === undefined || stored === undefined) return undefined;
    const facts = this.#factsOf(line, stored, isBudgetSpent);
    return { facts, plan: planAutopilot(facts) };
  }

  #factsOf(line: readonly LineTicket[], stored: StoredAutopilot, isBudgetSpent: boolean): AutopilotFacts {
    const taken = new Map(stored.taken.map(({ ticketId, version }) => [String(ticketId), version]));
    const open = new Set(stored.open.map(({ ticketId }) => String(ticketId)));
    for (const [id, version] of this.#started) if ((taken.get(id) ?? 0) >= version) this.#started.delete(id);
    const atMs = this.#deps.nowMs();
    const refusalOf = ({ id, version }: LineTicket): string | null => {
      const refusal = this.#refusals.get(id);
      return refusal?.version === version && atMs - refusal.atMs < refusalLifeMs ? refusal.detail : null;
    };
    return {
      mode: stored.archivedAtMs === null ? stored.mode : "off",
      slots: stored.slots,
      // A run that was just started has no row yet.
      running: stored.open.length + this.#started.size,
      isBudgetSpent,
      tickets: stored.tickets.flatMap(({ id, priority, type }) => {
        const ticket = line.find((each) => each.id === String(id));
        if (ticket === undefined) return [];
        const isStarted = this.#started.has(ticket.id);
        return {
          ...ticket,
          type,
          priority,
          isWorkedOn: isStarted || open.has(ticket.id),
          takenVersion: this.#started.get(ticket.id) ?? taken.get(ticket.id) ?? null,
          refusal: refusalOf(ticket),
        };
      }),
    };
  }
}
