import { actorKinds } from "../../../contracts/actor.ts";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Every change with its actor and time. `tenantId` is null for what belongs to no tenant. `actorId` is the actor's number among those
 * of its kind, null for the product itself. Neither is a foreign key: the record outlives what it names.
 */
export const audit = sqliteTable(
  "audit",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id"),
    actorId: integer("actor_id"),
    actorKind: text("actor_kind", { enum: actorKinds }).notNull(),
    /** The actor's name for ever, such as `person:7` or `system:sweep`. */
    actorKey: text("actor_key").notNull().default(""),
    /** The session that a person acted through. */
    sessionId: integer("session_id"),
    /** `<noun>.<verb in the past>`, such as `project.created`. */
    action: text().notNull(),
    /** `<noun>:<id>`, such as `project:7`. */
    subject: text().notNull(),
    data: text({ mode: "json" }).$type<Readonly<Record<string, unknown>>>().notNull(),
    requestId: text("request_id").notNull(),
    atMs: integer("at_ms").notNull(),
    /** The effect of a run that made it, so that repeating the effect makes no second one; null for an entry of a batch. */
    effectKey: text("effect_key").unique(),
  },
  (table) => [
    index("audit_tenant").on(table.tenantId, table.id),
    index("audit_subject").on(table.tenantId, table.subject, table.id),
  ],
);
