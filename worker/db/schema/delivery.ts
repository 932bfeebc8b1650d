import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** A webhook as it came, kept until it is handled. `dead`: given up after its last attempt, replayable. */
export const webhookDelivery = sqliteTable(
  "webhook_delivery",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    source: text({ enum: ["github"] }).notNull(),
    deliveryId: text("delivery_id").notNull(),
    event: text().notNull(),
    payload: text().notNull(),
    receivedAtMs: integer("received_at_ms").notNull(),
    status: text({ enum: ["pending", "done", "dead"] }).notNull(),
    attempts: integer().notNull().default(0),
    error: text(),
    nextAttemptAtMs: integer("next_attempt_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("webhook_delivery_source_id").on(table.source, table.deliveryId),
    index("webhook_delivery_due").on(table.status, table.nextAttemptAtMs),
  ],
);
