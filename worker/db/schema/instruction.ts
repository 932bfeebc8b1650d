import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { organization } from "./tenancy.ts";

/** The instruction of a tenant, a project or a repository to its agents. `scopeId` is the project's or repository's id, 0 for the tenant. */
export const instruction = sqliteTable(
  "instruction",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    scope: text({ enum: ["tenant", "project", "repository"] }).notNull(),
    scopeId: integer("scope_id").notNull(),
    text: text().notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("instruction_scope").on(table.tenantId, table.scope, table.scopeId),
    index("instruction_tenant").on(table.tenantId),
  ],
);
