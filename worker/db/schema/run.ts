import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Actor } from "../../../contracts/actor.ts";
import type { RunEventData } from "../../../contracts/run-events.ts";
import { efforts, runModes, runStates, stages } from "../../../contracts/run.ts";
import { ticket } from "./board.ts";
import { repository } from "./connector.ts";
import { project } from "./project.ts";
import { organization, user } from "./tenancy.ts";

/** The parts of a run's start that have no column. Rows from before runs had several repositories lack the last three. */
export type RunOptions = Pick<RunEventData<"run.created">, "constraints" | "images"> &
  Partial<Pick<RunEventData<"run.created">, "choice" | "delivery">> & {
    /** Ids of the run's repositories, in the order in which they were named. */
    readonly repositoryIds?: readonly number[];
    /** The version of its ticket that it was started on. */
    readonly ticketVersion?: number;
  };

/** The read model of a run; its Durable Object holds the truth. Updates are guarded by `headSeq`, so they may repeat. */
export const run = sqliteTable(
  "run",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    projectId: integer("project_id")
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    ticketId: integer("ticket_id").references(() => ticket.id, { onDelete: "set null" }),
    repositoryId: integer("repository_id")
      .notNull()
      .references(() => repository.id, { onDelete: "cascade" }),
    baseBranch: text("base_branch").notNull(),
    baseCommit: text("base_commit"),
    title: text().notNull(),
    mode: text({ enum: runModes }).notNull(),
    state: text({ enum: runStates }).notNull(),
    stage: text({ enum: stages }),
    prompt: text().notNull(),
    provider: text({ enum: ["anthropic", "openai"] }).notNull(),
    model: text().notNull(),
    effort: text({ enum: efforts }),
    /** The person who started it; null when another actor did. */
    startedBy: integer("started_by").references(() => user.id),
    /** The actor that started it, when it was no person. */
    startedByActor: text("started_by_actor", { mode: "json" }).$type<Actor>(),
    idempotencyKey: text("idempotency_key"),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    finishedAtMs: integer("finished_at_ms"),
    cause: text(),
    prNumber: integer("pr_number"),
    prUrl: text("pr_url"),
    prBranch: text("pr_branch"),
    prCommit: text("pr_commit"),
    prState: text("pr_state", { enum: ["open", "closed", "merged"] }),
    /** Whether the run has ended and a pull request of its is open, so that it is asked for from time to time. */
    hasOpenPulls: integer("has_open_pulls", { mode: "boolean" }).notNull().default(false),
    /** When the sweep lets it look at its pull requests next. No event has it. */
    pullsDueAtMs: integer("pulls_due_at_ms").notNull().default(0),
    /** Millionths of a US dollar; null once a call's price was not known. */
    costMicros: integer("cost_micros").default(0),
    inputTokens: integer("input_tokens").notNull().default(0),
    outputTokens: integer("output_tokens").notNull().default(0),
    /** The lanes as the API shows them, as JSON; null until the run's object has written them. */
    lanes: text(),
    headSeq: integer("head_seq").notNull().default(0),
    /** The texts of agent and people in it, for the full-text index that the migrations make over title, prompt and this. */
    searchText: text("search_text").notNull().default(""),
    /** The parts of its start that have no column. */
    options: text({ mode: "json" }).$type<RunOptions>(),
    limitCostMicros: integer("limit_cost_micros"),
    limitWallTimeMs: integer("limit_wall_time_ms"),
    limitStageTurns: integer("limit_stage_turns"),
    limitStageWallTimeMs: integer("limit_stage_wall_time_ms"),
    /** When its Durable Object took it; null until then, so a sweep finds what was never started. */
    dispatchedAtMs: integer("dispatched_at_ms"),
  },
  (table) => [
    uniqueIndex("run_tenant_idempotency").on(table.tenantId, table.idempotencyKey),
    index("run_tenant").on(table.tenantId, table.id),
    index("run_project").on(table.tenantId, table.projectId, table.id),
    index("run_state").on(table.tenantId, table.state, table.id),
    index("run_ticket").on(table.ticketId, table.id),
    index("run_unfinished")
      .on(table.updatedAtMs)
      .where(sql`finished_at_ms is null`),
    index("run_open_pulls")
      .on(table.pullsDueAtMs)
      .where(sql`has_open_pulls = 1`),
    index("run_branch").on(table.repositoryId, table.prBranch),
  ],
);

/**
 * The numbers that runs have taken: a run's id. A number is taken before the run exists anywhere, so that its object can be told
 * first; it is never given twice, and a client's key keeps its number.
 */
export const runNumber = sqliteTable(
  "run_number",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer("tenant_id")
      .notNull()
      .references(() => organization.id, { onDelete: "cascade" }),
    idempotencyKey: text("idempotency_key"),
    takenAtMs: integer("taken_at_ms").notNull(),
  },
  (table) => [uniqueIndex("run_number_key").on(table.tenantId, table.idempotencyKey)],
);
