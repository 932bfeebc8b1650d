import { index, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { run } from "./run.ts";
import { session } from "./tenancy.ts";

/** Runs whose sockets a session has opened, so that signing out can close them. Rows go with their session. */
export const openSocket = sqliteTable(
  "open_socket",
  {
    sessionId: integer("session_id")
      .notNull()
      .references(() => session.id, { onDelete: "cascade" }),
    runId: integer("run_id")
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.sessionId, table.runId] }), index("open_socket_run").on(table.runId)],
);
