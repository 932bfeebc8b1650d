import { and, eq, lte, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { webhookDelivery } from "../schema/index.ts";

/** Attempts before a delivery is given up and kept as a dead letter. */
export const maxDeliveryAttempts = 8;

/** Keeps a delivery once; a doubled one changes nothing. Answers its row's id, or undefined when it was known. */
export async function keepDelivery(
  db: Database,
  delivery: {
    readonly deliveryId: string;
    readonly event: string;
    readonly payload: string;
    readonly receivedAtMs: number;
  },
): Promise<number | undefined> {
  const rows = await db
    .insert(webhookDelivery)
    .values({ ...delivery, source: "github", status: "pending", nextAttemptAtMs: delivery.receivedAtMs })
    .onConflictDoNothing()
    .returning({ id: webhookDelivery.id });
  return rows[0]?.id;
}

/** A delivery that still has to be handled. */
export async function findPendingDelivery(db: Database, id: number) {
  const rows = await db
    .select()
    .from(webhookDelivery)
    .where(and(eq(webhookDelivery.id, id), eq(webhookDelivery.status, "pending")))
    .limit(1);
  return rows[0];
}

/** Deliveries whose next attempt is due, oldest first. */
export function listDueDeliveries(db: Database, nowMs: number, limit: number) {
  return db
    .select({ id: webhookDelivery.id })
    .from(webhookDelivery)
    .where(and(eq(webhookDelivery.status, "pending"), lte(webhookDelivery.nextAttemptAtMs, nowMs)))
    .orderBy(webhookDelivery.nextAttemptAtMs)
    .limit(limit);
}

/** Marks a delivery as handled. */
export async function closeDelivery(db: Database, id: number): Promise<void> {
  await db.update(webhookDelivery).set({ status: "done", error: null }).where(eq(webhookDelivery.id, id));
}

/** Plans the next attempt after a failure, or gives the delivery up. `error` never holds a secret: it is a code. */
export async function failDelivery(db: Database, id: number, error: string, nextAttemptAtMs: number): Promise<void> {
  await db
    .update(webhookDelivery)
    .set({
      attempts: sql`${webhookDelivery.attempts} + 1`,
      error,
      nextAttemptAtMs,
      status: sql`case when ${webhookDelivery.attempts} + 1 >= ${maxDeliveryAttempts} then 'dead' else 'pending' end`,
    })
    .where(eq(webhookDelivery.id, id));
}
