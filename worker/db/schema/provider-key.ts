import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organization, user } from "./tenancy.ts";

/** A tenant's own key of a model provider, sealed by the vault for this row. */
export const providerKey = sqliteTable(
  "provider_key",
  {
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    provider: text({ enum: ["anthropic", "openai"] }).notNull(),
    sealed: text().notNull(),
    lastFour: text("last_four").notNull(),
    setBy: integer("set_by")
      .notNull()
      .references(() => user.id),
    setAtMs: integer("set_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.provider] })],
);
