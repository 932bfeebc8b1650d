import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Who changed what and when. `tenantId` is null for what belongs to no tenant, `actorId` for what no person did. Neither
 * is a foreign key: the record outlives what it names.
 */
export const audit = sqliteTable(
  "audit",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id"),
    actorId: integer("actor_id"),
    actorKind: text("actor_kind", { enum: ["user", "system"] }).notNull(),
    /** `<noun>.<verb in the past>`, such as `project.created`. */
    action: text().notNull(),
    /** `<noun>:<id>`, such as `project:7`. */
    subject: text().notNull(),
    data: text({ mode: "json" }).$type<Readonly<Record<string, unknown>>>().notNull(),
    requestId: text("request_id").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [index("audit_tenant").on(table.tenantId, table.id)],
);
