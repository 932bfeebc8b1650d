import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { organization } from "./tenancy.ts";

/** A tenant's link to one installation at a forge. Revoked ones stay, so that history keeps its
 * names; an installation has one live connector in the whole deployment. */
export const connector = sqliteTable(
  "connector",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    kind: text({ enum: ["github"] }).notNull(),
    installationId: text("installation_id").notNull(),
    accountLogin: text("account_login").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [
    uniqueIndex("connector_active_installation")
      .on(table.kind, table.installationId)
      .where(sql`revoked_at_ms is null`),
    index("connector_tenant").on(table.tenantId, table.id),
  ],
);

/** A repository that a connector can see. `removedAtMs` is set once it cannot any more. */
export const repository = sqliteTable(
  "repository",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    connectorId: integer("connector_id")
      .notNull()
      .references(() => connector.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    owner: text().notNull(),
    name: text().notNull(),
    defaultBranch: text("default_branch").notNull(),
    description: text(),
    isPrivate: integer("is_private", { mode: "boolean" }).notNull(),
    primaryLanguage: text("primary_language"),
    removedAtMs: integer("removed_at_ms"),
  },
  (table) => [
    uniqueIndex("repository_tenant_external").on(table.tenantId, table.externalId),
    index("repository_owner_name").on(table.owner, table.name),
    index("repository_connector").on(table.connectorId),
  ],
);
