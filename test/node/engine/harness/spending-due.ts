import type { RunStore } from "../../../../durable-objects/run/store.ts";

/** The spending effects in a run's own storage, as `stepAndSettle` takes them. */
export function spendingDue({ outbox }: RunStore): (() => void) | undefined {
  const ids = outbox.rows().flatMap(({ id, kind }) => (kind === "spending" ? [id] : []));
  return ids.length === 0 ? undefined : () => outbox.remove(ids);
}
