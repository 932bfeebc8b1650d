import type { RunDeps } from "../../worker/compose.ts";
import { settleSpending } from "../../worker/services/run/engine/spending.ts";
import type { SqliteJournal } from "./journal.ts";
import type { EffectHandlers } from "./outbox.ts";
import type { Projector } from "./projector.ts";

/** The handlers of a run's effects: those of its own row and money, and those that only write outside. */
export function createEffectHandlers(
  { effects, engine }: RunDeps,
  journal: SqliteJournal,
  projector: Projector,
): EffectHandlers {
  return {
    projection: async () => {
      await projector.write();
      await effects.showInLists(journal.spec);
    },
    spending: async () => settleSpending(engine, journal),
    audit: async (entry, key) => effects.recordAudit(journal.spec, key, entry),
    ticket_move: async (move, key) => effects.moveTicket(journal.spec, key, move),
    ticket_run: async (shown) => effects.showRun(journal.spec, shown),
    notice: async (notice, key) => effects.notify(journal.spec, key, notice),
    wake_parent: async ({ runId }) => effects.wakeRun(Number(runId)),
  };
}
