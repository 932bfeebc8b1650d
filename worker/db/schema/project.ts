import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { deliveries, type RunLimits } from "../../../contracts/run.ts";
import type { SandboxSettings } from "../../../contracts/sandbox.ts";
import { repository } from "./connector.ts";
import { organization } from "./tenancy.ts";

/** A body of work. `nextTicketNumber` is the number that its next ticket takes. */
export const project = sqliteTable(
  "project",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    key: text().notNull(),
    name: text().notNull(),
    description: text().notNull().default(""),
    nextTicketNumber: integer("next_ticket_number").notNull().default(1),
    /** Shell command that runs the tests; null: found out from the repository. */
    testCommand: text("test_command"),
    createdAtMs: integer("created_at_ms").notNull(),
    /** The most that its runs may cost together in a UTC month, in millionths of a US dollar; null: no budget. */
    monthBudgetMicros: integer("month_budget_micros"),
    /** The delivery of the approved patch sets of a run over several repositories. */
    delivery: text({ enum: deliveries }).notNull().default("all_or_none"),
    /** Limits of runs that are started without limits of their own. */
    runLimits: text("run_limits", { mode: "json" }).$type<RunLimits>().notNull().default({}),
    /** The isolation of its runs; null: by the defaults of `sandboxSettingsSchema`, which also fill missing fields. */
    sandboxSettings: text("sandbox_settings", { mode: "json" }).$type<Partial<SandboxSettings>>(),
    /** Whether ready tickets are started without a person: `suggest` only shows which would be. */
    autopilot: text({ enum: ["off", "suggest", "on"] })
      .notNull()
      .default("off"),
    /** The most runs that the autopilot keeps under way at once. */
    autopilotSlots: integer("autopilot_slots").notNull().default(1),
    /** When it was archived, in UTC milliseconds; null: it was not. An archived project can be read and takes no writes. */
    archivedAtMs: integer("archived_at_ms"),
  },
  (table) => [uniqueIndex("project_tenant_key").on(table.tenantId, table.key)],
);

/** The repositories of a project, each with what it is to the project. */
export const projectRepository = sqliteTable(
  "project_repository",
  {
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    repositoryId: integer("repository_id")
      .notNull()
      .references(() => repository.id, { onDelete: "cascade" }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    /** `primary`: the one that is meant when none is named; `secondary`: the others. */
    role: text().notNull().default("primary"),
    /** Ids of repositories of the project that are written before this one, beside the dependencies of its packages. */
    dependsOn: text("depends_on", { mode: "json" }).$type<readonly number[]>().notNull().default([]),
    /** Shell command that runs its tests; null: the project's, or the one that is detected. */
    testCommand: text("test_command"),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.repositoryId] }),
    index("project_repository_repository").on(table.repositoryId),
    index("project_repository_tenant").on(table.tenantId, table.projectId),
  ],
);
