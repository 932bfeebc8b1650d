import {
  busyTickets,
  mayTakeSlot,
  openHolds,
  slotsInUse,
  type SlotFacts,
  type SlotHold,
  type SlotRun,
} from "../../domain/board/slots.ts";
import type { BoardPlace } from "../../worker/ports/board-host.ts";
import type { AutopilotSlots, SlotsNow } from "../../worker/services/board/autopilot.ts";

const schema = `
create table if not exists slot_hold (
  ticket_id integer primary key, run_id integer, at_ms integer not null
);
`;

/** The collaborators of a project's slots. */
interface BoardSlotsParts {
  /** The rows of the runs that have not ended, and of those that fill the holds. */
  readonly listSlotRuns: (place: BoardPlace, holds: readonly SlotHold[]) => Promise<readonly SlotRun[]>;
  readonly nowMs: () => number;
}

/**
 * The slots of a project's autopilot. A slot is held from when it is taken until the run's row is there, and by the row from then on: rows
 * follow their run, so that nothing has to be told of its end. The rules are in `domain/board/slots.ts`.
 */
export class BoardSlots implements AutopilotSlots {
  readonly #sql: SqlStorage;
  readonly #parts: BoardSlotsParts;
  /** Of two questions at once the second one sees the slot that the first one took. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(sql: SqlStorage, parts: BoardSlotsParts) {
    this.#sql = sql;
    this.#parts = parts;
    sql.exec(schema);
  }

  /** Takes one of so many slots for a ticket. Throws whatever the database throws, and then none was taken. */
  async take(place: BoardPlace, ticketId: number, slots: number): Promise<"taken" | "full" | "busy"> {
    const result = this.#queue.then(async () => {
      const facts = await this.#facts(place);
      const nowMs = this.#parts.nowMs();
      const open = openHolds(facts, nowMs);
      for (const hold of facts.holds) if (!open.includes(hold)) this.release(hold.ticketId);
      const answer = mayTakeSlot(facts, ticketId, slots, nowMs);
      if (answer === "taken") this.#sql.exec("insert into slot_hold values (?, null, ?)", ticketId, nowMs);
      return answer;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** The run that fills a ticket's slot. */
  fill(ticketId: number, runId: number): void {
    this.#sql.exec("update slot_hold set run_id = ? where ticket_id = ?", runId, ticketId);
  }

  /** Gives a ticket's slot back: no run was started. */
  release(ticketId: number): void {
    this.#sql.exec("delete from slot_hold where ticket_id = ?", ticketId);
  }

  /** The slots as they are now. Throws whatever the database throws. */
  async look(place: BoardPlace): Promise<SlotsNow> {
    const facts = await this.#facts(place);
    const nowMs = this.#parts.nowMs();
    const unfilled = openHolds(facts, nowMs).flatMap(({ runId, ticketId }) => (runId === null ? ticketId : []));
    return { inUse: slotsInUse(facts, nowMs), busyTickets: busyTickets(facts, nowMs), unfilled };
  }

  async #facts(place: BoardPlace): Promise<SlotFacts> {
    const asked = await this.#parts.listSlotRuns(place, this.#holds());
    // A slot that was filled meanwhile is one of the holds as they are now.
    return { holds: this.#holds(), runs: asked };
  }

  #holds(): readonly SlotHold[] {
    return this.#sql
      .exec<{ ticket_id: number; run_id: number | null; at_ms: number }>("select * from slot_hold")
      .toArray()
      .map((row) => ({ ticketId: row.ticket_id, runId: row.run_id, atMs: row.at_ms }));
  }
}
