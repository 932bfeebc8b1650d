import type { BudgetPort } from "../../worker/ports/budget.ts";
import { Account } from "../fakes/account.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

/** The database's side of money: an account in a project with other runs, its faults, and what each call may rely on. */
export class FakeBudget {
  readonly account = new Account();
  readonly #world: World;
  /** The reservation of the call under way. */
  #held: { readonly callId: string; readonly micros: number } | undefined;

  constructor(world: World) {
    this.#world = world;
    if (!world.hasMoney) return;
    const { chance } = world;
    this.account.limitMicros = chance.pick([null, 3_000, 30_000, 300_000, 0]);
    this.account.othersSpent = chance.pick([0, 2_000, 25_000]);
  }

  /** The port as one process sees it. */
  port(process: Process): BudgetPort {
    return {
      reserve: async (call) =>
        this.#ask(process, "reserve", () => {
          this.#others();
          const answer = this.account.reserve(call);
          this.#world.coverage.see("money", answer.admitted ? "admitted" : "not admitted");
          this.#held = this.account.reservation;
          return answer;
        }),
      settle: async (spending) => this.#ask(process, "settle", () => this.account.settle(spending)),
    };
  }

  /** A model call begins: it is reserved, and what is spent and reserved leaves room. */
  mayCall(callId: string): void {
    const { limitMicros, reservation } = this.account;
    must(reservation?.callId === callId, "no-call-unreserved", () => `${callId}, reserved is ${reservation?.callId}`);
    if (limitMicros !== null)
      must(this.#held?.callId === callId, "no-call-unreserved", () => `${callId} was never let in`);
  }

  /** A call was answered: it costs no more than was reserved for it. */
  called(callId: string, cost: number | null): void {
    must(
      cost === null || this.#held === undefined || cost <= this.#held.micros,
      "reserves-enough",
      () => `${callId} costs ${cost}, reserved are ${this.#held?.micros}`,
    );
  }

  /** A person lifts the budget. */
  lift(): void {
    this.account.setLimit(null);
  }

  /** Other runs stop, and release their reservations. */
  calmDown(): void {
    this.account.othersReserved = 0;
  }

  /** Other runs of the project come and go. */
  #others(): void {
    const { chance, hasMoney, troubles } = this.#world;
    if (!hasMoney || troubles.model + troubles.forge + troubles.command === 0) return;
    if (chance.happens(0.15)) this.account.othersReserved = chance.pick([0, 20_000, 500_000]);
    if (chance.happens(0.05)) this.account.othersSpent += chance.int(3_000);
  }

  async #ask<T>(process: Process, what: string, work: () => T): Promise<T> {
    if (!this.#world.hasMoney) return work();
    await this.#world.moment(process, `before ${what}`);
    this.#fail("database down");
    const answer = work();
    await this.#world.moment(process, `after ${what}`);
    this.#fail(`database ${what} reply lost`);
    return answer;
  }

  #fail(name: string): void {
    const { chance, troubles } = this.#world;
    if (troubles.forge === 0 || !chance.happens(troubles.forge)) return;
    this.#world.fault(name);
    throw new Error("D1_ERROR: internal error");
  }
}
