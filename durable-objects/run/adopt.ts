import { facts } from "../../worker/services/run/engine/facts.ts";
import type { SqliteJournal } from "./journal.ts";
import type { RunStore } from "./store.ts";

const factName = "outbox";

/** The facts of a new run, whose every effect is in the outbox from its first event on. */
export const outboxFacts = { [factName]: "1" } as const;

/**
 * Gives an object that was stored before there was an outbox the effects that are still due: its row in D1 when that is behind, and
 * its spending when that is open. Does nothing the second time.
 */
export function adoptOutbox(store: RunStore, journal: SqliteJournal, nowMs: number): void {
  if (!journal.isStarted() || journal.fact(factName) !== undefined) return;
  if (Number(journal.fact("projected_seq") ?? "0") < store.headSeq())
    store.outbox.add("0:projection", { kind: "projection", entity: "run", data: {} }, nowMs);
  if (facts.spendingOpen.read(journal) !== undefined)
    store.outbox.add("0:spending", { kind: "spending", entity: "run", data: {} }, nowMs);
  journal.commit({ events: [], facts: outboxFacts });
}
