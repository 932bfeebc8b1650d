import { sql, type SQL } from "drizzle-orm";
import type { ServiceContext } from "../../context.ts";
import type { Database } from "../client.ts";
import { audit } from "../schema/index.ts";

/** One change, for the audit log. `subject` may be an expression, for a row that the same batch makes. */
export interface AuditEntry {
  readonly action: string;
  readonly subject: string | SQL;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Who did it, as the audit log keeps it. */
export type AuditActor = Pick<ServiceContext, "tenantId" | "requestId"> & {
  readonly user: { readonly id: number };
  readonly atMs: number;
};

/**
 * The audit row of a change by a person, to be committed in the same batch.
 *
 * @param guard a condition without which no row is written; `changes() = 1` right after a statement that may miss
 */
export function recordAudit(db: Database, actor: AuditActor, entry: AuditEntry, guard: SQL = sql`true`) {
  const subject = typeof entry.subject === "string" ? sql`${entry.subject}` : entry.subject;
  return db.insert(audit).select(
    sql`select null, ${actor.tenantId}, ${actor.user.id}, 'user', ${entry.action}, ${subject},
      ${JSON.stringify(entry.data ?? {})}, ${actor.requestId}, ${actor.atMs} where ${guard}`,
  );
}
