import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { organization, user } from "./tenancy.ts";

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

/** The forge's last answer to a person about an installation: an installation reaches more than each of its people do. */
export const connectorVisibility = sqliteTable(
  "connector_visibility",
  {
    userId: integer("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    connectorId: integer("connector_id")
      .notNull()
      .references(() => connector.id, { onDelete: "cascade" }),
    /** UTC milliseconds of the last answer; null while there was none. */
    answeredAtMs: integer("answered_at_ms"),
    /** False when the forge said that the person can't see the installation: they see its public repositories alone. */
    reachesInstallation: integer("reaches_installation", { mode: "boolean" }).notNull().default(false),
    /** UTC milliseconds of the last question, answered or not. */
    askedAtMs: integer("asked_at_ms").notNull(),
    /** The code of the port's error when the last question got no answer. */
    problem: text(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.connectorId] }),
    index("connector_visibility_connector").on(table.connectorId),
  ],
);

/** The forge's ids of the repositories that a person sees through a connector, as of `connector_visibility.answered_at_ms`. */
export const repositoryVisibility = sqliteTable(
  "repository_visibility",
  {
    userId: integer("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    connectorId: integer("connector_id")
      .notNull()
      .references(() => connector.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.connectorId, table.externalId] }),
    index("repository_visibility_connector").on(table.connectorId),
  ],
);
