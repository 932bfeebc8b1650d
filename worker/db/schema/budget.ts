import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { project } from "./project.ts";
import { runNumber } from "./run.ts";
import { organization, user } from "./tenancy.ts";

/** The spending of a project's runs in a UTC month, as the sum of its days: kept, so that asking before every call reads one row. */
export const budgetMonth = sqliteTable(
  "budget_month",
  {
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** `2026-11`. */
    month: text().notNull(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    spentMicros: integer("spent_micros").notNull(),
    /** Calls whose cost is not known, and how many of those somebody left out by setting the budget anew. */
    unpricedCalls: integer("unpriced_calls").notNull(),
    unpricedAccepted: integer("unpriced_accepted").notNull(),
    /** The run that warns of the low budget; null until four fifths are spent, and again when the budget is set. */
    warnedRunId: integer("warned_run_id"),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.month] })],
);

/** The spending of one run on one UTC day: sums that only grow, so that a run may report them again. */
export const budgetDay = sqliteTable(
  "budget_day",
  {
    runId: integer("run_id")
      .notNull()
      .references(() => runNumber.id, { onDelete: "cascade" }),
    /** `2026-11-05`. */
    day: text().notNull(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    spentMicros: integer("spent_micros").notNull(),
    unpricedCalls: integer("unpriced_calls").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.day] }),
    index("budget_day_tenant").on(table.tenantId, table.day),
  ],
);

/** The most that a run's call under way may cost. A run makes one call at a time, so it has one row at most. */
export const budgetReservation = sqliteTable(
  "budget_reservation",
  {
    runId: integer("run_id").primaryKey(),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    callId: text("call_id").notNull(),
    micros: integer().notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [index("budget_reservation_project").on(table.projectId, table.atMs)],
);

/** The entries in which a tenant's list of models differs from the product's: switched off, the default, or added by hand. */
export const tenantModel = sqliteTable(
  "tenant_model",
  {
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    modelId: text("model_id").notNull(),
    provider: text({ enum: ["anthropic", "openai"] }).notNull(),
    name: text().notNull(),
    enabled: integer({ mode: "boolean" }).notNull(),
    isDefault: integer("is_default", { mode: "boolean" }).notNull(),
    updatedBy: integer("updated_by").references(() => user.id, { onDelete: "set null" }),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.modelId] })],
);
